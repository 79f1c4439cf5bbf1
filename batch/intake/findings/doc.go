// Package findings writes what was found in a beneficiary file while it is read: a copy
// of the file with the problems beside its rows, to mend there, and a list of them for a
// spreadsheet.
//
// Some problems of rows show only at the file's end. The list has them behind the others;
// the copy is written in a second pass then, with all of them in their places. Both files
// appear under their names when they are complete. The package words nothing: the caller
// gives it the words.
package findings
