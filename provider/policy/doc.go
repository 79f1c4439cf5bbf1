// Package policy decides when the next request to a provider may go: a Limiter
// spaces requests and gives way when the provider says "too fast", Shared does so
// for several machines together, and a Breaker holds them back while it is silent.
//
// Limiter and Breaker are plain values that are told of each answer and take the time as an
// argument. They know requests and answers, not what a request is about, and no
// ledger.
package policy
