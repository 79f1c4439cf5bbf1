// Package access says which programs may call the server: with tokens, each in the name
// of a person, for some scopes and until a day.
//
// Tokens are acts of the ledger, so that every server over it knows the same ones, and the
// audit log tells who made them. What is kept of a token's secret is its SHA-256; the secret
// has 256 random bits, which nobody finds by trying. The package knows no HTTP.
package access
