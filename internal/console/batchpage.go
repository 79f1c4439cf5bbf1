package console

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"payrun/batch/service"
	"payrun/batch/worker"
	"payrun/internal/httpapi"
	"payrun/ledger"
)

// batchPage is a batch as its page shows it.
type batchPage struct {
	service.Headline

	Path string
	// Paying is set while something of it is sent or looked up, by this server.
	Paying bool
	// Ended is why it is released and not being paid, nil if it is.
	Ended *endedPage
	// Steps are the next things to do, the most urgent first.
	Steps []step
	// Reads reports whether the visitor may see reports and who was turned away, Makes whether
	// they make batches.
	Reads, Makes bool
	// Comparable is set if there is an earlier batch to compare with.
	Comparable bool
	// Withdrawable is set if something of it may be withdrawn.
	Withdrawable bool
	// Waits is set while it waits for the time of Timing.
	Timing service.Timing
	Waits  bool
	// Follow is the address of the events by which the page stays as it is, empty for a batch of which
	// nothing is under way.
	Follow string
}

// endedPage is why a batch is not being paid any further.
type endedPage struct {
	Title, Code, Detail string
	At, Again           time.Time
}

// step is something to do about a batch.
type step struct {
	// Words is the key of what is so and what to do, Do that of the button, empty for none. Count
	// fills them.
	Words, Do string
	Path      string
	Count     int
	// Kind is the class of its notice.
	Kind string
	// Going is set if it is so for as long as the payment goes on.
	Going bool
}

// showBatch shows where a batch stands and what to do next.
func (s *server) showBatch(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	h, err := s.Service().Headline(ctx, batchOf(r))
	if err != nil {
		return err
	}
	b := h.Batch
	page, err := s.batchPage(r, h)
	if err != nil {
		return err
	}
	if page.Follow, err = s.follows(ctx, page); err != nil {
		return err
	}
	earlier, err := s.earlier(ctx, b)
	if err != nil {
		return err
	}
	page.Comparable = len(earlier) > 0
	return s.render(w, r, "batch", page)
}

// follows is the address of the events of a batch that is being paid, or will be by itself. Figures
// beside a dispute are looked up, and not followed.
func (s *server) follows(ctx context.Context, page batchPage) (string, error) {
	if page.Batch.State != ledger.BatchPaying || page.Ended != nil && page.Ended.Again.IsZero() || page.Timing.Missed || page.Disputed.Count > 0 {
		return "", nil
	}
	head, _, err := s.Store.Head(ctx)
	address := page.Path + "/events?next=" + strconv.FormatUint(head+1, 10)
	if page.Waits || page.Ended != nil {
		address += "&waits=yes"
	}
	return address, err
}

// batchPage is where a batch stands, and what to do next.
func (s *server) batchPage(r *http.Request, h service.Headline) (batchPage, error) {
	v, b := visitorOf(r), h.Batch
	page := batchPage{
		Headline: h, Path: batchPath(b.ID, ""), Paying: s.Payroll.Paying(b.ID), Reads: v.Is(Maker, Approver, Auditor), Makes: v.Is(Maker),
		Withdrawable: h.States.In(ledger.Queued).Count > 0,
	}
	if ended, has := s.Payroll.Ended(b.ID); has && b.State == ledger.BatchPaying {
		page.Ended = s.ended(r, ended)
	}
	ctx := r.Context()
	if r := b.Release; r != nil && !r.NotBefore.IsZero() && b.State == ledger.BatchPaying {
		var err error
		if page.Timing, err = s.Service().Timing(ctx, b.ID); err != nil {
			return page, err
		}
		page.Waits = s.Clock().Before(page.Timing.NotBefore) && h.Sendable().Count > 0
	}
	if page.Waits {
		page.Ended = nil // it is on time
	}
	page.Steps = page.steps(v)
	return page, nil
}

