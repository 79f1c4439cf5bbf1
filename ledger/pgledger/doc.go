// Package pgledger keeps a ledger in a PostgreSQL database, which several machines share.
//
// # Durability
//
// Every write is one transaction: it is in the database, with the events and index entries
// that belong to it, or not at all. Settings under which a commit that was answered may be
// lost are refused. A commit whose answer was lost is resolved: once the server says that
// the transaction is over, the hash of its last event tells whether it is in. If nobody can
// tell, the store stops with ledger.ErrStopped, as every store does.
//
// A server that is away, or restarts, costs time: what certainly was not written is tried
// again until Options.OutageMax is over. One that answers, and is at work on a transaction, is
// waited for without a limit, unless the transaction waits for a lock.
//
// # Order
//
// The row of table ledger has the end of the chain of heads. Whoever writes events locks it,
// after the payouts that it changes and before anything else, so that the chain has one
// order and nobody waits in a circle. Claims skip payouts that are locked: another worker is
// claiming them.
//
// # Workers
//
// A payout that is under way carries the epoch of the worker that holds it. The worker is at
// work for as long as it has a lease, in the database's time, or a session with the server,
// to which an advisory lock is bound: a process that is gone loses both, one that is frozen
// keeps its lock, one whose network is gone keeps its lease for some seconds. Only when both
// are gone, or a person evicted it, may others take its payouts over; whatever it does then
// is lost, but for what it heard.
//
// # Layout
//
// See schema/, a file for each version. Migrate brings a database to the latest.
package pgledger
