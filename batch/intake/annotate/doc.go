// Package annotate writes a copy of a beneficiary file with one column more: what is
// wrong with each row, or each row's id.
//
// It promises that nothing else changes. Rows keep their numbers, those above the
// header included, and cells what they hold; the copy of a workbook is the
// workbook, all its sheets, formats and formulas, with the cells of one column
// written and some of them coloured. A text becomes UTF-8 with a byte order mark,
// so that every spreadsheet shows its accents, and its column stands first, where
// it is seen and where a row with a cell too many still has one too many. In a
// workbook it stands last, because nothing else may move.
//
// A copy reads back as its file does. What the file leaves unclear stays unclear:
// a row that cannot be cut into cells becomes one cell, and a workbook's cell that
// is not to be trusted is left out of a text, where its format would be gone.
//
// What a spreadsheet would take for a formula gets an apostrophe in a text, which
// package table takes off again. The package decides nothing about rows, and holds
// no more than one of them in memory.
package annotate
