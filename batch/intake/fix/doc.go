// Package fix makes of a beneficiary file the clean one that a clerk keeps.
//
// It promises three things. What is in doubt is not fixed: a file with one row that
// the rules reject after what can be done for certain was done has no clean copy,
// only problems. Every change is told, with its row, its column, and what stood
// there before and stands there now. And the copy says what the file said: each
// row that is left out pays nobody, and what remains comes to the same total, an
// amount above an operator's limit in parts.
//
// What can be done for certain is rules.Set.Canonical and Split; which rows pay
// nobody, the rules say too. The package reads a file twice, once to plan and once
// to write, and keeps of it the ids and the changes. It does not know where the
// copy goes, and speaks in codes: words for people are in package messages.
package fix
