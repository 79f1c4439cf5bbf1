package reports

import (
	"strings"

	"github.com/xuri/excelize/v2"

	"payrun/internal/paper"
)

// columnsForm describes the sheets of a kind: their columns, and how they
// print.
type columnsForm struct {
	// widths are those of the columns, in characters.
	widths []float64
	header []string
	// figures are the columns whose titles stand to the right, as their figures do.
	figures map[int]bool
	cells   func(*cellRow, line) []any
	// paper says how a sheet prints.
	paper func(book *excelize.File, sheet string) error
}

// lastColumn is the letter of the last column.
func (f columnsForm) lastColumn() string { return columnName(len(f.widths)) }

// allColumns is the form of a sheet with everything that is known of a line, in the
// columns of the CSV.
func allColumns(styles xlsxStyles) columnsForm {
	return columnsForm{
		widths: []float64{7, 22, 22, 9, 22, 12, 14, 28, 14, 10, 12, 14, 12, 32, 44, 22, 22, 40},
		header: columns(), cells: styles.cells, paper: printWide,
	}
}

// listColumns is the form of the sheet that people print and read: seven columns in their
// language on upright A4.
func (x *xlsxReport) listColumns(h Header, o Options) columnsForm {
	w, styles := x.words, x.styles
	return columnsForm{
		widths:  []float64{7, 20, 30, 15, 14, 15, 14},
		header:  []string{w.Row, w.Payment, w.Beneficiary, w.Number, w.Operator, w.Amount, w.State},
		figures: map[int]bool{5: true},
		cells: func(row *cellRow, l line) []any {
			row.reset()
			row.number(styles.list, l.row)
			for _, text := range []string{string(l.id), l.name, o.number(l.number), string(l.operator)} {
				row.ruled(styles.list, text)
			}
			switch {
			case l.amountUnread:
				row.ruled(styles.list, w.Unread)
			case l.amount.Minor < largeAmount:
				row.number(styles.listAmount, figure(l.amount))
			default:
				row.number(styles.listLarge, figure(l.amount))
			}
			row.ruled(styles.listState, w.shownState(l))
			return row.values
		},
		paper: func(book *excelize.File, sheet string) error { return printList(book, sheet, h, o) },
	}
}

// printList fits the list onto upright A4 paper, with whose it is above and the number of
// the page below.
func printList(book *excelize.File, sheet string, h Header, o Options) error {
	if err := paper.Fit(book, sheet, paper.Portrait); err != nil {
		return err
	}
	// "&" begins a code there, and the whole may be 255 characters long.
	const half = 100
	text := func(s string) string {
		if runes := []rune(s); len(runes) > half {
			s = string(runes[:half])
		}
		return strings.ReplaceAll(s, "&", "&&")
	}
	return book.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{
		OddHeader: "&L" + text(o.Letterhead.Company) + "&R" + text(string(h.Batch)), OddFooter: "&R&P / &N",
	})
}

// printWide fits a sheet's columns onto A4 paper on its side.
func printWide(book *excelize.File, sheet string) error {
	return paper.Fit(book, sheet, paper.Landscape)
}
