// Package session opens what a command works with: the ledger under its lock and its
// anchors, the provider or its simulator, and what measures a run.
//
// It finds things by the settings, refuses what cannot be trusted, and tells the person
// what it found. What is done with them is the service's.
package session
