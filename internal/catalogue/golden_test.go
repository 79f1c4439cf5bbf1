package catalogue_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/internal/catalogue"
)

var update = flag.Bool("update", false, "write the golden file anew")

// TestTheWordsOfEveryProblem writes each problem as a person sees it, in both
// languages: as it comes out of a bad file where a text file can have it, and
// otherwise from a sample.
func TestTheWordsOfEveryProblem(t *testing.T) {
	const golden = "testdata/problems.golden"
	examples := map[string]rules.Problem{}
	for _, p := range append(problemsOfABadFile(t), samples()...) {
		if _, seen := examples[p.Code]; !seen {
			examples[p.Code] = p
		}
	}
	catalogues := both(t)
	var b strings.Builder
	for _, code := range slices.Sorted(maps.Keys(rules.Codes())) {
		example, ok := examples[code]
		if !ok {
			t.Errorf("no example of %s", code)
		}
		fmt.Fprintln(&b, code)
		for _, language := range []catalogue.Language{catalogue.English, catalogue.French} {
			message, hint := catalogues[language].Problem(catalogue.Finding{
				Code: example.Code, Value: example.Value, Details: example.Details, Statement: example.Statement,
			})
			fmt.Fprintf(&b, "  %s  %s\n      → %s\n", language, message, hint)
		}
	}
	if unfilled := placeholder.FindString(b.String()); unfilled != "" {
		t.Errorf("nothing fills %s", unfilled)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("words differ from %s (-want +got):\n%s", golden, diff)
	}
}

// problemsOfABadFile returns what the rules find in the file that has everything
// wrong that a text file can have.
func problemsOfABadFile(t *testing.T) []rules.Problem {
	t.Helper()
	file, err := table.Open("../../batch/rules/testdata/bad.csv", table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	v := rules.NewValidator(set, rules.Options{RestoreLeadingZero: false})
	restoring := rules.NewValidator(set, rules.Options{RestoreLeadingZero: true})
	var found []rules.Problem
	for row, err := range file.Rows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []*rules.Validator{v, restoring} {
			found = append(found, v.Check(row).Problems...)
		}
	}
	return found
}

var sumOfRows = map[string]string{"figure": "150 000", "sum": "270 000", "from": "2", "to": "41", "count": "40"}

