package service_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/batch/approval/sshsig/sshsigtest"
	"payrun/batch/clearance"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/money"
)

// notSent fails the test unless a payment was refused as nobody approved it, and so many
// requests were sent by then.
func (o *office) notSent(what string, paid service.Paid, err error, sent int) {
	o.tb.Helper()
	if stopped := errors.Join(err, paid.Stopped); !errors.Is(stopped, clearance.ErrUnapproved) || len(o.purse.sent) != sent {
		o.tb.Errorf("%s: %v, %d sent, want it unapproved and %d sent", what, stopped, len(o.purse.sent), sent)
	}
}

func (o *office) sentAll(what string, paid service.Paid, err error, sent int) {
	o.tb.Helper()
	if stopped := errors.Join(err, paid.Stopped); stopped != nil || len(o.purse.sent) != sent {
		o.tb.Errorf("%s: %v, %d sent, want %d", what, stopped, len(o.purse.sent), sent)
	}
}

func (o *office) stands(id ledger.BatchID, want ledger.BatchState) {
	o.tb.Helper()
	if b, err := o.store.Batch(o.tb.Context(), id); err != nil || b.State != want {
		o.tb.Errorf("batch %q is %s, %v, want it %s", id, b.State, err, want)
	}
}

// TestTwoPeoplePayABatch: one submits, another approves, and then it is paid as it was
// submitted; the audit log names both.
func TestTwoPeoplePayABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, twoPeople)
		rows := payroll("A", 3, 1000)
		b, err := o.submit("may", "awa", rows...)
		if err != nil || b.State != ledger.BatchAwaitingApproval || b.Submitted.Count != (ledger.Total{Count: 3, Amount: money.XOF.Of(3000)}) {
			t.Fatalf("%+v, %v, want it to await approval", b, err)
		}
		paid, err := o.pay("may", "awa")
		o.notSent("before anybody approved", paid, err, 0)
		if _, err := o.sign("may", approval.Approve, "awa"); !ignored(err, approval.ReasonMaker) {
			t.Errorf("the maker's own approval: %v", err)
		}
		if _, err := o.sign("may", approval.Approve, "root"); !ignored(err, approval.ReasonRole) {
			t.Errorf("an admin's approval: %v", err)
		}
		standing, err := o.sign("may", approval.Approve, "koffi")
		if err != nil || standing.Verdict.State != approval.Approved {
			t.Fatalf("%+v, %v, want it approved", standing.Verdict, err)
		}
		o.stands("may", ledger.BatchApproved)
		paid, err = o.resume("may", "awa")
		o.sentAll("once approved", paid, err, 3)
		o.stands("may", ledger.BatchClosed)
		var said []string
		for e, err := range o.store.Acts(t.Context(), "may") {
			if err != nil {
				t.Fatal(err)
			}
			said = append(said, string(e.Act)+" "+e.By.Name+" "+e.By.Confirmed)
		}
		want := []string{
			" awa ", "batch.sealed awa ", "batch.submitted awa ", "batch.decided koffi signature", "batch.approved koffi signature",
			"batch.released awa ", "batch.closed awa ",
		}
		if !slices.Equal(said, want) {
			t.Errorf("the log has\n%q, want\n%q", said, want)
		}
	})
}

func ignored(err error, reason approval.Reason) bool {
	refused, is := errors.AsType[*service.IgnoredError](err)
	return is && refused.Reason == reason
}

// TestNothingThatNobodyApprovedIsPaid: whatever happens between an approval and the
// payment.
func TestNothingThatNobodyApprovedIsPaid(t *testing.T) {
	rows := payroll("A", 3, 1000)
	for name, test := range map[string]struct {
		meanwhile func(o *office)
		state     ledger.BatchState
	}{
		"a row is added": {func(o *office) {
			if _, err := o.submit("may", "awa", payroll("A", 4, 1000)...); err != nil {
				o.tb.Fatal(err)
			}
		}, ledger.BatchAwaitingApproval},
		"the signer is removed": {func(o *office) { o.remove("koffi") }, ledger.BatchAwaitingApproval},
		"the signer is removed and added again": {func(o *office) {
			o.remove("koffi")
			o.add("koffi", "checker")
		}, ledger.BatchAwaitingApproval},
		"time is over":     {func(*office) { <-time.After(72*time.Hour + time.Second) }, ledger.BatchExpired},
		"somebody rejects": {func(o *office) { _, _ = o.sign("may", approval.Reject, "fanta") }, ledger.BatchRejected},
		"its maker rejects": {func(o *office) {
			if _, err := o.sign("may", approval.Reject, "awa"); err != nil {
				o.tb.Fatal(err)
			}
		}, ledger.BatchRejected},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, twoPeople)
				if _, err := o.submit("may", "awa", rows...); err != nil {
					t.Fatal(err)
				}
				if _, err := o.sign("may", approval.Approve, "koffi"); err != nil {
					t.Fatal(err)
				}
				test.meanwhile(o)
				paid, err := o.resume("may", "awa")
				o.notSent(name, paid, err, 0)
				o.stands("may", test.state)
			})
		})
	}
}

