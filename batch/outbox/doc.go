// Package outbox tells others what happened to batches: at least once, from the ledger.
//
// The audit log is the outbox. A fact is an act about a batch, and is there before anybody is
// told; that it was told is an act as well. A process that is killed between the two leaves a
// fact that nobody was told of, and the next one tells it: none is lost, and one may be told
// twice, under the same id.
//
// Several processes over one ledger share the work. Before one tells a fact, it takes it, which
// is an act too; of several that take it at once, the first in the log has it, until its time
// is over. So each fact is told once, unless a process ends in between or is very slow.
//
// What nobody takes in is tried again for three days, with growing waits, and then waits for a
// person. Nothing here holds up a payment: it only reads, and records a few lines.
package outbox
