// Package batch turns a file of beneficiaries into a batch in the ledger, and
// has it paid.
//
// A file is read twice. The first pass, Inspect, checks every row and compares
// it with the ledger, and writes nothing. The second, Enrol, happens only if the
// first one allows it, reads the same bytes again and makes the payouts
// durable. What follows, Pay, needs the ledger alone, so that an interrupted
// batch can be finished without its file.
//
// The package knows neither terminals nor report formats.
package batch