// TestAReplacedPolicyBindsWhatIsSealedLater: what was submitted under the old one is
// approved by it, and the new one needs the old one's approval.
func TestAReplacedPolicyBindsWhatIsSealedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, twoPeople)
		if _, err := o.submit("may", "awa", payroll("A", 1, 1000)...); err != nil {
			t.Fatal(err)
		}
		lax := "currency: XOF\ntiers:\n  - name: lax\n    approvals:\n      - count: 1\n        from: [maker, checker]\n"
		if c := o.decidePolicy(lax, "koffi"); c.Verdict.State != approval.Waiting {
			t.Fatalf("one of two approved the change: %s", c.Verdict.State)
		}
		if _, err := o.submit("june", "awa", payroll("B", 1, 1000)...); err != nil {
			t.Fatal(err)
		}
		if _, err := o.sign("june", approval.Approve, "ibou@firm"); err != nil {
			t.Fatal(err)
		}
		c, err := o.Proposed(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		d, err := approval.Sign(c.Statement(service.Ballot{Word: approval.Approve, Name: "fanta"}, time.Now()), signer(t, "fanta"))
		if err != nil {
			t.Fatal(err)
		}
		if c, err = o.DecidePolicy(t.Context(), at("fanta"), c, d); err != nil || c.Verdict.State != approval.Approved {
			t.Fatalf("%s, %v, want the change approved", c.Verdict.State, err)
		}
		if _, err := o.sign("may", approval.Approve, "koffi"); err != nil {
			t.Errorf("what was sealed under the old policy: %v", err)
		}
		paid, err := o.resume("may", "awa")
		o.sentAll("the old policy's batch", paid, err, 1)
		if _, err := o.submit("july", "ibou", payroll("C", 1, 1000)...); err != nil {
			t.Fatal(err)
		}
		if _, err := o.sign("july", approval.Approve, "ibou@firm"); !ignored(err, approval.ReasonMaker) {
			t.Errorf("ibou made it under the login that is theirs: %v", err)
		}
		if _, err := o.sign("july", approval.Approve, "awa"); err != nil {
			t.Errorf("awa is a maker by role, and made nothing of it: %v", err)
		}
	})
}

// TestACorrectionIsApprovedByThePersonsNewSum, a retry and a returned row too, unless the
// policy exempts a retry on the same terms.
func TestACorrectionIsApprovedByThePersonsNewSum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, twoPeople)
		rows := payroll("A", 2, 1500)
		rows[1].Number = rows[0].Number // in two parts: 3000 to one number
		rows = append(rows, payroll("B", 9, 500)[8])
		o.purse.fails[rows[2].Number] = true
		if _, err := o.submit("may", "awa", rows...); err != nil {
			t.Fatal(err)
		}
		standing, err := o.sign("may", approval.Approve, "koffi")
		if err != nil || standing.Verdict.State != approval.Waiting || standing.Verdict.Tier != "large" {
			t.Fatalf("%+v, %v, want it to wait for a director, as 3000 go to one number", standing.Verdict, err)
		}
		if _, err := o.sign("may", approval.Approve, "fanta"); err != nil {
			t.Fatal(err)
		}
		paid, err := o.resume("may", "awa")
		o.sentAll("as submitted", paid, err, 3)

		// The row that failed comes back with the number that had 3000.
		payout, err := o.store.Payout(t.Context(), rows[2].ID)
		if err != nil {
			t.Fatal(err)
		}
		corrected := rows[2].Terms
		corrected.Number = rows[0].Number
		done, err := o.Correct(t.Context(), at("awa"), "may", []ledger.Correction{{Row: 2, Payout: payout, Terms: corrected}})
		if err != nil || done.Queued.Count != 1 {
			t.Fatalf("%+v, %v", done, err)
		}
		paid, err = o.pay("may", "awa")
		o.notSent("a correction that was not submitted", paid, err, 3)
		rows[2].Terms = corrected
		if _, err := o.submit("may", "awa", rows...); err != nil {
			t.Fatal(err)
		}
		standing, err = o.Approval(t.Context(), "may")
		if err != nil || standing.Content.Purpose != approval.Correction || standing.Content.Highest.Amount != 3500 || standing.Verdict.Tier != "large" {
			t.Fatalf("%+v, %v, want a correction of 3500 to one number", standing.Content, err)
		}
		if a := standing.Content.Against; a == nil || a.Numbers.Count != 1 {
			t.Errorf("against %+v, want the number before and now", a)
		}
		for _, name := range []string{"koffi", "fanta"} {
			if _, err := o.sign("may", approval.Approve, name); err != nil {
				t.Fatal(err)
			}
		}
		paid, err = o.resume("may", "awa")
		o.sentAll("once corrected", paid, err, 4)
		if last := o.purse.sent[3]; last.Number != rows[0].Number {
			t.Errorf("paid %+v, want the corrected number", last)
		}
	})
}

