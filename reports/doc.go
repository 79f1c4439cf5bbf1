// Package reports writes what became of a batch: as CSV and XLSX for people who
// calculate, as JSON for programs, as one HTML page for the person who signs.
//
// Every figure comes from the ledger, in which the provider's word is kept. All
// formats are written in one pass over the batch, so they cannot disagree, and
// the totals must add up, in count and in amount, in all and for each operator:
//
//	file = successful + failed + open + cancelled + rejected
//
// A report that does not add up is not written; that is a defect, not a result.
// Files appear whole or not at all, readable by their owner alone, because they
// hold names and numbers in full.
//
// The package reads a ledger and knows nothing of files of beneficiaries,
// providers or terminals.
package reports
