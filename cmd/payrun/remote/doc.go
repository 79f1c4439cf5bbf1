// Package remote does what a command does over a ledger by asking a running server, which
// holds the ledger.
//
// What it asks for it turns into the types of package service, so that the commands print and
// end as they do at the ledger itself. What the server decides by itself, such as the pace and
// the account, is not asked of the person.
package remote