func TestARetryIsApprovedUnlessThePolicyExemptsIt(t *testing.T) {
	for policy, exempt := range map[string]bool{twoPeople: false, "retry: unchanged\n" + twoPeople: true} {
		synctest.Test(t, func(t *testing.T) {
			o := newOffice(t, policy)
			rows := payroll("A", 2, 1000)
			o.purse.fails[rows[0].Number] = true
			if _, err := o.submit("may", "awa", rows...); err != nil {
				t.Fatal(err)
			}
			if _, err := o.sign("may", approval.Approve, "koffi"); err != nil {
				t.Fatal(err)
			}
			paid, err := o.resume("may", "awa")
			o.sentAll("as submitted", paid, err, 2)
			o.retry("may", "ibou")
			paid, err = o.pay("may", "ibou")
			if exempt {
				o.sentAll("a retry on the same terms", paid, err, 3)
				return
			}
			o.notSent("a retry", paid, err, 2)
			if _, err := o.sign("may", approval.Approve, "ibou@firm"); !ignored(err, approval.ReasonMaker) {
				t.Errorf("who retries approves it: %v", err)
			}
			if _, err := o.sign("may", approval.Approve, "koffi"); err != nil {
				t.Fatal(err)
			}
			paid, err = o.resume("may", "ibou")
			o.sentAll("once approved", paid, err, 3)
		})
	}
}

// TestWithoutAKnownMakerNothingEnters under a policy, and where none was ever set anybody
// may submit.
func TestWithoutAKnownMakerNothingEnters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, twoPeople)
		before := eventsOf(t, o.store)
		if _, err := o.submit("may", "cron", payroll("A", 1, 1000)...); !errors.Is(err, service.ErrMaker) || eventsOf(t, o.store) != before {
			t.Errorf("%v, want that nobody known makes it, and nothing recorded", err)
		}
		free := newOffice(t, "")
		if b, err := free.submit("may", "cron", payroll("A", 1, 1000)...); err != nil || b.State != ledger.BatchPaying || b.Submitted != nil {
			t.Errorf("without a policy: %+v, %v, want it released as ever", b, err)
		}
		paid, err := free.pay("may", "cron")
		free.sentAll("without a policy", paid, err, 1)
	})
}

// TestABatchFromBeforeThePolicyGoesOnWithoutIt, but not with what comes later.
func TestABatchFromBeforeThePolicyGoesOnWithoutIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, "")
		rows := payroll("A", 2, 1000)
		o.purse.fails[rows[0].Number] = true
		if _, err := o.submit("may", "cron", rows...); err != nil {
			t.Fatal(err)
		}
		o.add("root", "admin")
		o.add("awa", "maker")
		o.add("koffi", "checker")
		o.decidePolicy("currency: XOF\ntiers:\n  - name: all\n    approvals:\n      - count: 1\n        from: [checker]\n", "root")
		paid, err := o.pay("may", "cron")
		o.sentAll("what was released before", paid, err, 2)
		o.retry("may", "awa")
		paid, err = o.pay("may", "awa")
		o.notSent("a retry since", paid, err, 2)
		if _, err := o.sign("may", approval.Approve, "koffi"); err != nil {
			t.Fatal(err)
		}
		paid, err = o.resume("may", "awa")
		o.sentAll("once approved", paid, err, 3)
	})
}

