package approval_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"payrun/batch/approval"
	"payrun/ledger/phone"
)

// planned is a plan with something of everything in it.
func planned(tb testing.TB) approval.Plan {
	tb.Helper()
	return approval.Plan{Summary: example(tb).Summary, Made: sealed}
}

// TestAPlanIsReadByPeople writes one, and reads it again.
func TestAPlanIsReadByPeople(t *testing.T) {
	p := planned(t)
	text, err := p.Text()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "plan.txt", text)
	again, err := approval.ParsePlan(text)
	if diff := cmp.Diff(p, again); err != nil || diff != "" {
		t.Errorf("read again: %v\n%s", err, diff)
	}
	if digest, err := p.Digest(); err != nil || digest != sha256.Sum256(text) {
		t.Errorf("the digest is not that of the text: %v", err)
	}
}

// TestAPlanWithAnotherByteIsNone: no byte can be changed, added or left out without its
// being noticed, but for those of names and digests, which change what the plan says.
func TestAPlanWithAnotherByteIsNone(t *testing.T) {
	p := planned(t)
	text, err := p.Text()
	if err != nil {
		t.Fatal(err)
	}
	for at := range text {
		changed := bytes.Clone(text)
		changed[at] ^= 1
		again, err := approval.ParsePlan(changed)
		switch {
		case err != nil && !errors.Is(err, approval.ErrText):
			t.Fatalf("byte %d: %v", at, err)
		case err == nil && cmp.Equal(p, again):
			t.Fatalf("byte %d changed nothing: %q", at, changed)
		}
		if _, err := approval.ParsePlan(text[:at]); !errors.Is(err, approval.ErrText) {
			t.Fatalf("cut at %d: %v", at, err)
		}
	}
}

// TestAPlanTellsWhatDiffers changes one thing at a time.
func TestAPlanTellsWhatDiffers(t *testing.T) {
	p := planned(t)
	for name, c := range map[string]struct {
		change func(*approval.Summary)
		want   []string
	}{
		"nothing":           {func(*approval.Summary) {}, nil},
		"what binds nobody": {func(s *approval.Summary) { s.Against, s.Warnings = nil, nil }, nil},
		"the batch":         {func(s *approval.Summary) { s.Batch = "december" }, []string{`batch: "november" "december"`}},
		"the account": {
			func(s *approval.Summary) { s.Account = "sandbox" },
			[]string{`account: "https://api.digitalpaye.com (Production)" "sandbox"`},
		},
		"the currency": {func(s *approval.Summary) { s.Currency.Code = "XAF" }, []string{"currency: XOF 0 XAF 0"}},
		"an operator gone": {
			func(s *approval.Summary) { s.Operators = s.Operators[1:] },
			[]string{"operator MTN: 1 1\u202f250\u202f000 "},
		},
		"an operator more": {
			func(s *approval.Summary) {
				s.Operators = append(s.Operators, approval.OperatorSum{Scheme: "WAVE", Payouts: 1, Amount: 5})
			},
			[]string{"operator WAVE:  1 5"},
		},
		"figures": {
			func(s *approval.Summary) { s.Payouts, s.Total, s.Highest.Amount = 4, 5, 6 },
			[]string{
				"payouts: 3 4", "total: 3\u202f750\u202f000 5",
				`highest-to-one-number: "+2250700000000" 1` + "\u202f250\u202f000" + ` "+2250700000000" 6`,
			},
		},
	} {
		now := planned(t).Summary
		c.change(&now)
		var got []string
		for _, line := range p.Changed(now) {
			got = append(got, line.Line+": "+line.Before+" "+line.Now)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestAListIsReadAsItWasWritten and in no other spelling.
func TestAListIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var written []byte
		var want []approval.Payout
		for i := range rapid.IntRange(0, 4).Draw(r, "payouts") {
			p := payout(i, rapid.Int64Range(1, 1<<40).Draw(r, "amount"))
			p.Name, p.Note = rapid.String().Draw(r, "name"), rapid.String().Draw(r, "note")
			want, written = append(want, p), p.AppendLine(written)
		}
		got, digest, err := approval.ReadList(bytes.NewReader(written))
		if diff := cmp.Diff(want, got); err != nil || diff != "" || digest != sha256.Sum256(written) {
			r.Fatalf("%v, %s\n%s", err, digest, diff)
		}
	})
	line := string(payout(1, 5).AppendLine(nil))
	for name, text := range map[string]string{
		"no line feed": strings.TrimSuffix(line, "\n"), "a space": strings.Replace(line, ",", ", ", 1),
		"an escape": strings.Replace(line, "Awa", `\u0041wa`, 1), "a string less": strings.Replace(line, `,""`, "", 1),
		"no amount": strings.Replace(line, `"5"`, `"five"`, 1), "a zero before": strings.Replace(line, `"5"`, `"05"`, 1),
		"no list": "payrun plan 1\n", "an empty line": line + "\n",
	} {
		if _, _, err := approval.ReadList(strings.NewReader(text)); !errors.Is(err, approval.ErrText) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRowsThatDifferAreNamed in the order of the newer list, those that are missing last.
func TestRowsThatDifferAreNamed(t *testing.T) {
	before := []approval.Payout{payout(0, 10), payout(1, 10), payout(2, 10), payout(3, 10)}
	swapped := payout(2, 10)
	swapped.Number = phone.E164("+2250799999999")
	now := []approval.Payout{payout(3, 10), swapped, payout(9, 10), payout(0, 10)}
	want := []approval.PayoutChange{{Before: &before[2], Now: &now[1], At: 1}, {Now: &now[2], At: 2}, {Before: &before[1]}}
	if diff := cmp.Diff(want, approval.ChangedPayouts(before, now)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	reversed := []approval.Payout{before[3], before[2], before[1], before[0]}
	if found := approval.ChangedPayouts(before, reversed); found != nil {
		t.Errorf("another order: %+v", found)
	}
}

// TestAPlanHasATime to the second.
func TestAPlanHasATime(t *testing.T) {
	for _, made := range []time.Time{{}, sealed.Add(time.Millisecond)} {
		p := planned(t)
		p.Made = made
		if _, err := p.Text(); !errors.Is(err, approval.ErrText) {
			t.Errorf("%s: %v", made, err)
		}
	}
}
