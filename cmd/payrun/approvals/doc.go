// Package approvals has the commands by which people say who may sign, by which policy,
// and what they decide about a batch. They open the ledger alone, and ask no provider.
//
// As every command they parse, call and print: whether a signature counts, and what follows
// from it, is the service's to say.
package approvals