// TestABatchThatBeganGoesOnForAWeek, and its rest is submitted anew then.
func TestABatchThatBeganGoesOnForAWeek(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, twoPeople)
		rows := payroll("A", 3, 1000)
		if _, err := o.submit("may", "awa", rows...); err != nil {
			t.Fatal(err)
		}
		if _, err := o.sign("may", approval.Approve, "koffi"); err != nil {
			t.Fatal(err)
		}
		if err := o.Release(t.Context(), at("awa"), "may", ledger.Total{Count: 3, Amount: money.XOF.Of(3000)}); err != nil {
			t.Fatal(err)
		}
		claim, err := o.store.Join(t.Context(), "gone")
		if err != nil {
			t.Fatal(err)
		}
		_, err = o.store.Claim(t.Context(), ledger.ClaimRequest{Claim: claim, Payouts: []ledger.TransactionID{rows[0].ID}, At: time.Now().UTC(), Actor: "engine"})
		if err != nil {
			t.Fatal(err)
		}
		if err := o.store.Leave(t.Context(), claim); err != nil {
			t.Fatal(err)
		}
		<-time.After(6 * 24 * time.Hour)
		if standing, err := o.Approval(t.Context(), "may"); err != nil || !standing.Pays(time.Now()) {
			t.Errorf("after six days: %+v, %v, want it to go on", standing.Verdict, err)
		}
		<-time.After(25 * time.Hour)
		paid, err := o.pay("may", "awa")
		o.notSent("after a week", paid, err, 0)
		o.stands("may", ledger.BatchPaused)
		if _, err := o.submit("may", "awa", rows...); err != nil {
			t.Fatal(err)
		}
		o.stands("may", ledger.BatchAwaitingApproval)
		if _, err := o.sign("may", approval.Approve, "koffi"); err != nil {
			t.Fatal(err)
		}
		if standing, err := o.Approval(t.Context(), "may"); err != nil || !standing.Pays(time.Now()) {
			t.Errorf("approved anew: %+v, %v", standing.Verdict, err)
		}
	})
}

// TestMakersSignWhereThePolicyAsksForIt: without their own signature nothing is approved.
func TestMakersSignWhereThePolicyAsksForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, "makers: signed\n"+twoPeople)
		if _, err := o.submit("may", "awa", payroll("A", 1, 1000)...); err != nil {
			t.Fatal(err)
		}
		standing, err := o.sign("may", approval.Approve, "koffi")
		if err != nil || standing.Verdict.State != approval.Waiting || !slices.Contains(standing.Verdict.May, "awa") {
			t.Errorf("%+v, %v, want it to wait for the maker", standing.Verdict, err)
		}
		paid, err := o.resume("may", "awa")
		o.notSent("before the maker signed", paid, err, 0)
		standing, err = o.sign("may", approval.Approve, "awa")
		if err != nil || standing.Verdict.State != approval.Approved || len(standing.Verdict.Counted) != 1 {
			t.Errorf("%+v, %v, want the maker's signature to be no approval", standing.Verdict, err)
		}
		paid, err = o.resume("may", "awa")
		o.sentAll("once the maker signed", paid, err, 1)
	})
}

// TestAPasskeyCountsOnFromBatchToBatch: a copy of it, which is behind, approves nothing.
func TestAPasskeyCountsOnFromBatchToBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const page = "https://pay.example.ci"
		o := newOffice(t, twoPeople)
		device := sshsigtest.NewDevice(t, "pay.example.ci", false)
		o.change(approval.Act{Kind: approval.Add, Person: approval.Person{
			Name: "yves", FullName: "Yves", Roles: []string{"checker"}, Keys: []approval.Key{{Public: device.PublicKey(), Origin: page}},
		}})
		for _, c := range []struct {
			batch   ledger.BatchID
			counter uint32
			counts  bool
		}{{"may", 5, true}, {"june", 5, false}, {"july", 4, false}, {"august", 6, true}} {
			if _, err := o.submit(c.batch, "awa", payroll(string(c.batch), 1, 1000)...); err != nil {
				t.Fatal(err)
			}
			device.Counter = c.counter
			_, statement, err := o.PrepareDecision(t.Context(), c.batch, service.Ballot{
				Word: approval.Approve, Name: "yves", Key: sshsig.Fingerprint(device.PublicKey()),
			})
			if err != nil {
				t.Fatal(err)
			}
			text, err := statement.Text()
			if err != nil {
				t.Fatal(err)
			}
			challenge, err := sshsig.Challenge(approval.Namespace, bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			made, err := sshsig.FromAssertion(device.PublicKey(), approval.Namespace, device.Assert(t, challenge, page))
			if err != nil {
				t.Fatal(err)
			}
			_, err = o.Decide(t.Context(), at("yves"), c.batch, approval.Decision{Text: text, Signature: made.Armour()})
			if c.counts && err != nil || !c.counts && !ignored(err, approval.ReasonCounter) {
				t.Errorf("%s, counter %d: %v, want it to count: %t", c.batch, c.counter, err, c.counts)
			}
		}
	})
}

