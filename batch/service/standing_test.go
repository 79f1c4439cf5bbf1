package service_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/approval"
	"payrun/batch/clearance"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/money"
)

// standing reads where the approval of "may" stands, and the list of what was submitted.
func (o *office) standing() (clearance.Standing, string) {
	o.tb.Helper()
	var list bytes.Buffer
	standing, err := clearance.NewRegistry(o.store).List(o.tb.Context(), "may", time.Now(), &list)
	if err != nil {
		o.tb.Fatal(err)
	}
	return standing, list.String()
}

// TestWhatWasSignedIsReadAsItWasThen: however the payouts moved since, the content and its list
// are those that people signed, and what may be sent beyond them is counted.
func TestWhatWasSignedIsReadAsItWasThen(t *testing.T) {
	rows := payroll("A", 6, 1000)
	enter := func(o *office, id ledger.BatchID, entries ...ledger.Entry) {
		b := o.batch("may")
		if id != b.ID {
			b = ledger.Batch{ID: id, File: string(id) + ".csv", Account: b.Account, Currency: b.Currency, CreatedAt: b.CreatedAt}
		}
		if _, err := o.store.Enrol(o.tb.Context(), b, ledgertest.Each(entries)); err != nil {
			o.tb.Fatal(err)
		}
	}
	send := func(o *office, to ledger.State) {
		for _, move := range []ledger.Change{
			ledgertest.Move(rows[0].ID, ledger.Queued, ledger.Submitting), ledgertest.Move(rows[0].ID, ledger.Submitting, to),
		} {
			move.At = time.Now().UTC()
			ledgertest.Apply(o.tb, o.store, move)
		}
	}
	again := func(o *office, reference ledger.Reference, amount int64) {
		next := ledgertest.Move(rows[0].ID, ledger.Failed, ledger.Queued)
		corrected := rows[0].Terms
		corrected.Amount = money.XOF.Of(amount)
		next.Reference, next.Terms, next.At = reference, &corrected, time.Now().UTC()
		ledgertest.Apply(o.tb, o.store, next)
	}
	for name, test := range map[string]struct {
		happened  func(*office)
		uncovered int
	}{
		"nothing":                {func(*office) {}, 0},
		"a row was paid":         {func(o *office) { send(o, ledger.Successful) }, 0},
		"a row failed":           {func(o *office) { send(o, ledger.Failed) }, 0},
		"a row is being sent":    {func(o *office) { send(o, ledger.Unknown) }, 0},
		"a row entered":          {func(o *office) { enter(o, "may", rows[:4]...) }, 1},
		"rows entered twice":     {func(o *office) { enter(o, "may", rows[:4]...); enter(o, "may", rows...) }, 3},
		"a row of another batch": {func(o *office) { enter(o, "june", payroll("J", 4, 1000)...) }, 0},
		"a row was corrected":    {func(o *office) { send(o, ledger.Failed); again(o, "R-1", 1500) }, 1},
		"it was corrected twice": {func(o *office) {
			send(o, ledger.Failed)
			again(o, "R-1", 1500)
			send(o, ledger.Failed)
			again(o, "R-2", 1700)
		}, 1},
		"a row entered, and one was corrected": {func(o *office) {
			enter(o, "may", rows[:4]...)
			send(o, ledger.Failed)
			again(o, "R-1", 1500)
		}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, twoPeople)
				if _, err := o.submit("may", "awa", rows[:3]...); err != nil {
					t.Fatal(err)
				}
				signed, err := o.sign("may", approval.Approve, "koffi")
				if err != nil {
					t.Fatal(err)
				}
				_, list := o.standing()
				test.happened(o)
				now, after := o.standing()
				text, err := now.Content.Text()
				if err != nil || !bytes.Equal(text, signed.Text) || after != list {
					t.Errorf("signed were\n%s%s\nand now it is (%v)\n%s%s", signed.Text, list, err, text, after)
				}
				if now.Uncovered != test.uncovered || now.Verdict.State != approval.Approved {
					t.Errorf("%d uncovered, %s; want %d of what is approved", now.Uncovered, now.Verdict.State, test.uncovered)
				}
				said := fmt.Sprintf("%d payouts are not in what was submitted", test.uncovered)
				if err := now.Check(time.Now()); (err == nil) != (test.uncovered == 0) || err != nil && !strings.Contains(err.Error(), said) {
					t.Errorf("it is paid: %v", err)
				}
			})
		})
	}
}

