// Package repolint holds the rules of this repository that no compiler checks, as
// ordinary tests over its own source: which package may import which, how long
// a file or a function may grow, where goroutines may start.
//
// The linter (see .golangci.yml) lives in a module of its own; `go test ./...` has to be
// enough to notice these. Each rule's exceptions are
// data at the top of its file. The package exports nothing and is imported by
// nobody.
package repolint
