// Package provider says what payrun needs of a mobile-money provider, and what
// an answer of one can mean.
//
// An answer is a value, not an error: what happened to the money is decided
// once, by the implementation, where the bytes are read, and given a Class. The
// zero Class is Unknown, "it may have been paid", so that forgetting to classify
// is safe. Nothing here knows files, ledgers or rates.
package provider
