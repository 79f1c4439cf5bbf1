package service_test

import (
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/approval"
	"payrun/ledger"
)

// TestAMakersDayIsAllTheySubmittedInIt: whoever splits a payroll into batches meets the tier of
// what they come to. What was submitted again counts once, and nobody answers for others.
func TestAMakersDayIsAllTheySubmittedInIt(t *testing.T) {
	enter := func(o *office, id ledger.BatchID, by string, rows ...ledger.Entry) {
		o.tb.Helper()
		if _, err := o.submit(id, by, rows...); err != nil {
			o.tb.Fatal(err)
		}
	}
	pay := func(o *office, id ledger.BatchID, by string) {
		o.tb.Helper()
		for _, name := range []string{"koffi", "fanta"} {
			if s, err := o.Approval(o.tb.Context(), id); err != nil || s.Pays(time.Now()) {
				break
			}
			if _, err := o.sign(id, approval.Approve, name); err != nil {
				o.tb.Fatal(err)
			}
		}
		if _, err := o.resume(id, by); err != nil {
			o.tb.Fatal(err)
		}
	}
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		before func(*office)
		want   int64
	}{
		"nothing before": {func(*office) {}, 1000},
		"another batch":  {func(o *office) { enter(o, "april", "awa", payroll("P", 3, 1000)...) }, 4000},
		"two others": {func(o *office) {
			enter(o, "april", "awa", payroll("P", 3, 1000)...)
			enter(o, "march", "awa", payroll("M", 1, 500)...)
		}, 4500},
		"another, a day ago":   {func(o *office) { enter(o, "april", "awa", payroll("P", 3, 1000)...); <-time.After(day) }, 4000},
		"another, before that": {func(o *office) { enter(o, "april", "awa", payroll("P", 3, 1000)...); <-time.After(day + time.Second) }, 1000},
		"somebody else's":      {func(o *office) { enter(o, "april", "ibou@firm", payroll("P", 3, 1000)...) }, 1000},
		"another that was paid": {func(o *office) {
			enter(o, "april", "awa", payroll("P", 3, 1000)...)
			pay(o, "april", "awa")
		}, 4000},
		"another that was submitted again": {func(o *office) {
			enter(o, "april", "awa", payroll("P", 3, 1000)...)
			enter(o, "april", "awa", payroll("P", 4, 1000)...)
		}, 5000},
		"another that was paid, and then more of it": {func(o *office) {
			enter(o, "april", "awa", payroll("P", 3, 1000)...)
			pay(o, "april", "awa")
			enter(o, "april", "awa", payroll("P", 4, 1000)...)
		}, 5000},
		"another whose first part is older": {func(o *office) {
			enter(o, "april", "awa", payroll("P", 3, 1000)...)
			pay(o, "april", "awa")
			<-time.After(day + time.Second)
			enter(o, "april", "awa", payroll("P", 4, 1000)...)
		}, 2000},
		"the same, submitted before": {func(o *office) { enter(o, "may", "awa", payroll("A", 1, 1000)...) }, 1000},
		"the same, of which another row was paid": {func(o *office) {
			enter(o, "may", "awa", payroll("B", 2, 700)...)
			pay(o, "may", "awa")
		}, 2400},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, twoPeople)
				test.before(o)
				enter(o, "may", "awa", payroll("A", 1, 1000)...)
				now, err := o.Approval(t.Context(), "may")
				if err != nil || now.Content == nil || now.Content.MakerDay != test.want {
					t.Errorf("%+v, %v, want %d in the maker's day", now.Content, err, test.want)
				}
			})
		})
	}
}
