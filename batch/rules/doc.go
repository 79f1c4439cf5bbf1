// Package rules says which rows of a beneficiary file may be paid.
//
// What differs between operators is data: names, prefixes, limits, fees, in a
// YAML file that can be replaced. The built-in one is Digitalpaye's for Côte
// d'Ivoire; its limits are those of the provider's transfers pages, its prefixes
// those of the national numbering plan of 31 January 2021.
//
// A row is never guessed at: what can be read in two ways is a problem with a
// code and a place. Codes are stable, since scripts and people's mail filters
// rely on them; words for people are in package messages.
//
// The package knows nothing of files, ledgers on disk or providers.
package rules
