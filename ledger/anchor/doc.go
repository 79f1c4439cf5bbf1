// Package anchor keeps, outside a ledger, where that ledger's audit log stood when
// money last moved: how many events it had and the hash of the last one. A ledger
// whose log does not contain what its anchor names is not the newest one: it is a
// copy, a backup, or another file that took its place.
//
// There is one small file for each ledger, named by the ledger's identity, in a
// folder that no ledger lies in. It is advanced after the intents of a window are
// durable and before the first of them is sent (durability.md), so every copy of the
// ledger made before that is known as older. The file also names the account, the
// path and the machine, which tells of a second ledger for the same account.
//
// A person who may write to the folder can change what it says: an anchor finds
// mistakes and old copies, not forgers. A snapshot of ledger and anchor together
// cannot be told from the present.
//
// The package knows neither how a ledger is stored nor what an account is made of.
package anchor
