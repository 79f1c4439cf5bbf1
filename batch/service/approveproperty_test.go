package service_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/approval"
	"payrun/batch/clearance"
	"payrun/batch/retry"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider"
)

// seedVariable names the one history to try, as a failure prints it.
const seedVariable = "PAYRUN_APPROVAL_SEED"

// historiesVariable says how many histories a search tries.
const historiesVariable = "PAYRUNTEST_HISTORIES"

// drawn says which histories to try, so many from any seed on, unless the person asks for
// more, or for one.
func drawn(many, short int) (seeds []uint64) {
	first := rand.Uint64()
	if testing.Short() {
		many = short
	}
	if asked, err := strconv.Atoi(os.Getenv(historiesVariable)); err == nil {
		many = asked
	}
	if given, err := strconv.ParseUint(os.Getenv(seedVariable), 10, 64); err == nil {
		many, first = 1, given
	}
	for i := range uint64(many) {
		seeds = append(seeds, first+i)
	}
	return seeds
}

// TestNoHistoryPaysWhatNobodyApproved tries random histories: people submit, add and correct
// rows, sign, reject, retry, cancel, leave and come back, policies change and time goes
// by. Of every request that leaves, the test knows by itself what people had been shown
// when they signed.
func TestNoHistoryPaysWhatNobodyApproved(t *testing.T) {
	paid, replaced := 0, 0
	seeds := drawn(20, 12)
	for _, seed := range seeds {
		synctest.Test(t, func(t *testing.T) {
			h := newHistory(t, seed)
			for range 60 {
				h.step()
			}
			paid += len(h.purse.sent)
			replaced += h.replaced
		})
		if t.Failed() {
			t.Fatalf("again: %s=%d go test ./batch/service -run TestNoHistoryPaysWhatNobodyApproved", seedVariable, seed)
		}
	}
	if (paid == 0 || replaced == 0) && len(seeds) > 1 {
		t.Errorf("%d paid, %d policies replaced: the histories show nothing", paid, replaced)
	}
}

// history is an office in which anything happens.
type history struct {
	*office
	random *rand.Rand
	log    []string
	rows   map[ledger.BatchID][]ledger.Entry
	// shown is each batch's last submission, and who approved that.
	shown map[ledger.BatchID]*shown
	// roles are those of everybody who is on the list.
	roles map[string][]string
	// strict is set while the policy asks for two people for everything.
	strict bool
	// replaced counts the policies that came into force since the first.
	replaced int
}

// shown is a submission as people were shown it when they were asked.
type shown struct {
	digest   string
	terms    map[ledger.TransactionID]ledger.Terms
	attempts map[ledger.TransactionID]int
	total    int64
	strict   bool
	makers   map[string]bool
	signed   map[string]bool
	rejected bool
	at       time.Time
	begun    time.Time
}

func newHistory(t *testing.T, seed uint64) *history {
	t.Helper()
	h := &history{
		office: newOffice(t, twoPeople), random: rand.New(rand.NewPCG(seed, 1)),
		rows: map[ledger.BatchID][]ledger.Entry{}, shown: map[ledger.BatchID]*shown{},
		roles: map[string][]string{"awa": {"maker"}, "ibou@firm": {"checker", "maker"}, "koffi": {"checker"}, "fanta": {"director"}},
	}
	h.purse.asked = h.check
	return h
}

func (h *history) pick(names ...string) string { return names[h.random.IntN(len(names))] }

func (h *history) step() {
	id := ledger.BatchID(h.pick("may", "june"))
	by := h.pick("awa", "ibou@firm", "koffi")
	steps := map[string]func(id ledger.BatchID, by string) error{
		"submit": h.enter, "add a row": h.addRow, "correct": h.correct, "approve": h.approve, "approve again": h.approve, "reject": h.reject,
		"resume": h.goOn, "resume again": h.goOn, "pay": func(id ledger.BatchID, by string) error { _, err := h.pay(id, by); return err },
		"retry": h.retry, "cancel": h.cancel, "leave": h.leave, "come": h.come, "wait": h.wait, "replace": h.replace,
	}
	name := h.pick(slices.Sorted(maps.Keys(steps))...)
	err := steps[name](id, by)
	h.log = append(h.log, fmt.Sprintf("%s %s by %s: %v", name, id, by, err))
	h.note(id, by)
	if state := h.unexpected(err); state {
		h.tb.Errorf("%s: %v\n%q", name, err, h.log)
	}
}

