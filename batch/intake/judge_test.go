package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"payrun/batch/intake"
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/money"
)

// marked checks rows as the rules would that have one problem with each, an error if it
// rejects and else a warning.
type marked struct {
	rows
	code    string
	rejects bool
	from    int // the first row that has it
}

func (m marked) Check(row table.Row) rules.Judgement {
	judged := m.rows.Check(row)
	if row.Number < m.from {
		return judged
	}
	problem := rules.Problem{Row: row.Number, Code: m.code, Severity: rules.Warning}
	if m.rejects {
		problem.Severity = rules.Error
		judged.Entry.Rejections = append(judged.Entry.Rejections, problem.Rejection())
	}
	judged.Problems = append(judged.Problems, problem)
	return judged
}

// TestTheLedgerSettlesWhatTheRulesCannotKnow: a number that was paid through its operator,
// and a row that the ledger has already. Any other error of a row stands, and nothing is
// added to it.
func TestTheLedgerSettlesWhatTheRulesCannotKnow(t *testing.T) {
	same := func(state ledger.State) books {
		b := paid("new", 3, 1, money.XOF.Of(5000))
		b[0].ID, b[0].State = "NEW-0", state
		return b
	}
	for why, test := range map[string]struct {
		code    string
		rejects bool
		books   books
		want    string
		settled bool // that the row is paid in spite of its rejection
	}{
		"another operator's number":                     {rules.CodeNumberPrefix, true, nil, "error number.prefix 1", false},
		"a number that was paid through it":             {rules.CodeNumberPrefix, true, paid("b", 40, 1, money.XOF.Of(900)), "", true},
		"a row that was paid":                           {rules.CodeNumberPrefix, true, same(ledger.Successful), "", true},
		"a row that is to be paid":                      {rules.CodeNumberPrefix, true, same(ledger.Queued), "error number.prefix 1", false},
		"a payment twice in the file":                   {rules.CodeRepeated, true, nil, "error payment.repeated 1", false},
		"a payment twice, of which this was taken":      {rules.CodeRepeated, true, same(ledger.Queued), "", true},
		"a warning that is settled":                     {rules.CodeNumberPrefix, false, same(ledger.Successful), "", false},
		"a short number":                                {rules.CodeNumberLength, true, paid("b", 1, 1, money.XOF.Of(5000)), "error number.length 1", false},
		"a short number in a row that the ledger has":   {rules.CodeNumberLength, true, same(ledger.Queued), "error number.length 1", false},
		"a warning that only a person settles":          {rules.CodeRowMarked, false, same(ledger.Queued), "warning row.marked 1", false},
		"a row that another batch paid, and is twice":   {rules.CodeRepeated, true, paidAs("NEW-0", "oct"), "warning id.known 1", true},
		"a short number in a row of somebody else's id": {rules.CodeNumberLength, true, paidAs("NEW-0", "oct"), "error number.length 1", false},
	} {
		file := payroll(0, 1, money.XOF.Of(5000))
		review, told := judged(t, file, test.books, func(in *intake.InspectOptions) {
			in.Checker = marked{rows: file, code: test.code, rejects: test.rejects}
		})
		final, overruled := review.Overruled[0]
		if told != test.want || overruled != test.settled || len(final.Rejections) > 0 {
			t.Errorf("%s: told %q, overruled %+v, want %q, settled %t", why, told, review.Overruled, test.want, test.settled)
		}
		if rejected := test.rejects && !test.settled; (review.Rejected.Count == 1) != rejected {
			t.Errorf("%s: %d rejected, want %t", why, review.Rejected.Count, rejected)
		}
	}
}

// paidAs is a payment of the payroll's first person under an id of another batch's.
func paidAs(id ledger.TransactionID, batch string) books {
	b := paid(batch, 40, 1, money.XOF.Of(5000))
	b[0].ID = id
	return b
}

// TestARowThatPaysNobodyIsNotHeldAgainstTheLedger.
func TestARowThatPaysNobodyIsNotHeldAgainstTheLedger(t *testing.T) {
	file := payroll(0, 1, money.XOF.Of(5000))
	review, told := judged(t, file, paid("nov", 1, 1, money.XOF.Of(5000)), func(in *intake.InspectOptions) {
		in.Checker = kinds{file, map[int]rules.Kind{0: rules.KindTotal}}
	})
	if told != "" || review.NotPayments != 1 {
		t.Errorf("told %q, %d rows pay nobody, want nothing of one", told, review.NotPayments)
	}
}