// TestAnApprovalGoesOnFromTheFirstRequest and not from a later one, nor from what else becomes
// of a payout. The batch's own time may be over by then.
func TestAnApprovalGoesOnFromTheFirstRequest(t *testing.T) {
	const goesOn = 7 * 24 * time.Hour
	rows := payroll("A", 3, 1000)
	at := func(day int) time.Time { return time.Date(2000, 1, 1+day, 12, 0, 0, 0, time.UTC) }
	move := func(o *office, row, day int, from, to ledger.State) {
		change := ledgertest.Move(rows[row].ID, from, to)
		if change.At = at(day); from == ledger.Failed && to == ledger.Queued {
			change.Reference = "R-1"
		}
		ledgertest.Apply(o.tb, o.store, change)
	}
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, twoPeople)
		if _, err := o.submit("may", "awa", rows...); err != nil {
			t.Fatal(err)
		}
		before, err := o.sign("may", approval.Approve, "koffi")
		if err != nil {
			t.Fatal(err)
		}
		until := func(what string, want time.Time) {
			t.Helper()
			if now, _ := o.standing(); !now.Verdict.Until.Equal(want) {
				t.Errorf("%s: it ends %s, want %s", what, now.Verdict.Until, want)
			}
		}
		until("signed", before.Content.NotAfter)
		move(o, 1, 0, ledger.Queued, ledger.Cancelled)
		until("withdrawn", before.Content.NotAfter)
		move(o, 2, 2, ledger.Queued, ledger.Submitting)
		until("sent", at(2).Add(goesOn))
		move(o, 0, 1, ledger.Queued, ledger.Submitting)
		until("another sent by a clock that is behind", at(1).Add(goesOn))
		move(o, 0, 0, ledger.Submitting, ledger.Submitting)
		until("observed", at(1).Add(goesOn))
		move(o, 0, 0, ledger.Submitting, ledger.Failed)
		move(o, 0, 0, ledger.Failed, ledger.Queued)
		move(o, 0, 0, ledger.Queued, ledger.Submitting)
		until("sent again", at(1).Add(goesOn))
	})
}

// TestTheListOfABatchIsThatOfItsRows in their order, with the terms that were submitted.
func TestTheListOfABatchIsThatOfItsRows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, twoPeople)
		rows := payroll("A", 3, 1000)
		if _, err := o.submit("may", "awa", rows...); err != nil {
			t.Fatal(err)
		}
		var want []byte
		for _, row := range rows {
			want = row.AppendLine(want)
		}
		if _, list := o.standing(); !slices.Equal([]byte(list), want) {
			t.Errorf("%s\nwant\n%s", list, want)
		}
	})
}

// TestWhatSomebodyWasPaidCountsForWhoeverSignsMore: one number is paid a second time in a batch,
// and what people sign says what that comes to. What it was to be paid, and was not, is left out.
func TestWhatSomebodyWasPaidCountsForWhoeverSignsMore(t *testing.T) {
	for state, want := range map[ledger.State]int64{
		ledger.Successful: 2500, ledger.Pending: 2500, ledger.Failed: 1500, ledger.Cancelled: 1500,
	} {
		t.Run(state.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, twoPeople)
				rows := payroll("A", 3, 1000)
				rows[2].Number, rows[2].Amount = rows[0].Number, money.XOF.Of(1500)
				if _, err := o.submit("may", "awa", rows[:2]...); err != nil {
					t.Fatal(err)
				}
				if _, err := o.sign("may", approval.Approve, "koffi"); err != nil {
					t.Fatal(err)
				}
				from := ledger.Queued
				for _, to := range []ledger.State{ledger.Submitting, state} {
					if to == ledger.Submitting && state == ledger.Cancelled {
						continue
					}
					move := ledgertest.Move(rows[0].ID, from, to)
					move.At, from = time.Now().UTC(), to
					ledgertest.Apply(t, o.store, move)
				}
				if _, err := o.submit("may", "awa", rows...); err != nil {
					t.Fatal(err)
				}
				now, err := o.sign("may", approval.Approve, "koffi")
				if err != nil {
					t.Fatal(err)
				}
				if want > 2000 {
					if now.Pays(time.Now()) {
						t.Error("a checker is enough for what asks for a director")
					}
					if now, err = o.sign("may", approval.Approve, "fanta"); err != nil {
						t.Fatal(err)
					}
				}
				if highest := now.Content.Highest; highest.Amount != want || highest.Number != rows[0].Number {
					t.Errorf("the highest to one number is %d, want %d", highest.Amount, want)
				}
				if now.Verdict.State != approval.Approved || !now.Pays(time.Now()) {
					t.Errorf("it is %s", now.Verdict.State)
				}
			})
		})
	}
}
