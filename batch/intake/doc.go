// Package intake turns a file of beneficiaries into a batch in the ledger.
//
// A file is read twice. The first pass, Inspect, checks every row and compares it with
// the ledger, and writes nothing. The second, Enrol, happens only if the first one allows
// it, reads the same bytes again and makes the payouts durable. The package also names
// batches after their files and gives ids to rows that lack them.
//
// It knows neither terminals nor providers.
package intake
