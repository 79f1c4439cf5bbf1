package reconcile_test

import (
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/batch/intake/table"
	"payrun/batch/reconcile"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/money"
	"payrun/provider"
	"payrun/provider/digitalpaye"
)

// readStatement reads lines as a statement and lists its transfers, and the codes of
// its problems by row.
func readStatement(t *testing.T, lines ...string) (transfers, problems []string, passedOver int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "statement.csv")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	form, err := table.LoadStatementForm(digitalpaye.StatementForm())
	if err != nil {
		t.Fatal(err)
	}
	file, err := table.OpenStatement(path, form, table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	reading, err := reconcile.ReadStatement(t.Context(), file, set)
	if err != nil {
		t.Fatal(err)
	}
	defer reading.Close()
	for row, err := range reading.All() {
		if err != nil {
			t.Fatal(err)
		}
		transfers = append(transfers, fmt.Sprintf("%s%s %s %s", row.Reference, row.ProviderRef, row.Amount.Plain(), row.Class))
	}
	for _, p := range reading.Problems {
		problems = append(problems, fmt.Sprintf("%d %s", p.Row, p.Code))
	}
	return transfers, problems, reading.PassedOver
}

// rowsOf is a statement of those rows.
func rowsOf(rows ...reconcile.Transfer) iter.Seq2[reconcile.Transfer, error] {
	return func(yield func(reconcile.Transfer, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

func TestAStatementIsReadInTheWaysThatWalletsWriteIt(t *testing.T) {
	const signs, columns = "Date;Id transaction;Type;Statut;Montant", "Date;Référence;Débit;Crédit;Statut"
	for _, test := range []struct {
		name                string
		lines               []string
		transfers, problems []string
		passedOver          int
	}{
		{
			name:      "without signs",
			lines:     []string{signs, "24/11/2026;M-1;Transfert;Réussi;5000", "24/11/2026;M-2;Transfert;Échoué;6000"},
			transfers: []string{"M-1 5000 successful", "M-2 6000 failed"},
		},
		{
			name: "what leaves is negative, however that is written",
			lines: []string{
				signs, ";M-1;;Réussi;-5 000", ";M-2;;Réussi;−6000", ";M-3;;Réussi;(7 000)", ";M-4;;Réussi;8000-", ";M-5;;Réussi;- 9 000 FCFA",
			},
			transfers: []string{"M-1 5000 successful", "M-2 6000 successful", "M-3 7000 successful", "M-4 8000 successful", "M-5 9000 successful"},
		},
		{
			name:  "and what came in is passed over, or brings a transfer back",
			lines: []string{signs, ";M-1;;Réussi;-5000", ";M-1;;Réussi;5000", ";;Virement;Réussi;90000", ";M-2;;Échoué;6000", ";DEP;Dépôt;Réussi;70000"},
			transfers: []string{
				"M-1 5000 successful", "M-1 5000 failed",
			},
			problems: []string{"4 row.credit", "5 row.credit"}, passedOver: 3,
		},
		{
			name:      "a column for each way",
			lines:     []string{columns, ";M-1;5000;;Réussi", ";M-2;6 000;0;Réussi", ";M-1;-;5000;Réussi", ";;;90000;Réussi"},
			transfers: []string{"M-1 5000 successful", "M-2 6000 successful", "M-1 5000 failed"},
			problems:  []string{"5 row.credit"}, passedOver: 1,
		},
		{
			name:     "both columns at once",
			lines:    []string{columns, ";M-1;5000;6000;Réussi"},
			problems: []string{"2 amount.format"},
		},
		{
			name: "totals, balances and titles are no transfers",
			lines: []string{
				signs, "01/11/2026;;Solde initial;;1000000", ";M-1;;Réussi;-5000", signs, ";M-2;;Réussi;-6000", "Total;;;;-11 000", ";TOTAL;;;-11000",
			},
			transfers: []string{"M-1 5000 successful", "M-2 6000 successful"},
			problems:  []string{"4 row.header", "6 total.agrees", "7 total.agrees"}, passedOver: 4,
		},
		{
			name:      "a total that differs is a warning",
			lines:     []string{signs, ";M-1;;Réussi;5000", ";;;;9000"},
			transfers: []string{"M-1 5000 successful"}, problems: []string{"3 total.differs"}, passedOver: 1,
		},
		{
			name:     "a transfer without its reference is missed",
			lines:    []string{signs, "24/11/2026;;Transfert;Réussi;5000", "24/11/2026;;Transfert;;5000"},
			problems: []string{"2 id.missing", "3 status.missing"},
		},
		{
			name:     "doubt stays doubt",
			lines:    []string{signs, ";M-1;;Réussi;-1,000", ";M-2;;Réussi;--5000", ";M-3;;Réussi;-5000,50"},
			problems: []string{"2 amount.ambiguous", "3 amount.sign", "4 amount.fraction"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			transfers, problems, passedOver := readStatement(t, test.lines...)
			if diff := cmp.Diff(test.transfers, transfers); diff != "" && test.name != "doubt stays doubt" {
				t.Errorf("transfers (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.problems, problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if passedOver != test.passedOver {
				t.Errorf("%d rows are passed over, want %d", passedOver, test.passedOver)
			}
		})
	}
}

// retried returns a batch of one payout whose first attempt failed under one of the
// provider's names and whose second was paid under another.
func retried(t *testing.T) ledger.Store {
	t.Helper()
	store := enrolled(t, ledgertest.Entries("A", 1))
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	for _, change := range []ledger.Change{
		{From: ledger.Queued, To: ledger.Submitting},
		{From: ledger.Submitting, To: ledger.Failed, Answer: ledger.Answer{ProviderRef: "DP-1", Code: "FAILED"}},
		{From: ledger.Failed, To: ledger.Queued, Reference: "A-00000-2"},
		{From: ledger.Queued, To: ledger.Submitting},
		{From: ledger.Submitting, To: ledger.Successful, Answer: ledger.Answer{ProviderRef: "DP-2", Code: "SUCCESSFUL"}},
	} {
		change.ID, change.At, change.Actor = "A-00000", at, "test"
		if _, err := store.Apply(t.Context(), []ledger.Change{change}); err != nil {
			t.Fatal(err)
		}
	}
	return store
}

func TestEveryAttemptIsKnownByTheProvidersName(t *testing.T) {
	entry := ledgertest.Entries("A", 1)[0]
	for _, test := range []struct {
		first provider.Class
		want  []string
	}{
		{provider.Failed, nil},
		{provider.Successful, []string{ledger.DifferencePaidTwice}},
	} {
		store := retried(t)
		var statement []reconcile.Transfer
		for i, ref := range []string{"DP-1", "DP-2"} {
			class := provider.Successful
			if i == 0 {
				class = test.first
			}
			statement = append(statement, reconcile.Transfer{Row: i + 2, Transaction: provider.Transaction{
				ProviderRef: ref, Amount: entry.Amount, Class: class,
			}})
		}
		done, err := reconcile.WithStatement(t.Context(), store, find(t, store, "may"), rowsOf(statement...), noFees)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for d := range done.Differences.All() {
			got = append(got, d.Code)
		}
		// What was paid twice is the same on both sides no more than once.
		if diff := cmp.Diff(test.want, got); diff != "" || done.Agreed.Count != 1-len(test.want) {
			t.Errorf("%s: %d agreed, differences (-want +got):\n%s", test.first, done.Agreed.Count, diff)
		}
	}
}

func TestADepositIsNoTransferOfNobody(t *testing.T) {
	store := in(t, ledger.Successful)
	entry := ledgertest.Entries("A", 1)[0]
	statement := []reconcile.Transfer{
		{Row: 2, Transaction: transaction(entry, provider.Successful)},
		{Row: 3, Transaction: provider.Transaction{Reference: "DEP-1", Amount: money.XOF.Of(90_000), Class: provider.Failed}, Returned: true},
	}
	done, err := reconcile.WithStatement(t.Context(), store, find(t, store, "may"), rowsOf(statement...), noFees)
	if err != nil || done.Differences.Count() > 0 {
		t.Errorf("differences %v, %v, want none", codes(done), err)
	}
}