// samples are problems that are not of a text file's rows.
func samples() []rules.Problem {
	found := []rules.Problem{
		{Code: rules.CodeIDConflict, Value: "PAY-1", Details: map[string]string{
			"then": "successful", "name": "Awa Koné",
			"batch": "october", "field": "amount", "recorded": "5000", "given": "6000",
		}},
		{Code: rules.CodeIDOtherPerson, Value: "PAY-1", Details: map[string]string{
			"then": "successful", "name": "Awa Koné",
			"batch": "october", "field": "amount", "recorded": "5000", "given": "6000",
		}},
		{Code: rules.CodeIDReferenceTaken, Value: "PAY-1-2"},
		{Code: rules.CodeIDAlphabet, Value: "PAY-1", Details: map[string]string{"allowed": "0-9 -"}},
		{Code: rules.CodeIDSimilar, Value: "pay-1", Details: map[string]string{"row": "2"}},
		{Code: rules.CodeIDSimilarKnown, Details: map[string]string{"id": "PAY-001", "batch": "october", "date": "2026-10-30"}},
		{Code: rules.CodeIDScientific, Value: "1E+05"},
		{Code: rules.CodeIDRewritten, Value: "nov.-01"},
		{Code: rules.CodeIDLostZero, Value: "8", Details: map[string]string{"digits": "3"}},
		{Code: rules.CodeNameCharacters, Value: "Awa Kon\ufffd"},
		{Code: rules.CodeNameEncoding, Value: "Awa KonÃ©"},
		{Code: rules.CodeIDKnown, Value: "EMP-1", Details: map[string]string{"batch": "november", "date": "2026-11-30", "state": "successful"}},
		{Code: rules.CodeIDReserved, Value: "PAY-3", Details: map[string]string{"name": "Awa Koné"}},
		{Code: rules.CodeFailedBefore, Value: "NEW-3", Details: map[string]string{"id": "PAY-3", "batch": "october", "date": "2026-10-30"}},
		{Code: rules.CodeIDRenamed, Value: "PAY-3", Details: map[string]string{"id": "PAY-4", "state": "failed"}},
		{Code: rules.CodeNumberOtherName, Value: "0701020304", Details: map[string]string{
			"name": "Awa Koné", "batch": "november", "date": "2026-11-30",
		}},
		{Code: rules.CodeNameOtherNumber, Value: "Awa Koné", Details: map[string]string{
			"number": "070•••••04", "batch": "october", "date": "2026-10-30",
		}},
		{Code: rules.CodeRepeatedRecently, Value: "0701020304", Details: map[string]string{
			"batch": "october", "date": "2026-10-28", "id": "OCT-42",
		}},
		{Code: rules.CodeLedgerUnreadable, Details: map[string]string{"reason": "permission denied"}},
		{Code: rules.CodeBatchRepeated, Details: map[string]string{
			"count": "58", "rows": "60", "batch": "november", "ago": "minutes 3",
		}},
		{Code: rules.CodeRepeatCount, Details: map[string]string{"given": "58", "count": "60"}},
		{Code: rules.CodeAmountFormulaError, Value: "#REF!"},
		{Code: rules.CodeCurrencyTitle, Value: "515", Details: map[string]string{"title": "Montant (EUR)", "named": "EUR", "want": "XOF"}},
		{Code: rules.CodeRowQuotes},
		{Code: rules.CodeRowHidden},
		{Code: rules.CodeRowTotal, Value: "Sous-total"},
		{Code: rules.CodeRowHeader, Value: "Nom"},
		{Code: rules.CodeRowHeaderOther, Value: "Nom"},
		{Code: rules.CodeRowRemark, Value: "NB : à payer vendredi"},
		{Code: rules.CodeRowSignature, Value: "Le Directeur"},
		{Code: rules.CodeRowPrefilled, Value: "N-004"},
		{Code: rules.CodeRowEnd, Value: "FIN"},
		{Code: rules.CodeRowUnclear, Value: "Awa Koné"},
		{Code: rules.CodeTotalAgrees, Value: "TOTAL", Details: sumOfRows},
		{Code: rules.CodeTotalDiffers, Value: "TOTAL", Details: sumOfRows},
		{Code: rules.CodeRowCredit, Value: "90 000", Statement: true},
		{Code: rules.CodeRowThousands},
		{Code: rules.CodeRowAboveHeader},
		{Code: rules.CodeRowUnderOtherHeader},
		{Code: rules.CodeRowMarked, Details: map[string]string{"title": "Statut", "mark": "PAYÉ"}},
		{Code: rules.CodeRowsUnread, Details: map[string]string{"rows": "2", "first": "7", "last": "9"}},
		{Code: rules.CodeColumnFormat, Details: map[string]string{"first": "2", "last": "60", "column": "D"}},
		{Code: rules.CodeUnitSaid, Value: "Paie de novembre (en milliers de FCFA)"},
		{Code: rules.CodeListUnread, Details: map[string]string{"rows": "12", "first": "2", "last": "13", "column": "G-K"}},
		{Code: rules.CodeCellsUnread, Details: map[string]string{"rows": "1", "first": "7", "last": "7", "column": "H"}},
		{Code: rules.CodeColumnHidden, Details: map[string]string{"column": "D"}},
		{Code: rules.CodeSheetHidden, Details: map[string]string{"sheet": "Octobre"}},
		{Code: rules.CodeSheetUnread, Details: map[string]string{"sheet": "Agences", "rows": "12", "first": "2", "last": "13"}},
		{Code: rules.CodeStatusMissing},
		{Code: rules.CodeStatusUnknown, Value: "EN LITIGE"},
		{Code: rules.CodeFeesFormat, Value: "1%"},
		{Code: rules.CodeDateFormat, Value: "hier"},
	}
	for code := range rules.Codes() {
		if strings.HasPrefix(code, "cell.") {
			found = append(found, rules.Problem{Code: code, Value: "45983"})
		}
		if strings.HasPrefix(code, "file.") {
			found = append(found, rules.Problem{
				Code: code, Value: "november.csv", Details: map[string]string{
					"reason": "(the reason)", "choices": "(the choices)", "command": "(the command)",
				},
			})
		}
	}
	return found
}
