// Package boltledger keeps a ledger in one bbolt file.
//
// # Durability
//
// Every write is one bbolt transaction, so it is on disk, with the index entries
// and audit events that belong to it, or it is not there at all. A transaction
// whose commit fails may still have reached the disk: the store then refuses
// every further write with ledger.ErrStopped, and only opening the file again
// tells. A new ledger is made under another name and linked into place, so that
// a half-made one is never found.
//
// # Layout
//
// All integers are big-endian, so that keys sort as numbers do.
//
//	meta          "format" → "payrun-ledger 7", the one value without a checksum
//	              "identity" → JSON of ledger.Identity
//	              "head"   → number of events (8 bytes), hash of the last (32)
//	              "checkpoint" → the same of an earlier moment, see Check
//	batches       batch id → batch, see codecbatch.go
//	payouts       one bucket a batch: position (4) → record, see codec.go, for the payouts
//	              that the batch brought in
//	members       one bucket a batch: position (4) → row (4), for a payout that the batch's
//	              file has in another row now than when it entered, 0 for none; and with
//	              its transaction id behind, for one that another batch had brought in
//	ids           one bucket a sorted run, see runs.go, of entries
//	              transaction id → position (4), batch id
//	open          one bucket a batch: position (4) → intent (8), event (8),
//	              transaction id, for the payouts that the batch brought in and
//	              that are not final
//	adopted       one bucket a batch: transaction id → position (4), for the
//	              payouts that another batch had brought in first
//	noted         one bucket a batch: position (4) → transaction id, for the payouts that
//	              the batch brought in and that failed or are disputed
//	counts        batch id → how many payouts it brought in, and what they come to, by
//	              operator and state, see counts.go
//	rejected      one bucket a batch: position (4) → row, see codecbatch.go
//	references    derived reference → transaction id
//	fingerprints  one bucket a sorted run, see runs.go, of entries
//	              number, 0, currency, 0, amount (8), transaction id → unix seconds (8)
//	events        sequence (8) → event, see codec.go, followed by the number (8) of the event
//	              before it about the same payout, and the hash (32) of its line of the
//	              chain of heads
//	acts          length of the batch id (2), batch id, sequence (8) → nothing, for the
//	              events that move no payout
//	chains        0, batch id → number of lines (8) of the batch's chain, hash of the
//	              last (32); the ledger's own chain is that of no batch
//	checked       the same of the moment of the checkpoint
//
// Behind each value but the format's stand eight bytes more: the XXH64 of the
// bucket's name, the key and the value. It is compared at every read, so that a
// flipped bit, or a page that belongs elsewhere, is damage and never a number to pay.
// What was written to its place and lost leaves an old value with a right checksum;
// records and open payouts carry the number of the event that wrote them for that,
// which Check holds against the log before anything is paid.
//
// An intent is written into the index of open payouts alone, as unix nanoseconds:
// a payout whose record says queued and that has one there is submitting. The
// index is in file order, so the commit that must come before a request touches a
// few pages that lie together, wherever the ids fall.
//
// The lines that are hashed, and how they are chained, are the same in every store: see
// ledger.Linker. Here an event is kept in fewer bytes, from which its lines are made
// again. Whoever holds an old head can prove later that nothing before it was changed. Somebody who can write to the file and
// recomputes the whole chain is not noticed by the file alone: reports carry the
// head for that reason.
//
// # Pages
//
// bbolt trusts the pages that it reads. A trail runs ahead of it through every bucket and
// checks each page that it will come to, see trail.go; all of a table's reading and writing
// goes through a transaction for that reason. Which pages are free is believed because
// whoever wrote it sealed it, see guard.go.
//
// # Reading
//
// Iterators read a page of payouts per transaction, because bbolt cannot grow
// its memory map while a transaction of the same goroutine is open.
package boltledger