// TestARowIsARepeatOnce, whatever it repeats: a person answers with their number.
func TestARowIsARepeatOnce(t *testing.T) {
	failed := paid("nov", 1, 2, money.XOF.Of(5000))
	for i := range failed {
		failed[i].ID, failed[i].State = ledger.TransactionID(fmt.Sprintf("F-%d", i)), ledger.Failed
	}
	for why, before := range map[string]books{
		"paid":            paid("nov", 1, 2, money.XOF.Of(5000)),
		"failed":          failed,
		"failed and paid": append(paid("nov", 1, 2, money.XOF.Of(5000)), failed...),
	} {
		file := payroll(0, 2, money.XOF.Of(5000))
		review, told := judged(t, file, before, func(in *intake.InspectOptions) {
			in.Checker = marked{rows: file, code: rules.CodeRepeated, from: 1} // as it was answered
		})
		if review.Repeats != 2 || !strings.Contains(told, "error batch.repeated") {
			t.Errorf("%s: %d repeats, told %q, want each of two rows once, and a stop", why, review.Repeats, told)
		}
	}
}

// TestARowThatIsNotPaidIsNoRepeat: a person is asked about what would be paid.
func TestARowThatIsNotPaidIsNoRepeat(t *testing.T) {
	failed := paid("nov", 1, 1, money.XOF.Of(5000))
	failed[0].State = ledger.Failed
	review, told := judged(t, payroll(0, 1, money.XOF.Of(5000)), failed, func(in *intake.InspectOptions) {
		in.History.Reserved = map[ledger.TransactionID]ledger.Terms{"NEW-0": {Name: "Yao Kra", Number: "0501"}}
	})
	if want := "error id.reserved 1, warning payment.failed_before 1"; review.Repeats != 0 || told != want {
		t.Errorf("%d repeats, told %q, want none, and %q", review.Repeats, told, want)
	}
}

// TestAnAnswerHoldsWhereWarningsAreErrors, about repeats and about nothing else.
func TestAnAnswerHoldsWhereWarningsAreErrors(t *testing.T) {
	failed, stranger := paid("nov", 1, 1, money.XOF.Of(5000)), paid("nov", 1, 1, money.XOF.Of(5000))
	failed[0].State, stranger[0].Name = ledger.Failed, "Yao Kra"
	for why, test := range map[string]struct {
		books    books
		answered bool
		want     string
	}{
		"a repeat":                     {paid("nov", 1, 1, money.XOF.Of(5000)), false, "error payment.repeated_recently 1"},
		"a repeat that was answered":   {paid("nov", 1, 1, money.XOF.Of(5000)), true, "warning payment.repeated_recently 1"},
		"what failed":                  {failed, false, "error payment.failed_before 1"},
		"what failed and was answered": {failed, true, "warning payment.failed_before 1"},
		"another name":                 {stranger, true, "error number.other_name 1, warning payment.repeated_recently 1"},
	} {
		_, told := judged(t, payroll(0, 30, money.XOF.Of(5000)), test.books, func(in *intake.InspectOptions) {
			in.History.Strict, in.History.Answered = true, test.answered
		})
		if told != test.want {
			t.Errorf("%s: told %q, want %q", why, told, test.want)
		}
	}
}

// TestOnlyAPaymentSaysWhoseANumberIs: one that was withdrawn says nothing, neither for a
// name nor in place of a payment before it. It is told once.
func TestOnlyAPaymentSaysWhoseANumberIs(t *testing.T) {
	named := func(days float64, name string, change func(*ledger.Payout)) ledger.Payout {
		p := paid(fmt.Sprintf("b%g", days), days, 1, money.XOF.Of(900))[0]
		p.Name, p.Operator = name, "WAVE"
		if change != nil {
			change(&p)
		}
		return p
	}
	withdrawn := func(p *ledger.Payout) { p.State, p.Attempt = ledger.Cancelled, 0 }
	for why, test := range map[string]struct {
		books books
		want  string
	}{
		"paid to somebody else":                    {books{named(40, "Yao Kra", nil)}, "number.other_name 1"},
		"paid to two others":                       {books{named(40, "Yao Kra", nil), named(70, "Ali Diop", nil)}, "number.other_name 1"},
		"withdrawn from somebody else":             {books{named(40, "Yao Kra", withdrawn)}, ""},
		"withdrawn, and paid to somebody else":     {books{named(40, "Awa A", withdrawn), named(70, "Yao Kra", nil)}, "number.other_name 1"},
		"paid to them, and to somebody else first": {books{named(40, "Awa A", nil), named(70, "Yao Kra", nil)}, ""},
	} {
		for _, prefixed := range []bool{false, true} { // whether more is asked of the payments before
			file := payroll(0, 1, money.XOF.Of(5000))
			_, told := judged(t, file, test.books, func(in *intake.InspectOptions) {
				if prefixed {
					in.Checker = ported{file}
				}
			})
			if !strings.Contains(told, test.want) || (strings.Contains(told, "other_name") && test.want == "") {
				t.Errorf("%s: told %q, want %q", why, told, test.want)
			}
		}
	}
}

