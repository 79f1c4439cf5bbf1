// Package input turns a beneficiary file, as people have it, into rows.
//
// It promises three things. Whatever a row holds is given as the file has it,
// or marked with a Problem when it cannot be trusted; nothing is repaired by
// guessing. Rows carry the number a spreadsheet shows for them. And every pass
// over a file reads the same bytes, or ends with ErrChanged.
//
// What a file is (CSV or workbook, separator, encoding, where its header is) is
// detected from its content, never from its name. A workbook is one by its zip
// container; text is UTF-8 if all of it is valid, else Windows-1252; the
// separator is the one under which a header row is recognised. Headers are
// compared without case, accents, punctuation and spaces with the titles in
// headers.yaml; the columns payrun needs are those of the provider's transfer.
//
// "Nom" and "Prénoms" in two columns are one name, the family name first. An
// amount is the number that a workbook stores, whatever its format rounds or
// groups; any other number is what its format shows, if that adds zeros or
// letters. Numbers have 15 digits, as in a spreadsheet.
//
// The package knows nothing of operators, limits or duplicates: what makes a
// row payable is for package rules.
//
// # Bounds
//
// Memory does not grow with the rows. The header is looked for in the first 30
// rows and 1,024 columns; a cell has at most 4 KiB, a row of text 1 MiB, a row of
// a workbook 4 MiB of XML. A workbook has at most 4,096 parts that unpack to 2
// GiB, 1 GiB for a sheet; its distinct texts, which must be kept, come to 192 MiB
// at most. A stream is copied to a private file of 4 GiB at most. What exceeds
// them is ErrTooLarge, apart from a cell, which is marked.
//
// # Codes
//
// Cell.Problem is one of
//
//	cell.too_long          more than 4 KiB; the text is its beginning
//	cell.formula_error     #REF!, #N/A and the like, also as text in a CSV
//	cell.formula_uncached  a formula whose result the workbook does not hold
//	cell.date              a number that the workbook shows as a date or time
//	cell.boolean           TRUE or FALSE
//	cell.scaled            shown in percent or in thousands, so that the number
//	                       seen is not the number stored
//	cell.precision         a whole number of more than 15 digits, of which a
//	                       spreadsheet has already lost the last
//	cell.merged            part of a merged cell, so that it is not clear which
//	                       row or column the value belongs to
//
// and Row.Problem one of
//
//	row.width   more cells than the header has columns (CSV only)
//	row.quotes  a quote too many: the row cannot be cut into cells, which are
//	            empty then, or has swallowed the rows below it
//	row.hidden  hidden by hand or by a filter: read like any other row, but the
//	            person who checks the file does not see it
package input
