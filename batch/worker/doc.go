// Package worker pays what people released: the batches that are paying, as long as a process
// runs or until nothing is left to do.
//
// It pays one batch at a time, so that one rate, one bound on requests and one judgement of the
// account hold for all of them, and batches take turns: while another one waits, a batch is
// paid for a while and drained gently, and the one that waited longest is next. A small batch
// waits for one turn of a large one, not for its end.
//
// It serves no batch in another state. What ended early for a
// reason that time may mend is taken up again later; what only a person can mend is held
// until somebody releases the batch again, here or elsewhere. After a restart the ledger tells
// what is left.
//
// Whoever changes a batch otherwise than by bringing rows in, by withdrawing some for
// one, does it in between: see Worker.Between.
package worker