// unexpected reports whether an error is none of those that the histories provoke.
func (h *history) unexpected(err error) bool {
	for _, known := range []error{clearance.ErrUnapproved, service.ErrMaker, service.ErrNothingToApprove, service.ErrNotAsConfirmed, ledger.ErrNotFound, ledger.ErrUnreleased} {
		if errors.Is(err, known) {
			return false
		}
	}
	_, ignored := errors.AsType[*service.IgnoredError](err)
	_, over := errors.AsType[*service.ApprovalEndedError](err)
	_, twice := errors.AsType[*ledger.EvidenceError](err) // given back, and withdrawn again
	return err != nil && !ignored && !over && !twice
}

func (h *history) enter(id ledger.BatchID, by string) error {
	if h.rows[id] == nil {
		h.rows[id] = payroll(string(id), 2+h.random.IntN(3), int64(500+500*h.random.IntN(4)))
		h.purse.fails[h.rows[id][0].Number] = true
	}
	_, err := h.submit(id, by, h.rows[id]...)
	return err
}

func (h *history) addRow(id ledger.BatchID, by string) error {
	if n := len(h.rows[id]); n > 0 && n < 12 {
		row := payroll(string(id), n+1, 700)[n]
		h.rows[id] = append(slices.Clone(h.rows[id]), row)
	}
	return h.enter(id, by)
}

// correct gives a payout that failed another amount.
func (h *history) correct(id ledger.BatchID, by string) error {
	for i, row := range h.rows[id] {
		p, err := h.store.Payout(h.tb.Context(), row.ID)
		if err != nil || !p.Correctable(id) {
			continue
		}
		terms := p.Terms
		terms.Amount = money.XOF.Of(terms.Amount.Minor + 100)
		h.purse.fails[terms.Number] = h.random.IntN(2) == 0
		done, err := h.Correct(h.tb.Context(), at(by), id, []ledger.Correction{{Row: row.Row, Payout: p, Terms: terms}})
		if err != nil || done.Queued.Count == 0 {
			return err
		}
		h.rows[id] = slices.Clone(h.rows[id])
		h.rows[id][i].Terms = terms
		break
	}
	if h.random.IntN(3) == 0 {
		return nil // the process died before it submitted
	}
	return h.enter(id, by)
}

func (h *history) approve(id ledger.BatchID, _ string) error {
	name := h.pick("awa", "ibou@firm", "koffi", "fanta")
	_, err := h.sign(id, approval.Approve, name)
	if s := h.shown[id]; err == nil && s != nil {
		s.signed[name] = true
	}
	return err
}

func (h *history) reject(id ledger.BatchID, _ string) error {
	if h.random.IntN(3) > 0 {
		return nil
	}
	_, err := h.sign(id, approval.Reject, h.pick("koffi", "fanta"))
	if s := h.shown[id]; err == nil && s != nil {
		s.rejected = true
	}
	return err
}

func (h *history) goOn(id ledger.BatchID, by string) error {
	_, err := h.resume(id, by)
	return err
}

func (h *history) retry(id ledger.BatchID, by string) error {
	b, err := h.store.Batch(h.tb.Context(), id)
	if err != nil {
		return err
	}
	prepared, err := h.PrepareRetry(h.tb.Context(), b, retry.Choice{Cancelled: true, Removed: true})
	if err == nil {
		_, err = h.Retry(h.tb.Context(), at(by), prepared)
	}
	if err == nil && h.random.IntN(2) == 0 {
		_, err = h.pay(id, by)
	}
	return err
}

func (h *history) cancel(id ledger.BatchID, by string) error {
	if h.random.IntN(3) > 0 {
		return nil
	}
	_, err := h.Cancel(h.tb.Context(), at(by), id)
	return err
}

// leave takes somebody off the list, and with them what they signed.
func (h *history) leave(ledger.BatchID, string) error {
	if name := h.pick("koffi", "fanta"); h.roles[name] != nil && h.random.IntN(2) == 0 {
		h.remove(name)
		delete(h.roles, name)
		for _, s := range h.shown {
			delete(s.signed, name)
		}
	}
	return nil
}

