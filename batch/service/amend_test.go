package service_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/clearance"
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/money"
	"payrun/provider"
)

// oneFailed is an office without a policy, or with one, in whose batch may the first of three rows
// failed.
func oneFailed(t *testing.T, policy string) (*office, ledger.Payout) {
	t.Helper()
	if policy != "" {
		return failedOnce(t, policy)
	}
	o := newOffice(t, "")
	rows := payroll("A", 3, 1000)
	o.purse.fails[rows[0].Number] = true
	if _, err := o.submit("may", "awa", rows...); err != nil {
		t.Fatal(err)
	}
	if _, err := o.pay("may", "awa"); err != nil {
		t.Fatal(err)
	}
	failed, err := o.store.Payout(t.Context(), rows[0].ID)
	if err != nil || failed.State != ledger.Failed {
		t.Fatalf("%s, %v, want it failed", failed.State, err)
	}
	return o, failed
}

// mend is a row in which a person changes the number alone, as it is written nationally.
func mend(p ledger.Payout, number string) service.Mended {
	return service.Mended{Number: number, Name: p.Name, Operator: string(p.Operator), Amount: p.Amount.Plain()}
}

// TestAFailedPayoutIsCorrectedInPlace, under its own id: it is paid once, on the new number, and the old
// terms stay with the attempt that had them.
func TestAFailedPayoutIsCorrectedInPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, failed := oneFailed(t, "")
		<-time.After(time.Hour) // in which the provider shows what it has
		a, err := o.PrepareAmend(t.Context(), "may", failed.ID, mend(failed, "0709999999"))
		if err != nil || !a.Allowed() || a.Terms.Number != "+2250709999999" || a.Released() != (ledger.Total{Count: 1, Amount: money.XOF.Of(1000)}) {
			t.Fatalf("%+v, %v, want a correction of the number", a, err)
		}
		done, err := o.Amend(t.Context(), at("awa"), a)
		if err != nil || done.Queued.Count != 1 {
			t.Fatalf("%+v, %v", done, err)
		}
		if _, err := o.pay("may", "awa"); err != nil {
			t.Fatal(err)
		}
		after, err := o.store.Payout(t.Context(), failed.ID)
		if err != nil || after.State != ledger.Successful || after.Number != a.Terms.Number || after.Earlier[0].Terms.Number != failed.Number {
			t.Errorf("%+v, %v, want it paid on the new number", after, err)
		}
	})
}

// TestACorrectionUnderAPolicyIsApprovedFirst: nothing of it is sent before.
func TestACorrectionUnderAPolicyIsApprovedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, failed := oneFailed(t, twoPeople)
		<-time.After(time.Hour)
		a, err := o.PrepareAmend(t.Context(), "may", failed.ID, mend(failed, "0709999999"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Amend(t.Context(), at("awa"), a); err != nil {
			t.Fatal(err)
		}
		sent := len(o.purse.sent)
		paid, err := o.pay("may", "awa")
		if !errors.Is(errors.Join(err, paid.Stopped), clearance.ErrUnapproved) || len(o.purse.sent) != sent {
			t.Errorf("%+v, %v, sent %d more, want it to wait for approval", paid, err, len(o.purse.sent)-sent)
		}
		if b := o.batch("may"); b.State != ledger.BatchAwaitingApproval {
			t.Errorf("%s, want it to wait for approval", b.State)
		}
	})
}

// TestWhatIsNoCorrectionIsRefused: another person, what was paid, what is no number.
func TestWhatIsNoCorrectionIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, failed := oneFailed(t, "")
		stranger := mend(failed, "0708888888")
		stranger.Name = "Yao Kouassi"
		paid, err := o.store.Payout(t.Context(), "A-00001")
		if err != nil {
			t.Fatal(err)
		}
		for name, test := range map[string]struct {
			of   ledger.Payout
			with service.Mended
			code string
		}{
			"another person":        {failed, stranger, rules.CodeIDOtherPerson},
			"one who was paid":      {paid, mend(paid, "0707777777"), rules.CodeIDConflict},
			"a number too short":    {failed, mend(failed, "07077"), "number.length"},
			"no number":             {failed, mend(failed, ""), "number.missing"},
			"what it is already in": {failed, mend(failed, failed.Number.National().Reveal()), ""},
		} {
			a, err := o.PrepareAmend(t.Context(), "may", test.of.ID, test.with)
			if err != nil || a.Allowed() || a.Unchanged != (test.code == "") {
				t.Errorf("%s: %+v, %v, want it refused", name, a, err)
			}
			has := slices.ContainsFunc(a.Problems, func(p rules.Problem) bool { return p.Code == test.code })
			if test.code != "" && !has {
				t.Errorf("%s: %+v, want %s", name, a.Problems, test.code)
			}
		}
		if _, err := o.PrepareAmend(t.Context(), "may", "nobody", mend(failed, "0709999999")); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("%v, want ErrNotFound", err)
		}
	})
}

