package approval_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"payrun/batch/approval"
)

// said is a decision as the test made it, which knows what the code has to find out.
type said struct {
	by       string
	word     approval.Word
	spoilt   bool // not a signature by this person of this content, in time
	decision approval.Decision
}

// drawn is a case that was drawn, with what the test knows of it.
type drawn struct {
	*scene

	said    []said
	removed []string
}

var names = []string{"awa", "koffi", "ibou", "fanta"}

// spoils are ways in which a decision is none.
func spoils(s *scene) map[string]func(*approval.Statement, *approval.Decision) {
	return map[string]func(*approval.Statement, *approval.Decision){
		"another content": func(st *approval.Statement, _ *approval.Decision) { st.Subject.Digest[0] ^= 1 },
		"its time":        func(st *approval.Statement, _ *approval.Decision) { st.NotAfter = s.now.Add(-time.Second) },
		"the text": func(_ *approval.Statement, d *approval.Decision) {
			d.Text = bytes.Replace(d.Text, []byte("nonce: "), []byte("nonce:  "), 1)
		},
		"the signature": func(_ *approval.Statement, d *approval.Decision) { d.Signature = bytes.ToUpper(d.Signature) },
	}
}

// draw makes a case: a size, makers, and decisions of which some are none.
func draw(t *testing.T, r *rapid.T) *drawn {
	t.Helper()
	s := newScene(t, rapid.SampledFrom([]int64{smallAmount, largeAmount}).Draw(r, "amount"))
	d := &drawn{scene: s}
	s.Content.Makers = rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, 2, rapid.ID).Draw(r, "makers")
	slices.Sort(s.Content.Makers)
	s.about = subject(t, s.Content)
	ways := spoils(s)
	for range rapid.IntRange(0, 5).Draw(r, "decisions") {
		one := said{
			by:   rapid.SampledFrom(append(names, "root")).Draw(r, "by"),
			word: rapid.SampledFrom([]approval.Word{approval.Approve, approval.Approve, approval.Approve, approval.Approve, approval.Submit, approval.Reject}).Draw(r, "word"),
		}
		way := rapid.SampledFrom([]string{"", "", "", "another content", "its time", "the text", "the signature", "another key"}).Draw(r, "spoilt by")
		// A rejection that came too late still rejects.
		one.spoilt = way != "" && (way != "its time" || one.word != approval.Reject)
		statement := approval.Statement{Word: one.word, Subject: s.about, By: one.by, NotAfter: s.now.Add(time.Hour), Nonce: approval.NewNonce()}
		spoil := ways[way]
		if spoil == nil {
			spoil = func(*approval.Statement, *approval.Decision) {}
		}
		spoil(&statement, new(approval.Decision))
		signer := s.keys[one.by]
		if way == "another key" {
			signer = s.keys[names[(slices.Index(names, one.by)+1)%len(names)]]
		}
		one.decision = s.sign(statement, signer)
		spoil(new(approval.Statement), &one.decision)
		d.said = append(d.said, one)
		s.Decisions = append(s.Decisions, one.decision)
	}
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 1, rapid.ID).Draw(r, "removed") {
		s.remove(name)
		d.removed = append(d.removed, name)
	}
	return d
}

// approvers are the people whose approval counts, as the test knows.
func (d *drawn) approvers() []string {
	var all []string
	for _, one := range d.said {
		if one.word == approval.Approve && !one.spoilt && may(one.by) && !slices.Contains(all, one.by) &&
			!slices.Contains(d.Content.Makers, one.by) && !slices.Contains(d.removed, one.by) {
			all = append(all, one.by)
		}
	}
	return all
}

// enough decides by trying everything: is there a checker or director, for a large
// batch a checker and another one who is a director?
func (d *drawn) enough() bool {
	approvers := d.approvers()
	if d.Content.Total < 5_000_000 {
		return len(approvers) > 0
	}
	checkers := slices.Contains(approvers, "koffi") || slices.Contains(approvers, "ibou")
	return checkers && slices.Contains(approvers, "fanta")
}

func (d *drawn) rejected() bool {
	return slices.ContainsFunc(d.said, func(one said) bool {
		return one.word == approval.Reject && !one.spoilt && (may(one.by) || slices.Contains(d.Content.Makers, one.by))
	})
}

// may reports whether a role of somebody's counts in the policy of these tests.
func may(name string) bool { return name != "root" && name != "awa" }

// TestNothingIsPaidWithoutASecondPerson draws makers, decisions and removals, and holds
// the verdict against what the test knows: no set of signatures without a second person,
// who is on the list and approved exactly this, ever passes.
func TestNothingIsPaidWithoutASecondPerson(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := draw(t, r)
		v := d.evaluate()
		if want := d.enough() && !d.rejected(); v.Pays(d.now) != want {
			r.Fatalf("it pays: %t, want %t: %+v", v.Pays(d.now), want, v)
		}
		if (v.State == approval.Rejected) != d.rejected() {
			r.Fatalf("%s by %q", v.State, v.RejectedBy)
		}
		for _, counted := range v.Counted {
			if slices.Contains(d.Content.Makers, counted.By) || !slices.Contains(d.approvers(), counted.By) {
				r.Fatalf("%s counts: %+v", counted.By, v)
			}
		}
	})
}

