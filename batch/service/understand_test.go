package service_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"payrun/batch/intake/table"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/money"
)

// listed is a file of a test.
func listed(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "list.csv")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestAFileIsUnderstoodAsFarAsItGoes: no table, columns in doubt, columns that a person chose, and what
// keeps it from being paid.
func TestAFileIsUnderstoodAsFarAsItGoes(t *testing.T) {
	_, payroll := opened(t)
	const rivals = "Référence,Nom,Numéro,Opérateur,Montant (brut),Net à percevoir\nA-1,Awa Koné,0701020304,Orange,50000,45000\n"
	understand := func(content string, o service.UnderstandOptions) service.Understood {
		t.Helper()
		u, err := payroll.Understand(t.Context(), listed(t, content), o)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	if u := understand("\x00\x01\x02", service.UnderstandOptions{}); u.Unreadable == nil || u.Unreadable.Code != "file.not_table" || u.Checked != nil {
		t.Errorf("no table: %+v", u)
	}
	if u := understand(rivals, service.UnderstandOptions{}); !u.Undecided || u.Unreadable.Code != "file.columns" || len(u.Columns.Open) != 1 || u.Checked != nil {
		t.Errorf("rivals: %+v", u)
	}
	net := service.UnderstandOptions{Reading: service.Reading{Columns: map[table.Field]int{table.FieldAmount: 5}}, Check: service.CheckOptions{Batch: "may"}}
	if u := understand(rivals, net); u.Undecided || u.Verdict != service.Payable || u.Checked.File != nil || u.Checked.ToPay().Amount != money.XOF.Of(45_000) {
		t.Errorf("chosen: %+v", u)
	}
	net.Against = "none"
	if u := understand(rivals, net); !errors.Is(u.Uncompared, ledger.ErrNotFound) {
		t.Errorf("against no batch: %+v", u.Uncompared)
	}
	submitted(t, payroll)
	if u := understand("transaction_id,name,customer_id,operator,amount\nB-1,Issa,0709090909,ORANGE,100\n", service.UnderstandOptions{Check: service.CheckOptions{Batch: "november"}}); u.Verdict != service.Payable || service.TroubleOf(u.Refused).Name != "other_file" {
		t.Errorf("another file for the batch: %+v, %v", u.Verdict, u.Refused)
	}
}

// TestABatchIsComparedAsAFileIs, with what was there before it.
func TestABatchIsComparedAsAFileIs(t *testing.T) {
	o := newOffice(t, "")
	before, after := payroll("A", 4, 1000), payroll("B", 4, 1000)
	after[3].Amount = money.XOF.Of(1500)
	if _, err := o.submit("april", "awa", before...); err != nil {
		t.Fatal(err)
	}
	if _, err := o.submit("may", "awa", after...); err != nil {
		t.Fatal(err)
	}
	d, err := o.Changed(t.Context(), "may", "")
	if err != nil || d.Against == nil || d.Against.ID != "april" || d.Same != 3 || len(d.Amounts) != 1 || d.Now.Total-d.Before.Total != 500 {
		t.Errorf("%+v, %v", d, err)
	}
	if d, err := o.Changed(t.Context(), "april", ""); err != nil || d.Against != nil {
		t.Errorf("%+v, %v, want nothing before the first", d.Against, err)
	}
	if d, err := o.Changed(t.Context(), "april", "may"); err != nil || d.Against.ID != "may" {
		t.Errorf("%+v, %v, want the one that was named", d.Against, err)
	}
	if _, err := o.Changed(t.Context(), "june", ""); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("%v, want ErrNotFound", err)
	}
}
