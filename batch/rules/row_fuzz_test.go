package rules_test

import (
	"regexp"
	"testing"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
)

var (
	payableID     = regexp.MustCompile(`^[A-Za-z0-9._-]{1,20}$`)
	payableNumber = map[string]*regexp.Regexp{
		"ORANGE": regexp.MustCompile(`^07[0-9]{8}$`),
		"MTN":    regexp.MustCompile(`^05[0-9]{8}$`),
		"MOOV":   regexp.MustCompile(`^01[0-9]{8}$`),
		"WAVE":   regexp.MustCompile(`^0[157][0-9]{8}$`),
	}
)

// FuzzRow holds that whatever a row says, it is either rejected with a known
// code or asks for something that the provider documents as payable.
func FuzzRow(f *testing.F) {
	f.Add("PAY-1", "0701020304", "Awa Koné", "5 000", "Orange", "XOF", "CI", true, false)
	f.Add("PAY-1", "701020304", "Awa", "1.000 FCFA", "om", "F CFA", "", false, true)
	f.Add("..", "+225 0501020304", "", "-5", "Free", "EUR", "SN", true, true)
	set := builtinRules(f)
	f.Fuzz(func(t *testing.T, id, number, name, amount, operator, currency, country string, strict, restore bool) {
		row := table.Row{
			Number: 2, TransactionID: table.Cell{Text: id}, Beneficiary: table.Cell{Text: number},
			Name: table.Cell{Text: name}, Amount: table.Cell{Text: amount}, Operator: table.Cell{Text: operator},
			Currency: table.Cell{Text: currency}, Country: table.Cell{Text: country},
		}
		v := rules.NewValidator(set, rules.Options{Strict: strict, RestoreLeadingZero: restore})
		judged := v.Check(row)
		entry, problems := judged.Entry, judged.Problems
		severities := rules.Codes()
		for _, p := range problems {
			if _, known := severities[p.Code]; !known || p.Row != 2 || p.Column == "" && judged.Kind == rules.KindPerson {
				t.Fatalf("a problem without code or place: %+v", p)
			}
		}
		if !judged.Kind.Pays() {
			if told := len(problems) + len(v.End()); told != 1 {
				t.Fatalf("a row that pays nobody is told by %d problems", told)
			}
			return
		}
		if len(entry.Rejections) > 0 {
			return
		}
		numbers := payableNumber[string(entry.Operator)]
		if numbers == nil || !entry.Number.Valid() || !numbers.MatchString(entry.Number.National().Reveal()) || !payableID.MatchString(string(entry.ID)) ||
			entry.Amount.Minor < 100 || entry.Amount.Minor > 1_000_000 || entry.Name == "" {
			t.Fatalf("accepted: %+v, number %s", entry, entry.Number.Reveal())
		}
		if again := v.Check(row).Problems; codes(again) == codes(problems) {
			t.Fatalf("the same row again has the problems %q, want id.duplicate among them", codes(again))
		}
	})
}
