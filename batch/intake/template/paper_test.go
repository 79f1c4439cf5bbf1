package template_test

import (
	"path/filepath"
	"testing"

	"github.com/xuri/excelize/v2"

	"payrun/internal/catalogue"
)

// TestATemplateIsOnePageWide, both of its sheets, with the titles on each page.
func TestATemplateIsOnePageWide(t *testing.T) {
	name := filepath.Join(t.TempDir(), "template.xlsx")
	writeTemplate(t, name, catalogue.French)
	book, err := excelize.OpenFile(name)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	for _, sheet := range book.GetSheetList() {
		props, err := book.GetSheetProps(sheet)
		if err != nil {
			t.Fatal(err)
		}
		layout, err := book.GetPageLayout(sheet)
		if err != nil {
			t.Fatal(err)
		}
		if props.FitToPage == nil || !*props.FitToPage || layout.FitToWidth == nil || *layout.FitToWidth != 1 ||
			layout.FitToHeight == nil || *layout.FitToHeight != 0 {
			t.Errorf("sheet %q is not one page wide: %+v", sheet, layout)
		}
	}
	if names := book.GetDefinedName(); len(names) != 1 || names[0].Scope != book.GetSheetName(0) {
		t.Errorf("the titles are not on each page: %+v", names)
	}
}
