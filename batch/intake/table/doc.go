// Package table turns a beneficiary file, as people have it, into rows.
//
// It promises three things. Whatever a row holds is given as the file has it,
// or marked with a Problem when it cannot be trusted; nothing is repaired by
// guessing. Rows carry the number a spreadsheet shows for them. And every pass
// over a file reads the same bytes, or ends with ErrChanged.
//
// What a file is (CSV, .xlsx or .ods, separator, encoding, where its header is) is
// detected from its content, never from its name. A workbook is one by its zip
// container; text is UTF-8 if all of it is valid, else Windows-1252; the
// separator is the one under which a header row is recognised. Headers are
// compared without case, accents, punctuation and spaces with the titles in
// headers.yaml; the columns payrun needs are those of the provider's transfer.
//
// "Nom" and "Prénoms" in two columns are one name, the family name first. What is
// read is what a person sees. An amount is the number that a workbook stores, and is
// not trusted if its format shows another: with digits, letters or a currency other
// than the franc. Any other number is what its format shows: the zero that ten zeros
// put before a telephone number is part of it. Numbers have 15 digits, as in a
// spreadsheet.
//
// Every row with content, on any sheet, is given by Rows or counted by Inventory.
//
// The package knows nothing of operators, limits or duplicates: what makes a
// row payable is for package rules.
//
// # Bounds
//
// Memory does not grow with the rows. The header is looked for in the first 30
// rows and 1,024 columns; a cell has at most 4 KiB, a row of text 1 MiB, a row of
// a workbook 4 MiB of XML, and a sheet of OpenDocument 32 Mi cells that are there for
// another. A workbook has at most 4,096 parts that unpack to 2
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
//	cell.formula_uncached  a formula whose result the workbook does not hold, or 0
//	                       in one that no program calculated
//	cell.formula_stale     the result of a formula in a workbook that is to be
//	                       calculated anew; the text is taken
//	cell.format            shown with digits, letters or a currency that are not in
//	                       the cell; the text is what is shown
//	cell.invisible         hidden by its format
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
//	row.thousands  an amount that its own commas have cut into two cells (CSV only)
//	row.above_header, row.other_header, row.under_other_header
//	            stands above the titles though it looks like a payment, holds titles
//	            that put the fields into other columns, or stands under such: its
//	            cells are not given
package table