// TestAPolicyThatWasApprovedComesIntoForce although the process died before it said so.
func TestAPolicyThatWasApprovedComesIntoForce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, "")
		o.add("root", "admin")
		c, err := o.ProposePolicy(t.Context(), at("root"), []byte(twoPeople))
		if err != nil {
			t.Fatal(err)
		}
		d, err := approval.Sign(c.Statement(service.Ballot{Word: approval.Approve, Name: "root"}, time.Now()), signer(t, "root"))
		if err != nil {
			t.Fatal(err)
		}
		err = o.store.Record(t.Context(), ledger.Act{
			Code: ledger.ActPolicyDecided, At: time.Now(), Digest: c.Policy.Digest().String(), Text: string(d.Text), Signature: string(d.Signature),
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := o.SettlePolicy(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if g, err := o.Governance(t.Context()); err != nil || g.Policy == nil || len(g.Changes) != 1 || len(g.Proposals) != 0 {
			t.Errorf("%+v, %v, want it in force, once", g, err)
		}
	})
}

// TestALedgerThatLacksASignedActPaysNothing, and says that it does not hold together.
func TestALedgerThatLacksASignedActPaysNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, twoPeople)
		if _, err := o.submit("may", "awa", payroll("A", 1, 1000)...); err != nil {
			t.Fatal(err)
		}
		if _, err := o.sign("may", approval.Approve, "koffi"); err != nil {
			t.Fatal(err)
		}
		for name, lacks := range map[string]func(ledger.Event) bool{
			"the policy":     func(e ledger.Event) bool { return e.Act == ledger.ActPolicySet },
			"a person":       func(e ledger.Event) bool { return e.Act == ledger.ActPeople },
			"the submission": func(e ledger.Event) bool { return e.Act == ledger.ActSubmitted },
		} {
			if _, err := clearance.Of(t.Context(), lacking{o.store, lacks}, "may", time.Now()); !errors.Is(err, clearance.ErrRecords) {
				t.Errorf("without %s: %v, want ErrRecords", name, err)
			}
		}
	})
}

// lacking is a ledger whose index of acts lost some.
type lacking struct {
	ledger.Store
	lacks func(ledger.Event) bool
}

func (l lacking) Acts(ctx context.Context, batch ledger.BatchID) iter.Seq2[ledger.Event, error] {
	return func(yield func(ledger.Event, error) bool) {
		for event, err := range l.Store.Acts(ctx, batch) {
			if (err != nil || !l.lacks(event)) && !yield(event, err) {
				return
			}
		}
	}
}

// TestAWorkerPaysWhatPeopleApproved without anybody who asks for it, and nothing else.
func TestAWorkerPaysWhatPeopleApproved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, twoPeople)
		for _, id := range []ledger.BatchID{"may", "june", "july"} {
			if _, err := o.submit(id, "awa", payroll(string(id), 2, 1000)...); err != nil {
				t.Fatal(err)
			}
		}
		released := func(want ...ledger.BatchID) {
			t.Helper()
			var found []ledger.BatchID
			all, err := o.Payable(t.Context())
			for _, b := range all {
				if b.State == ledger.BatchApproved {
					b, err = o.ReleaseApproved(t.Context(), at("daemon"), b.ID)
				}
				if err == nil && b.State == ledger.BatchPaying {
					found = append(found, b.ID)
				}
			}
			if err != nil || !slices.Equal(found, want) {
				t.Errorf("released are %q, %v, want %q", found, err, want)
			}
		}
		released()
		for _, id := range []ledger.BatchID{"may", "june"} {
			if _, err := o.sign(id, approval.Approve, "koffi"); err != nil {
				t.Fatal(err)
			}
		}
		// Somebody entered a row of June beside the service.
		if _, err := o.store.Enrol(t.Context(), o.batch("june"), ledgertest.Each(payroll("june", 3, 1000))); err != nil {
			t.Fatal(err)
		}
		released("may")
		if b := o.batch("may"); b.Release.By.Name != "daemon" || b.Release.By.Confirmed != "signature" {
			t.Errorf("released by %+v, want it by the signatures", b.Release.By)
		}
		paid, err := o.pay("may", "daemon")
		o.sentAll("what was approved", paid, err, 2)
		paid, err = o.pay("june", "daemon")
		o.notSent("what was added, by somebody who is not known", paid, err, 2)
		released()
	})
}
