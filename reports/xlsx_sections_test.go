package reports

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"testing"

	"go.uber.org/goleak"

	"payrun/ledger"
	"payrun/ledger/money"
)

// TestASheetInSectionsIsOneSheet: wherever it is cut, every line is on it once, in
// order, under one header, and it is well-formed.
func TestASheetInSectionsIsOneSheet(t *testing.T) {
	for _, lines := range []int{0, 1, sectionLines - 1, sectionLines, sectionLines + 1, 3 * sectionLines} {
		t.Run(fmt.Sprint(lines), func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			h := Header{Batch: "sections"}
			form, err := beginXLSX(&out, h, Options{})
			if err != nil {
				t.Fatal(err)
			}
			summary := newSummary(h)
			for i := range lines {
				l := line{row: i + 2, id: ledger.TransactionID(fmt.Sprint("PAY-", i)), amount: money.XOF.Of(100), state: "successful"}
				if err := errors.Join(summary.add(l), form.line(l)); err != nil {
					t.Fatal(err)
				}
			}
			if err := errors.Join(form.finish(summary), form.close()); err != nil {
				t.Fatal(err)
			}
			ids := idsOnSheet(t, out.Bytes(), "xl/worksheets/sheet3.xml")
			if len(ids) != lines+1 || ids[0] != "transaction_id" {
				t.Fatalf("%d rows, the first %q, want a header and %d", len(ids), ids[:min(1, len(ids))], lines)
			}
			for i, id := range ids[1:] {
				if want := fmt.Sprint("PAY-", i); id != want {
					t.Fatalf("row %d is %q, want %q", i+2, id, want)
				}
			}
		})
	}
}

// idsOnSheet returns the second cell of every row, which must be numbered one
// after the other.
func idsOnSheet(t *testing.T, book []byte, part string) []string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	file, err := archive.Open(part)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var ids []string
	decoder := xml.NewDecoder(file)
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return ids
		}
		if err != nil {
			t.Fatal(err)
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "row" {
			continue
		}
		var row struct {
			Number string `xml:"r,attr"`
			Cells  []struct {
				Text string `xml:"is>t"`
			} `xml:"c"`
		}
		if err := decoder.DecodeElement(&row, &start); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, row.Cells[1].Text)
		if row.Number != strconv.Itoa(len(ids)) {
			t.Fatalf("row %q comes at place %d", row.Number, len(ids))
		}
	}
}

var errFull = errors.New("no space left on device")

// fullDisk takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

// TestASheetThatCannotBeWrittenSaysWhy, once, and leaves nothing running.
func TestASheetThatCannotBeWrittenSaysWhy(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for name, sheet := range map[string]*sectionedSheet{
		"the disk is full":          newSectionedSheet(sheetLayout{name: "Payouts", form: allColumns(xlsxStyles{})}, fullDisk{}),
		"a section is not rendered": newSectionedSheet(sheetLayout{name: "no [name]", form: allColumns(xlsxStyles{})}, io.Discard),
	} {
		var err error
		for i := 0; err == nil && i < 100*sectionLines; i++ {
			err = sheet.put(line{row: i})
		}
		if err == nil {
			t.Errorf("%s: a hundred sections were taken", name)
		}
		if again := sheet.end(); !errors.Is(again, err) {
			t.Errorf("%s: at the end %v, want %v", name, again, err)
		}
	}
	sheet := newSectionedSheet(sheetLayout{name: "Payouts", form: allColumns(xlsxStyles{})}, fullDisk{})
	if err := sheet.end(); !errors.Is(err, errFull) {
		t.Errorf("the end of a sheet on a full disk: %v, want it said", err)
	}
}

// TestASheetInAnotherFormIsNotCut: a version of excelize that writes sheets in
// another way must stop the report, not spoil it.
func TestASheetInAnotherFormIsNotCut(t *testing.T) {
	for _, sheet := range []string{"", "<worksheet><sheetData/></worksheet>", "</sheetData><sheetData>"} {
		if _, err := (section{}).cut([]byte(sheet)); !errors.Is(err, errSheetForm) {
			t.Errorf("%q: %v, want errSheetForm", sheet, err)
		}
	}
}