// TestWhoIsAskedHelps draws cases that wait, and has each person approve: exactly those
// whom the verdict names bring it forward, and all together bring it to its end if it
// says so.
func TestWhoIsAskedHelps(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := draw(t, r)
		v := d.evaluate()
		if v.State != approval.Waiting {
			return
		}
		before, decisions := missing(v), d.Decisions
		for _, name := range append(names, "root") {
			d.Decisions = append(slices.Clone(decisions), d.decide(approval.Approve, d.about, name))
			after := d.evaluate()
			if helped := after.State == approval.Approved || missing(after) < before; helped != slices.Contains(v.May, name) {
				r.Fatalf("%s helps: %t, but may %q", name, helped, v.May)
			}
		}
		d.Decisions = slices.Clone(decisions)
		d.approve(append(names, "root")...)
		if after := d.evaluate(); (after.State == approval.Approved) != v.Reachable {
			r.Fatalf("all together come to %s, reachable is said to be %t", after.State, v.Reachable)
		}
	})
}

func missing(v approval.Verdict) int {
	var count int
	for _, need := range v.Missing {
		count += need.Count
	}
	return count
}

// TestWhatNobodyApprovedIsNotPaid changes the content, or what surrounds it, of a case
// that is approved.
func TestWhatNobodyApprovedIsNotPaid(t *testing.T) {
	changes := map[string]func(*scene){
		"a row was added": func(s *scene) {
			t := approval.NewTally(s.Content.Currency)
			for i := range 4 {
				_ = t.Add(payout(i, 1000))
			}
			t.Fill(&s.Content.Summary)
			s.Content.MakerDay = max(s.Content.MakerDay, s.Content.Total)
		},
		"a number was corrected": func(s *scene) { s.Content.List[0] ^= 1; s.Content.Purpose = approval.Correction },
		"it is a retry":          func(s *scene) { s.Content.Purpose = approval.Retry },
		"it was sealed again":    func(s *scene) { s.Content.Head.Event++ },
		"another file":           func(s *scene) { s.Content.File[3] ^= 1 },
		"another account":        func(s *scene) { s.Content.Account = "https://elsewhere.ci" },
		"another batch":          func(s *scene) { s.Content.Batch = "november-2" },
		"at another time":        func(s *scene) { s.Content.NotAfter = s.Content.NotAfter.Add(-time.Second) },
		"by other makers":        func(s *scene) { s.Content.Makers = []string{"root"} },
		"a warning hidden":       func(s *scene) { s.Content.Warnings = []approval.Warning{{Code: "number.new", Count: 1}} },
		"in another ledger":      func(s *scene) { s.Content.Head.Ledger = "ledger-2" },
		"another policy": func(s *scene) {
			s.Policy = policy(s.tb, "currency: XOF\ntiers: [{name: all, approvals: [{count: 1, from: [checker, director, maker]}]}]\n")
		},
		"another policy, as if sealed under it": func(s *scene) {
			s.Policy = policy(s.tb, "currency: XOF\ntiers: [{name: all, approvals: [{count: 1, from: [checker, director, maker]}]}]\n")
			s.Content.Policy = s.Policy.Digest()
		},
		"all signers left": func(s *scene) {
			for _, name := range []string{"koffi", "ibou", "fanta"} {
				s.remove(name)
			}
		},
		"much later": func(s *scene) { s.now = s.now.Add(30 * 24 * time.Hour) },
	}
	for name, change := range changes {
		for _, amount := range []int64{smallAmount, largeAmount} {
			s := newScene(t, amount)
			s.approve("koffi", "fanta", "ibou")
			if v := s.evaluate(); !v.Pays(s.now) {
				t.Fatalf("nothing was to be shown: %+v", v)
			}
			change(s)
			if v := s.evaluate(); v.Pays(s.now) || v.State == approval.Approved {
				t.Errorf("%s: %+v", name, v)
			}
		}
	}
}

// TestSplittingHelpsNobody splits a sum to one number, or a batch, into parts.
func TestSplittingHelpsNobody(t *testing.T) {
	p := policy(t, policyText)
	rapid.Check(t, func(r *rapid.T) {
		parts := rapid.IntRange(1, 20).Draw(r, "parts")
		tally := approval.NewTally(approval.Currency{Code: "XOF"})
		sum := rapid.Int64Range(400_000, 600_000).Draw(r, "sum")
		for i := range parts {
			part := payout(0, sum/int64(parts))
			part.ID, part.Name = "SAL-"+string(rune('a'+i)), rapid.SampledFrom([]string{"Awa", "Awa K", "Koffi"}).Draw(r, "name")
			if i == 0 {
				part.Amount += sum % int64(parts)
			}
			if err := tally.Add(part); err != nil {
				r.Fatal(err)
			}
		}
		var c approval.Content
		tally.Fill(&c.Summary)
		if got, want := p.TierOf(c).Name, map[bool]string{true: "large", false: "every batch"}[sum >= 500_000]; got != want {
			r.Fatalf("%d in %d parts is of tier %q", sum, parts, got)
		}
		c.MakerDay = rapid.Int64Range(c.Total, 9_000_000).Draw(r, "a maker's day")
		if got := p.TierOf(c).Name; (got == "large") != (sum >= 500_000 || c.MakerDay >= 8_000_000) {
			r.Fatalf("%d with %d in a day is of tier %q", sum, c.MakerDay, got)
		}
	})
}

// TestTheOrderOfApprovalsChangesNothing permutes who approves first.
func TestTheOrderOfApprovalsChangesNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := newScene(t, largeAmount)
		s.add("yves", "checker", "director")
		order := rapid.Permutation([]string{"koffi", "yves"}).Draw(r, "order")
		s.approve(order...)
		if v := s.evaluate(); v.State != approval.Approved {
			r.Fatalf("%q: %+v", order, v)
		}
	})
}
