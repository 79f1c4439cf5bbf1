package table

import (
	"context"
	"strings"
	"unicode"
)

// hiddenInUse returns what is read although nobody sees it, or may see something else.
func (t *sheetTable) hiddenInUse() []Remark {
	var remarks []Remark
	if t.sheet.hidden && t.hidden != HiddenPay {
		remarks = append(remarks, Remark{Code: remarkSheetHidden, Place: Place{Sheet: t.sheet.name, Hidden: true}})
	}
	for column, field := range t.layout.fields {
		if field == "" {
			continue
		}
		if block, found := t.conditional(column, field); found {
			remarks = append(remarks, Remark{
				Code: remarkColumnFormat, Place: Place{Sheet: t.sheet.name, First: max(block.top, t.layout.row+1), Last: block.bottom},
				Column: ColumnName(column), Title: t.layout.titles[column],
			})
		}
		for _, hidden := range t.shape.hidden {
			if hidden.from <= column && column <= hidden.to {
				remarks = append(remarks, Remark{
					Code: remarkColumnHidden, Place: Place{Sheet: t.sheet.name, First: t.layout.row, Last: t.layout.row},
					Column: ColumnName(column), Title: t.layout.titles[column],
				})
				break
			}
		}
	}
	return remarks
}

// conditional returns a block of a column's cells, below the titles, in which a condition
// may show something else than they hold.
func (t *sheetTable) conditional(column int, field Field) (merge, bool) {
	for _, format := range t.shape.formats {
		block := format.block
		if format.changes(field) && block.left <= column && column <= block.right && block.bottom > t.layout.row {
			return block, true
		}
	}
	return merge{}, false
}

// addOtherSheets counts the rows of the sheets that are not read.
func (t *sheetTable) addOtherSheets(ctx context.Context, inventory *Inventory) error {
	for _, sheet := range t.book.sheetParts() {
		if sheet.at == t.sheet.at {
			continue
		}
		place, list, err := t.other(ctx, sheet)
		if err != nil {
			return err
		}
		if place.Rows == 0 {
			continue
		}
		inventory.Unread = append(inventory.Unread, place)
		if list && !sheet.hidden {
			inventory.Remarks = append(inventory.Remarks, Remark{Code: remarkSheetUnread, Place: place})
		}
	}
	return nil
}

// other counts the rows of a sheet that is not read. list reports whether they may be
// payments, and not prose alone.
func (t *sheetTable) other(ctx context.Context, sheet sheetPart) (place Place, list bool, err error) {
	place = Place{Sheet: sheet.name, Hidden: sheet.hidden}
	p := &sheetPass{table: t}
	err = t.book.rows(sheet, func(stored *sheetRow) (bool, error) {
		texts := p.allTexts(stored)
		if !isBlank(texts) {
			place.add(stored.number)
			list = list || isList(texts)
		}
		return true, ctx.Err() //nolint:wrapcheck // the caller's own
	})
	return place, list, err
}

// isList reports whether a row is one of a list: three cells, or two of which one is
// a number.
func isList(texts []string) bool {
	const cellsOfList = 3
	cells, numbers := 0, 0
	for _, text := range texts {
		if text == "" {
			continue
		}
		cells++
		if strings.IndexFunc(text, unicode.IsLetter) < 0 && digitsIn(text) != "" {
			numbers++
		}
	}
	return cells >= cellsOfList || cells > 1 && numbers > 0
}
