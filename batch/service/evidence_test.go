package service_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"payrun/batch/approval"
	"payrun/batch/audit"
	"payrun/batch/audit/audittest"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
)

// evidence writes the evidence about a batch, which verifies it.
func (o *office) evidence(id ledger.BatchID) (folder string, result audit.Result, err error) {
	o.tb.Helper()
	folder = filepath.Join(o.tb.TempDir(), "evidence")
	result, err = o.Evidence(o.tb.Context(), id, service.EvidenceOptions{Folder: folder, Place: o.tb.TempDir(), Version: "test"})
	return folder, result, err
}

// of is the check of a name.
func of(r audit.Result, name audit.CheckName) audit.Check {
	for _, check := range r.Checks {
		if check.Name == name {
			return check
		}
	}
	return audit.Check{}
}

// TestTheEvidenceShowsWhoApproved: what was signed is in it, and judged again without the
// ledger.
func TestTheEvidenceShowsWhoApproved(t *testing.T) {
	a := audittest.New(t)
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, twoPeople)
		if _, err := o.submit("may", "awa", payroll("A", 3, 1000)...); err != nil {
			t.Fatal(err)
		}
		if _, err := o.sign("may", approval.Approve, "koffi"); err != nil {
			t.Fatal(err)
		}
		paid, err := o.resume("may", "awa")
		o.sentAll("once approved", paid, err, 3)
		folder, result, err := o.evidence("may")
		if err != nil {
			t.Fatal(err)
		}
		const signatures = 5 + 1 + 1 // people, the policy, and the approval
		if check := of(result, audit.CheckApprovals); check.Outcome != audit.Holds || check.Count != signatures {
			t.Errorf("%+v, want %d signatures to hold", check, signatures)
		}
		commands := audittest.Commands(t, folder, "VERIFY.md")
		said, err := a.Audit(t, folder, commands)
		if err != nil || !strings.Contains(said, "Good \"approval@payrun\" signature for koffi") || !strings.Contains(said, "decision: approve") {
			t.Errorf("an auditor finds %v:\n%s", err, said)
		}
		o.alter(a, folder, commands)
		if got, err := os.ReadFile(filepath.Join(folder, "approval", "4.decision.txt")); err != nil || !isBy(got, "koffi") {
			t.Errorf("%q, %v, want the decision of koffi", got, err)
		}
	})
}

// alter has somebody change what was signed, who also writes the sums anew: without them the
// signatures alone have to show it.
func (o *office) alter(a audittest.Auditor, folder string, commands []string) {
	o.tb.Helper()
	signed, err := filepath.Glob(filepath.Join(folder, "approval", "*"))
	if err != nil || len(signed) != 6 {
		o.tb.Fatalf("%q, %v, want content, list and policy, and the three files of the decision", signed, err)
	}
	for _, path := range signed {
		text, err := os.ReadFile(path)
		if err != nil {
			o.tb.Fatal(err)
		}
		altered := slices.Clone(text)
		altered[len(altered)/2] ^= 1
		if err := os.WriteFile(path, altered, 0o600); err != nil {
			o.tb.Fatal(err)
		}
		steps := commands[len(commands)-1:]
		if strings.HasSuffix(path, ".signers") {
			steps = commands[:1] // who else was on the list, no signature says
		}
		if _, err := a.Audit(o.tb, folder, steps); err == nil {
			o.tb.Errorf("%s was changed, and the auditor saw nothing", path)
		}
		if _, err := audit.Verify(o.tb.Context(), folder, audit.Known{}); !errors.Is(err, audit.ErrWrong) {
			o.tb.Errorf("%s was changed: %v", path, err)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			o.tb.Fatal(err)
		}
	}
}

func isBy(text []byte, name string) bool {
	s, err := approval.ParseStatement(text)
	return err == nil && s.By == name
}

// TestALedgerThatPaidWhatNobodyApprovedHasNoEvidence: whoever wrote around the engine, into
// the log itself, is found out by the log.
func TestALedgerThatPaidWhatNobodyApprovedHasNoEvidence(t *testing.T) {
	for name, approvers := range map[string][]string{"nobody": nil, "a checker alone, for too much": {"koffi"}} {
		synctest.Test(t, func(t *testing.T) {
			o := newOffice(t, twoPeople)
			b, err := o.submit("may", "awa", payroll("A", 3, 2000)...)
			if err != nil {
				t.Fatal(err)
			}
			for _, approver := range approvers {
				if _, err := o.sign("may", approval.Approve, approver); err != nil {
					t.Fatal(err)
				}
			}
			if _, _, err := o.evidence("may"); err != nil {
				t.Fatalf("%s: nothing was sent yet: %v", name, err)
			}
			list := ledger.NewListDigest()
			for p := range o.store.Payouts(t.Context(), "may") {
				list.Add(&p.Terms)
			}
			for _, act := range []ledger.Act{
				{Code: ledger.ActApproved, Batch: "may", At: b.CreatedAt, Count: b.Submitted.Count, Digest: b.Submitted.Digest},
				{Code: ledger.ActReleased, Batch: "may", At: b.CreatedAt, Count: b.Submitted.Count, Digest: list.Hex()},
			} {
				if err := o.store.Record(t.Context(), act); err != nil {
					t.Fatal(err)
				}
			}
			sent := ledgertest.Move("A-00000", ledger.Queued, ledger.Submitting)
			sent.At = b.CreatedAt
			ledgertest.Apply(t, o.store, sent)
			var found *audit.WrongError
			if _, _, err := o.evidence("may"); !errors.As(err, &found) || found.Check != audit.CheckApprovals {
				t.Errorf("%s: %v, want it noticed that it was not approved", name, err)
			}
		})
	}
}

// TestEveryHistoryHasEvidence: of whatever the engine let happen, the log shows that it
// might.
func TestEveryHistoryHasEvidence(t *testing.T) {
	approved := 0
	seeds := drawn(10, 8)
	for _, seed := range seeds {
		synctest.Test(t, func(t *testing.T) {
			h := newHistory(t, seed)
			for range 60 {
				h.step()
			}
			for _, id := range []ledger.BatchID{"may", "june"} {
				if _, err := h.store.Batch(t.Context(), id); err != nil {
					continue
				}
				_, result, err := h.evidence(id)
				if err != nil {
					t.Errorf("%s: %v\n%q", id, err, h.log)
				}
				if of(result, audit.CheckApprovals).Outcome == audit.Holds {
					approved++
				}
			}
		})
		if t.Failed() {
			t.Fatalf("again: %s=%d go test ./batch/service -run TestEveryHistoryHasEvidence", seedVariable, seed)
		}
	}
	if approved == 0 && len(seeds) > 1 {
		t.Error("nothing was ever submitted: the histories show nothing")
	}
}