// TestAHeadlineAddsUp: what is disputed is not among what is paid.
func TestAHeadlineAddsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, _ := oneFailed(t, "")
		paid, err := o.store.Payout(t.Context(), "A-00001")
		if err != nil {
			t.Fatal(err)
		}
		_, err = o.store.Apply(t.Context(), []ledger.Change{{
			ID: paid.ID, From: paid.State, To: paid.State, At: time.Now(), Actor: "reconcile",
			Difference: &ledger.Difference{Code: "reversed", At: time.Now(), Recorded: paid.State, Reference: paid.Reference},
		}})
		if err != nil {
			t.Fatal(err)
		}
		h, err := o.Headline(t.Context(), "may")
		if err != nil || h.Paid.Count != 1 || h.Failed.Count != 1 || h.Disputed.Count != 1 || h.Open().Count != 0 || h.AtLeast {
			t.Errorf("%+v, %v, want one paid, one failed, one disputed", h, err)
		}
		if h.Paid.Plus(h.Failed, h.Disputed).Amount != money.XOF.Of(3000) {
			t.Errorf("%+v, want it to add up to 3000", h)
		}
		for name, filter := range map[string]service.PayoutFilter{
			"A-00000": {States: []ledger.State{ledger.Failed}},
			"A-00001": {Disputed: true},
		} {
			page, err := o.Payouts(t.Context(), "may", filter, 0, 10)
			if err != nil || page.More || len(page.Payouts) != 1 || page.Payouts[0].ID != ledger.TransactionID(name) {
				t.Errorf("%+v: %+v, %v, want %s", filter, page, err, name)
			}
		}
	})
}

// TestPagesOfPayoutsFollowEachOther, one payout each.
func TestPagesOfPayoutsFollowEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, _ := oneFailed(t, "")
		var all []ledger.TransactionID
		for from, more := uint32(0), true; more; {
			page, err := o.Payouts(t.Context(), "may", service.PayoutFilter{}, from, 1)
			if err != nil || len(page.Payouts) != 1 {
				t.Fatalf("%+v, %v", page, err)
			}
			all, from, more = append(all, page.Payouts[0].ID), page.Next, page.More
		}
		if !slices.Equal(all, []ledger.TransactionID{"A-00000", "A-00001", "A-00002"}) {
			t.Errorf("%v", all)
		}
	})
}

// TestACorrectionIsReleasedInItsNewTermsWithWhatWaits: what a person was shown and what the ledger
// has as released are the same payouts, and no other's terms change.
func TestACorrectionIsReleasedInItsNewTermsWithWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, failed := oneFailed(t, "")
		if _, err := o.store.Enrol(t.Context(), o.batch("may"), ledgertest.Each(payroll("A", 4, 700))); err != nil {
			t.Fatal(err)
		}
		waiting, err := o.store.Payout(t.Context(), ledgertest.Entries("A", 4)[3].ID)
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Hour)
		with := mend(failed, failed.Number.National().Reveal())
		with.Amount = "1500"
		a, err := o.PrepareAmend(t.Context(), "may", failed.ID, with)
		want := ledger.Total{Count: 2, Amount: money.XOF.Of(2200)}
		if err != nil || !a.Allowed() || a.Released() != want {
			t.Fatalf("%+v, %v, want %+v", a, err, want)
		}
		if _, err := o.Amend(t.Context(), at("awa"), a); err != nil {
			t.Fatal(err)
		}
		list, terms := ledger.NewListDigest(), failed.Terms
		terms.Amount = money.XOF.Of(1500)
		list.Add(&terms)
		list.Add(&waiting.Terms)
		if r := o.batch("may").Release; r.Count != want || r.Digest != list.Hex() {
			t.Errorf("released is %+v, want %+v of %s", r, want, list.Hex())
		}
	})
}