// ended words why a batch is not being paid.
func (s *server) ended(r *http.Request, ended worker.Ended) *endedPage {
	page := &endedPage{Code: "open", Title: s.words(r).Text("console.batch.still_open"), At: ended.At, Again: ended.Until}
	if ended.Stopped != nil {
		page.Code = httpapi.CodeOf(ended.Stopped)
		page.Title = s.words(r).Title(page.Code)
		if page.Code != "internal" {
			page.Detail = ended.Stopped.Error()
		}
	}
	return page
}

// stepsOf says what to do next about a batch, for a page on which there is nothing to do, but for the
// page itself.
func (s *server) stepsOf(r *http.Request, id ledger.BatchID, here string) ([]step, error) {
	h, err := s.Service().Headline(r.Context(), id)
	if err != nil {
		return nil, err
	}
	page, err := s.batchPage(r, h)
	return slices.DeleteFunc(page.Steps, func(one step) bool { return one.Path == page.Path+here }), err
}

// steps says what to do next. What the provider contradicts comes first, since money may be lost.
func (p batchPage) steps(v Visitor) []step {
	var steps []step
	add := func(one step, may bool) {
		if one.Path = p.Path + one.Path; !may {
			one.Do, one.Words = "", one.Words+".others"
		}
		steps = append(steps, one)
	}
	makes, reads := v.Is(Maker), v.Is(Maker, Approver, Auditor)
	if n := p.Disputed.Count; n > 0 {
		add(step{Words: "console.step.disputed", Do: "console.step.disputed.do", Path: "/payouts?show=disputed", Count: n, Kind: "bad"}, reads)
	}
	switch p.Batch.State {
	case ledger.BatchDraft:
		add(step{Words: "console.step.draft", Kind: "care"}, makes)
	case ledger.BatchReady, ledger.BatchApproved:
		add(step{Words: "console.step." + p.Batch.State.String(), Do: "console.step.pay.do", Path: "/pay", Count: p.Sendable().Count, Kind: "busy"}, makes)
	case ledger.BatchAwaitingApproval:
		add(step{Words: "console.step.awaiting_approval", Do: "console.step.awaiting_approval.do", Path: "/approval", Kind: "care"}, reads)
	case ledger.BatchPaying:
		if p.Timing.Missed {
			add(step{Words: "console.step.missed", Do: "console.step.stopped.do", Path: "/pay", Count: p.Open().Count, Kind: "bad"}, makes)
		} else if p.Ended != nil && p.Ended.Again.IsZero() {
			add(step{Words: "console.step.stopped", Do: "console.step.stopped.do", Path: "/pay", Count: p.Open().Count, Kind: "bad"}, makes)
		} else if !p.Waits {
			add(step{Words: "console.step.paying", Do: "console.batch.live", Path: "/live", Kind: "busy", Going: true}, reads)
		}
	case ledger.BatchPaused:
		if p.Batch.Submitted == nil { // what came back corrected is to be released
			add(step{Words: "console.step.stopped", Do: "console.step.stopped.do", Path: "/pay", Count: p.Open().Count, Kind: "care"}, makes)
			break
		}
		add(step{Words: "console.step.paused", Do: "console.step.awaiting_approval.do", Path: "/approval", Kind: "care"}, reads)
	case ledger.BatchRejected, ledger.BatchExpired:
		add(step{Words: "console.step." + p.Batch.State.String(), Kind: "care"}, true)
	case ledger.BatchClosed, ledger.BatchCancelled:
	}
	if n := p.Failed.Count; n > 0 {
		add(step{Words: "console.step.failed", Do: "console.step.failed.do", Path: "/payouts?show=failed", Count: n, Kind: "care"}, true)
	}
	if p.Batch.State == ledger.BatchClosed && len(steps) == 0 {
		add(step{Words: "console.step.done", Do: "console.step.done.do", Path: "/report", Kind: "good"}, reads)
	}
	return steps
}
