// Package rules says which rows of a beneficiary file may be paid.
//
// What differs between operators and countries is data: names, prefixes, limits,
// fees, in a YAML file that can be replaced. The built-in one is Digitalpaye's
// for Côte d'Ivoire; its limits are those of the provider's transfers pages, its
// prefixes those of the national numbering plan of 31 January 2021.
//
// A row is never guessed at: what can be read in two ways is a problem with a
// code and a place. Where the provider is silent the narrower reading holds:
//
//   - A transaction_id is ASCII letters, digits, "-", "_" and ".", since it also
//     goes into a URL's path. Capital and small letters are different.
//   - An amount may have its currency behind it, but no zero in front. Decimals
//     are one or two zeros. Anything of twelve digits is no amount.
//   - A number may be written with its country's prefix and with spaces, dots,
//     dashes and parentheses. Everything else in it is an error.
//
// All problems of a row are found at once. Codes are stable, since scripts and
// people's mail filters rely on them; Codes lists them. Words for people are in
// package messages.
//
// The package knows nothing of files or of ledgers on disk, and of a provider only the
// limits that it states: see Set.For.
package rules
