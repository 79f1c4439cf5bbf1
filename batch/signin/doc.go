// Package signin says which people are signed in to the server's pages: their sessions, the
// invitations by which they come, the keys with which they came, and the language in which they want
// to be spoken to.
//
// All of it is acts of the ledger, so that every server over it knows the same, and the audit
// log tells who signed in when, with which key. Of secrets it keeps the SHA-256; each has 256
// random bits. Whoever comes by an invitation leaves a public key; what they may is for the
// list of people to say, which only an admin's signature changes. The package knows no HTTP.
package signin