// TestACorrectionThatTheProviderHoldsIsNotSubmitted for anybody to approve: the payout may be paid.
func TestACorrectionThatTheProviderHoldsIsNotSubmitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, failed := oneFailed(t, twoPeople)
		<-time.After(time.Hour)
		a, err := o.PrepareAmend(t.Context(), "may", failed.ID, mend(failed, "0709999999"))
		if err != nil {
			t.Fatal(err)
		}
		paid := o.purse.books[string(failed.Reference)]
		paid.Class, paid.Code = provider.Successful, "SUCCESSFUL"
		o.purse.books[string(failed.Reference)] = paid
		before := o.batch("may").Submitted
		done, err := o.Amend(t.Context(), at("awa"), a)
		if err != nil || len(done.Held) != 1 || done.Queued.Count != 0 {
			t.Fatalf("%+v, %v, want it held", done, err)
		}
		if after := o.batch("may"); *after.Submitted != *before || after.State == ledger.BatchAwaitingApproval {
			t.Errorf("%s, %+v was submitted, and %+v before", after.State, after.Submitted, before)
		}
	})
}

// TestACorrectionBroughtInWaitsForItsOwnRelease: a page brings a file in with nothing of it released, and
// the batch is still being paid by the release of before.
func TestACorrectionBroughtInWaitsForItsOwnRelease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, failed := oneFailed(t, "")
		if err := o.store.Record(t.Context(), ledger.Act{Code: ledger.ActReleased, Batch: "may", At: time.Now().UTC()}); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Hour)
		text := titles
		for p, err := range o.store.Payouts(t.Context(), "may") {
			if err != nil {
				t.Fatal(err)
			}
			number := p.Number.National().Reveal()
			if p.ID == failed.ID {
				number = "0709999999"
			}
			text += string(p.ID) + "," + number + "," + p.Name + "," + p.Amount.Plain() + "," + string(p.Operator) + "\n"
		}
		checked, err := o.Check(t.Context(), open(t, text, table.Options{}), service.CheckOptions{Batch: "may"})
		if err != nil || len(checked.Corrections) != 1 {
			t.Fatalf("%+v, %v, want one correction", checked, err)
		}
		sent := len(o.purse.sent)
		if _, done, err := o.BringIn(t.Context(), at("awa"), checked, "may.csv"); err != nil || done.Queued.Count != 1 {
			t.Fatalf("%+v, %v, want it corrected", done, err)
		}
		if _, err := o.pay("may", "awa"); !errors.Is(err, ledger.ErrUnreleased) || len(o.purse.sent) != sent {
			t.Errorf("%v, sent %d, want it to wait for a release", err, len(o.purse.sent)-sent)
		}
		if err := o.Release(t.Context(), at("awa"), "may", ledger.Total{Count: 1, Amount: failed.Amount}); err != nil {
			t.Fatal(err)
		}
		if paid, err := o.pay("may", "awa"); err != nil || paid.Stopped != nil || len(o.purse.sent) != sent+1 {
			t.Errorf("%v, %v, sent %d, want it paid once released", err, paid.Stopped, len(o.purse.sent)-sent)
		}
	})
}

// TestNothingGivenBackIsSentBeforeItIsApproved by another machine that pays the batch, as a policy let it,
// while a person corrects what failed of it.
func TestNothingGivenBackIsSentBeforeItIsApproved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, failed := oneFailed(t, twoPeople)
		if err := o.store.Record(t.Context(), ledger.Act{Code: ledger.ActReleased, Batch: "may", At: time.Now().UTC()}); err != nil {
			t.Fatal(err)
		}
		door := clearance.NewDoor(o.store, "may", time.Now)
		if err := door.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Hour)
		terms := failed.Terms
		terms.Number = "+2250709999999"
		done, err := o.Correct(t.Context(), at("awa"), "may", []ledger.Correction{{Row: 2, Payout: failed, Terms: terms}})
		if err != nil || done.Queued.Count != 1 {
			t.Fatalf("%+v, %v, want it corrected", done, err)
		}
		by, err := o.store.Join(t.Context(), "other")
		if err != nil {
			t.Fatal(err)
		}
		claimed, err := door.Claim(t.Context(), ledger.ClaimRequest{
			Claim: by, Batch: "may", Payouts: []ledger.TransactionID{failed.ID}, At: time.Now().UTC(), Actor: "engine",
		})
		if !errors.Is(err, ledger.ErrUnreleased) || len(claimed.Payouts) > 0 {
			t.Errorf("%+v, %v, want it to wait for approval", claimed, err)
		}
	})
}
