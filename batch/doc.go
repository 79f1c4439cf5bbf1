// Package batch is the folder of everything between a file and the money: package service
// has the use cases, intake reads and checks files, rules says which rows may be paid,
// engine pays, retry gives what failed a new attempt, reconcile holds file, ledger and
// provider against each other, and evidence says what an answer proves.
package batch
