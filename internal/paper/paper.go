// Package paper fits the sheets of a workbook onto paper.
package paper

import (
	"github.com/xuri/excelize/v2"
)

// Orientation is how a page is turned.
type Orientation string

// The orientations, as the file's format names them.
const (
	Portrait  Orientation = "portrait"
	Landscape Orientation = "landscape"
)

// a4 is the paper's number in the file's format.
const a4 = 9

// Fit has a sheet's columns on one page of A4 side by side, and as many pages below one
// another as it takes.
func Fit(book *excelize.File, sheet string, orientation Orientation) error {
	fit, size, wide, high, turned := true, a4, 1, 0, string(orientation)
	if err := book.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	return book.SetPageLayout(sheet, &excelize.PageLayoutOptions{
		Size: &size, Orientation: &turned, FitToWidth: &wide, FitToHeight: &high,
	})
}

// RepeatHeader has the first row of a sheet on each of its pages.
func RepeatHeader(book *excelize.File, sheet string) error {
	return book.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Titles", RefersTo: "'" + sheet + "'!$1:$1", Scope: sheet,
	})
}
