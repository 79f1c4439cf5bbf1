// Package worker pays, for as long as a process runs, what people released: the batches
// that are paying, one after the other, the oldest first.
//
// It releases nothing itself, and serves no batch in another state. What ended early for a
// reason that time may mend is taken up again later; what only a person can mend is held
// until somebody releases the batch again. After a restart the ledger tells what is left.
//
// Whoever changes a batch otherwise than by bringing rows in, by withdrawing some for
// one, does it in between: see Worker.Between.
package worker
