// Package snapshot lets other processes read a ledger that a run holds.
//
// A run holds its ledger for itself, so that nobody else can write to it. So
// that others can still read, it hands out consistent copies through a socket
// beside the file. HTTP carries them because its chunked form tells a copy that
// was cut short from a whole one.
//
// A reader must not hold up the run: while a copy is being read from the ledger, the
// ledger cannot grow its file. So the copy is made into a file of its own first, at
// the disk's pace, and sent from there, at the reader's pace and within bounds.
package snapshot
