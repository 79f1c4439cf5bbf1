package amend_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"payrun/batch/input"
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
		annotate(t, from, to)
		got, err := judge(t, to)
		if errors.Is(err, input.ErrNoRows) && len(want.valid) == 0 {
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
		}).Draw(r, "header")
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
		annotate(t, from, to)
		got, err := judge(t, to)
		if errors.Is(err, input.ErrNoRows) && len(want.valid) == 0 {
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
