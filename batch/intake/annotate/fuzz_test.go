package annotate_test

import (
	"archive/zip"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"payrun/batch/intake/table"
)

// FuzzACopyOfATextReadsAsItsFile annotates whatever can be read as a beneficiary
// file: what may be paid is the same in the copy, and nothing else may be.
func FuzzACopyOfATextReadsAsItsFile(f *testing.F) {
	const header = "transaction_id;customer_id;name;operator;amount\n"
	for _, text := range []string{
		header + "A-1;0701020304;Awa;ORANGE;5000\n",
		"\n\n" + header + "A-1;0701020304;\"Awa\nKoné\";ORANGE;5 000\n;;;;\n\nA-2;0701020305;'=x;ORANGE;250;000\n",
		"sep=;\n" + header + "'-A;+225 0701020304;=1+1;ORANGE;5000\nA-2;0701020305;\"Awa;ORANGE;5000\nA-3;0701020306;x\";ORANGE;5000\n",
		"errors;" + header + "old;A-1;0701020304;Awa;ORANGE;5000\n;A-2;=\"0701020304\";\t=x;ORANGE;100\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		folder := t.TempDir()
		from := filepath.Join(folder, "file.csv")
		if err := os.WriteFile(from, text, 0o600); err != nil {
			t.Fatal(err)
		}
		want, err := judge(t, from)
		if err != nil {
			return
		}
		to := filepath.Join(folder, "copy.csv")
		annotateFile(t, from, to)
		got, err := judge(t, to)
		if errors.Is(err, table.ErrNoRows) && len(want.valid) == 0 {
			return
		}
		if err != nil {
			t.Fatalf("the copy cannot be read: %v", err)
		}
		if diff := cmp.Diff(want.valid, got.valid); diff != "" {
			t.Errorf("payable rows differ (-file +copy):\n%s", diff)
		}
	})
}

// TestNoTextIsLaundered does the same with texts made of the pieces that confuse
// the cutting of rows.
func TestNoTextIsLaundered(t *testing.T) {
	folder := t.TempDir()
	piece := rapid.SampledFrom([]string{
		`"`, `""`, ";", ";", ",", "\n", "\r\n", "'", "=", "+", "@", " ", "\t", "A-1", "A-2", "A-3",
		"0701020304", "0701020305", "Awa", "ORANGE", "5000", "250", "000", "#REF!", "errors",
		"A-4;0701020306;Awa;ORANGE;700", "A-5;0701020307;Awa;ORANGE;800\n", "\nA-6;0701020308;Awa;ORANGE;900;\n", "é",
	})
	readable, payable := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.SampledFrom([]string{
			"transaction_id;customer_id;name;operator;amount\n",
			"errors;transaction_id;customer_id;name;operator;amount\n",
			"x\ntransaction_id;customer_id;name;operator;amount;errors;note\n",
			"transaction_id;customer_id;name;operator;amount\nA-0;0701020300;Awa;ORANGE;600\n",
		}).Draw(r, "beginning")
		for _, part := range rapid.SliceOfN(piece, 1, 40).Draw(r, "pieces") {
			text += part
		}
		from, to := filepath.Join(folder, "file.csv"), filepath.Join(folder, "copy"+rapid.SampledFrom([]string{".csv", ".xlsx"}).Draw(r, "format"))
		if err := os.WriteFile(from, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		want, err := judge(t, from)
		if err != nil {
			return
		}
		readable++
		payable += len(want.valid)
		annotateFile(t, from, to)
		got, err := judge(t, to)
		if errors.Is(err, table.ErrNoRows) && len(want.valid) == 0 {
			// Rows of quotes alone hold nothing once they are one cell.
			return
		}
		if err != nil {
			r.Fatalf("the copy of %q cannot be read: %v", text, err)
		}
		if diff := cmp.Diff(want.valid, got.valid); diff != "" {
			r.Fatalf("payable rows of %q differ (-file +copy):\n%s", text, diff)
		}
	})
	if readable == 0 || payable == 0 {
		t.Errorf("%d texts could be read, with %d payable rows", readable, payable)
	}
}

// FuzzACopyOfASheetReadsAsItsFile does it with the XML of a sheet in a workbook
// that is otherwise a real one.
func FuzzACopyOfASheetReadsAsItsFile(f *testing.F) {
	const row = `<row r="1"><c t="inlineStr"><is><t>transaction_id</t></is></c><c t="inlineStr"><is><t>customer_id</t></is></c>` +
		`<c t="inlineStr"><is><t>name</t></is></c><c t="inlineStr"><is><t>operator</t></is></c><c t="inlineStr"><is><t>amount</t></is></c></row>`
	for _, rest := range []string{
		`<row r="2" spans="1:5"><c r="A2" t="inlineStr"><is><t>A-1</t></is></c><c r="B2" t="str"><v>0701020304</v></c>` +
			`<c r="C2" t="inlineStr"><is><t>Awa</t></is></c><c r="D2" t="inlineStr"><is><t>ORANGE</t></is></c><c r="E2"><v>5000</v></c></row>`,
		`<row/><row><c r="B3"><v>701020304</v></c><c r="E3" s="1"/><c r="G3" t="b"><v>1</v></c></row><row r="9" hidden="1"/>`,
		`<row r="4"><c r="A4" t="e"><v>#REF!</v></c><c r="E4" s="9999"><f>1+1</f></c><x:c/></row>`,
	} {
		f.Add([]byte(`<worksheet><dimension ref="A1:E2"/><sheetData>` + row + rest + `</sheetData><mergeCells><mergeCell ref="A4:A5"/></mergeCells></worksheet>`))
	}
	book := parts(f, filepath.Join(samples, "title-rows.xlsx"))
	f.Fuzz(func(t *testing.T, sheet []byte) {
		folder := t.TempDir()
		from, to := filepath.Join(folder, "file.xlsx"), filepath.Join(folder, "copy.xlsx")
		pack(t, from, book, sheet)
		want, err := judge(t, from)
		if err != nil {
			return
		}
		annotateFile(t, from, to)
		got, err := judge(t, to)
		if err != nil {
			t.Fatalf("the copy cannot be read: %v", err)
		}
		if diff := cmp.Diff(want.valid, got.valid); diff != "" {
			t.Errorf("payable rows differ (-file +copy):\n%s", diff)
		}
		if diff := cmp.Diff(want.errors, got.errors); diff != "" {
			t.Errorf("errors differ (-file +copy):\n%s", diff)
		}
	})
}

// pack writes a workbook with another sheet.
func pack(t *testing.T, path string, book map[string][]byte, sheet []byte) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(file)
	for name, content := range book {
		if name == "xl/worksheets/sheet1.xml" {
			content = sheet
		}
		part, err := archive.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(archive.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
}
