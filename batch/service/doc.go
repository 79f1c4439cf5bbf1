// Package service is payrun's use cases: everything that a person or a program can have
// done with a file, a batch and an account, whoever asks for it. The command line is one
// of its callers; a server and a benchmark are others.
//
// A Service is made of what it needs, see Config. Its methods return typed results and
// tell of progress through functions that the caller gives. They print nothing, know no
// exit codes and ask nobody: a use case that moves money comes in two steps, one that
// says what would be sent and one that does it, so that the caller can put the question
// in between. Whoever asks for an act is its Actor, which the ledger keeps.
//
// The package decides when a batch may be paid and with whose leave. How a payout gets to
// its end is the business of package engine, what a file says that of package intake.
package service
