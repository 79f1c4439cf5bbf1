// Package reconcile holds a batch's file, the ledger and the provider against each
// other. The provider's side is its answers to look-ups and its list of transfers, or a
// statement that its dashboard exported.
//
// What the provider has settled is recorded; nothing else is mended, and nothing is sent.
// What contradicts a final state is kept beside it as a difference, for a person to
// answer.
//
// The package knows neither terminals nor files: a statement comes as rows that were
// read already.
package reconcile
