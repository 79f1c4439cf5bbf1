// Package serving has the commands of the server: serve itself, and the tokens with which
// programs call it.
//
// They listen, and wire what they find: calls are answered in internal/httpapi, and what is
// released is paid by batch/worker.
package serving