// TestAFailureOfTheBatchIsFoundHoweverLongAgo: its row says that it is there.
func TestAFailureOfTheBatchIsFoundHoweverLongAgo(t *testing.T) {
	failed := paid("new", 3, 1, money.XOF.Of(5000))
	failed[0].ID, failed[0].State = "OLD-0", ledger.Failed
	before := make(books, 4000) // as many as are looked at
	for i := range before {
		before[i].Terms = ledger.Terms{ID: ledger.TransactionID(fmt.Sprintf("X-%d", i)), Number: "+2250709990000", Name: "Somebody"}
	}
	other := ledger.Entry{Row: 3, Terms: terms("NEW-0", 0, money.XOF.Of(5000))}
	other.Number = "+2250709998877"
	file := rows{{Row: 2, Terms: failed[0].Terms}, other}
	if _, told := judged(t, file, append(before, failed...), nil); told != "error id.renamed 1" {
		t.Errorf("told %q, want that it failed under its own id", told)
	}
	again := failed[0]
	again.ID = "OLD-1"
	if _, told := judged(t, rows{other}, append(books{again}, failed...), nil); told != "error id.renamed 1" {
		t.Errorf("told %q of two that failed, want it once", told)
	}
}

// TestTheBatchThatMostRowsRepeatIsNamed, the latest of several, and how long ago its last
// payment was accepted.
func TestTheBatchThatMostRowsRepeatIsNamed(t *testing.T) {
	before := func(batch string, ago time.Duration, from, to int) books {
		b := paid(batch, 0, to, money.XOF.Of(5000))[from:]
		for i := range b {
			b[i].QueuedAt = payday().Add(-ago - time.Duration(i)*time.Second) // the first is the last
		}
		return b
	}
	join := func(all ...books) (b books) {
		for _, one := range all {
			b = append(b, one...)
		}
		return b
	}
	var each []books
	for i, batch := range []string{"h", "g", "f", "e", "d", "c", "b", "a"} {
		each = append(each, before(batch, 3*time.Hour-time.Duration(i)*time.Second, i, i+1))
	}
	for why, test := range map[string]struct {
		books books
		want  string
	}{
		"each another's":             {join(each...), "8 of 8, a, hours 2"},
		"most":                       {join(before("b", time.Hour, 0, 2), before("a", 3*time.Hour, 2, 6), before("c", 2*time.Hour, 6, 8)), "8 of 8, a, hours 3"},
		"as many, the latest":        {join(before("b", 3*time.Hour, 0, 4), before("a", 4*time.Hour, 4, 8)), "8 of 8, b, hours 3"},
		"as many at the same time":   {join(before("b", 3*time.Hour, 0, 4), before("a", 3*time.Hour, 4, 8)), "8 of 8, a, hours 3"},
		"from a clock that is ahead": {before("a", -time.Minute, 0, 8), "8 of 8, a, seconds 0"},
		"seconds":                    {before("a", 119*time.Second, 0, 8), "8 of 8, a, seconds 119"},
		"minutes":                    {before("a", 2*time.Minute, 0, 8), "8 of 8, a, minutes 2"},
		"many minutes":               {before("a", 119*time.Minute, 0, 8), "8 of 8, a, minutes 119"},
		"hours":                      {before("a", 2*time.Hour, 0, 8), "8 of 8, a, hours 2"},
		"many hours":                 {before("a", 47*time.Hour, 0, 8), "8 of 8, a, hours 47"},
		"days":                       {before("a", 48*time.Hour, 0, 8), "8 of 8, a, days 2"},
	} {
		var told []string
		judged(t, payroll(0, 8, money.XOF.Of(5000)), test.books, func(in *intake.InspectOptions) {
			in.Problem = func(p rules.Problem) {
				if d := p.Details; p.Code == rules.CodeBatchRepeated {
					told = append(told, fmt.Sprintf("%s of %s, %s, %s", d["count"], d["rows"], d["batch"], d["ago"]))
				}
			}
		})
		if got := strings.Join(told, "; "); got != test.want {
			t.Errorf("%s: %q, want %q", why, got, test.want)
		}
	}
}