func (h *history) come(ledger.BatchID, string) error {
	for name, role := range map[string]string{"koffi": "checker", "fanta": "director"} {
		if h.roles[name] == nil {
			h.add(name, role)
			h.roles[name] = []string{role}
		}
	}
	return nil
}

func (h *history) wait(ledger.BatchID, string) error {
	<-time.After(time.Duration(h.random.IntN(50)) * time.Hour)
	return nil
}

// bothAlways asks for two people whatever the sum.
const bothAlways = `currency: XOF
tiers:
  - name: every batch
    approvals:
      - count: 1
        from: [checker]
      - count: 1
        from: [director]
`

// replace has the other policy proposed, which both have to approve who are there.
func (h *history) replace(ledger.BatchID, string) error {
	if h.random.IntN(3) > 0 {
		return nil
	}
	text := bothAlways
	if h.strict {
		text = twoPeople
	}
	c, err := h.ProposePolicy(h.tb.Context(), at("root"), []byte(text))
	if errors.Is(err, service.ErrProposed) {
		c, err = h.Proposed(h.tb.Context(), "")
	}
	if err != nil {
		return err
	}
	for _, name := range []string{"koffi", "fanta"} {
		d, err := approval.Sign(c.Statement(service.Ballot{Word: approval.Approve, Name: name}, time.Now()), signer(h.tb, name))
		if err != nil {
			return err
		}
		after, err := h.DecidePolicy(h.tb.Context(), at(name), c, d)
		if err != nil && !ignored(err, approval.ReasonTwice) {
			return err
		}
		if err == nil {
			c = after
		}
	}
	if c.Verdict.State == approval.Approved {
		h.strict = !h.strict
		h.replaced++
	}
	return nil
}

// note looks whether a batch was submitted anew, and with what.
func (h *history) note(id ledger.BatchID, by string) {
	b, err := h.store.Batch(h.tb.Context(), id)
	if err != nil || b.Submitted == nil {
		return
	}
	if s := h.shown[id]; s != nil && s.digest == b.Submitted.Digest {
		return
	}
	s := &shown{
		digest: b.Submitted.Digest, terms: map[ledger.TransactionID]ledger.Terms{}, attempts: map[ledger.TransactionID]int{}, strict: h.strict,
		makers: map[string]bool{by: true}, signed: map[string]bool{}, at: time.Now(),
	}
	for p, err := range h.store.Payouts(h.tb.Context(), id, ledger.Queued, ledger.Submitting, ledger.Unknown) {
		if err != nil {
			h.tb.Fatal(err)
		}
		s.terms[p.ID], s.attempts[p.ID] = p.Terms, p.Attempt
		s.total += p.Amount.Minor
	}
	h.shown[id] = s
}

// check holds a request against what was shown to those who signed.
func (h *history) check(r provider.Request) {
	p, err := h.store.ByReference(h.tb.Context(), ledger.Reference(r.Reference))
	if err != nil {
		h.tb.Errorf("%s: %v", r.Reference, err)
		return
	}
	s := h.shown[p.Batch]
	problem := ""
	switch {
	case s == nil || s.terms[p.ID].Number != r.Number || s.terms[p.ID].Amount != r.Amount || s.attempts[p.ID] != p.Attempt:
		problem = "nobody was shown it"
	case s.rejected:
		problem = "it was rejected"
	case s.begun.IsZero() && time.Since(s.at) > 72*time.Hour, !s.begun.IsZero() && time.Since(s.begun) > 7*24*time.Hour:
		problem = "its time was over"
	case !h.enough(s):
		problem = "it lacks approvals"
	}
	if problem != "" {
		h.tb.Errorf("%s was sent: %s; shown %+v\n%q", r.Reference, problem, s, h.log)
	}
	if s != nil && s.begun.IsZero() {
		s.begun = time.Now()
	}
}

// enough reports whether those who signed are enough by the policy of these tests, whose sums
// to one number are those of one payout.
func (h *history) enough(s *shown) bool {
	large := s.strict || s.total >= 5000
	for _, terms := range s.terms {
		large = large || terms.Amount.Minor >= 2000
	}
	checkers, directors := 0, 0
	for name := range s.signed {
		if s.makers[name] {
			continue
		}
		if slices.Contains(h.roles[name], "checker") {
			checkers++
		}
		if slices.Contains(h.roles[name], "director") {
			directors++
		}
	}
	if large {
		return checkers > 0 && directors > 0
	}
	return checkers+directors > 0
}
