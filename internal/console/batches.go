package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"payrun/ledger"
)

// batchRoutes are those of files and batches.
func (s *server) batchRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	makers, readers, resolvers := []Role{Maker}, []Role{Maker, Approver, Auditor}, []Role{Maker, Approver}
	return []route{
		{method: get, path: "/batches", nav: "console.nav.batches", serve: s.batches},
		{method: get, path: "/uploads", roles: makers, nav: "console.nav.uploads", serve: s.showUploads},
		{method: post, path: "/uploads", roles: makers, upload: true, serve: s.upload},
		{method: get, path: "/uploads/{upload}", roles: makers, upload: true, serve: s.showUnderstood},
		{method: post, path: "/uploads/{upload}", roles: makers, upload: true, serve: s.choose},
		{method: get, path: "/uploads/{upload}/progress", roles: makers, stream: true, serve: s.followUpload},
		{method: get, path: "/uploads/{upload}/changes", roles: makers, upload: true, serve: s.showUploadChanges},
		{method: get, path: "/uploads/{upload}/copy/{kind}", roles: makers, upload: true, serve: s.downloadCopy},
		{method: post, path: "/uploads/{upload}/copy/{kind}", roles: makers, upload: true, serve: s.goOnWithCopy},
		{method: post, path: "/uploads/{upload}/remove", roles: makers, serve: s.removeUpload},
		{method: post, path: "/uploads/{upload}/submit", roles: makers, upload: true, serve: s.submit},
		{method: get, path: "/batches/{id}", serve: s.showBatch},
		{method: get, path: "/batches/{id}/changes", roles: readers, serve: s.showChanges},
		{method: get, path: "/batches/{id}/payouts", serve: s.showPayouts},
		{method: get, path: "/batches/{id}/rejected", roles: readers, serve: s.showRejected},
		{method: get, path: "/batches/{id}/pay", roles: makers, serve: s.showPay},
		{method: post, path: "/batches/{id}/pay", roles: makers, upload: true, serve: s.pay},
		{method: get, path: "/batches/{id}/retry", roles: makers, serve: s.showRetry},
		{method: post, path: "/batches/{id}/retry", roles: makers, upload: true, serve: s.retry},
		{method: get, path: "/batches/{id}/cancel", roles: makers, serve: s.showCancel},
		{method: post, path: "/batches/{id}/cancel", roles: makers, upload: true, serve: s.cancel},
		{method: get, path: "/batches/{id}/payouts/{payout}/correct", roles: makers, serve: s.showCorrect},
		{method: post, path: "/batches/{id}/payouts/{payout}/correct", roles: makers, upload: true, serve: s.correct},
		{method: get, path: "/batches/{id}/payouts/{payout}/resolve", roles: resolvers, serve: s.showResolve},
		{method: post, path: "/batches/{id}/payouts/{payout}/resolve", roles: resolvers, upload: true, serve: s.resolve},
		{method: get, path: "/batches/{id}/report", roles: readers, serve: s.showReports},
		{method: get, path: "/batches/{id}/report/{format}", roles: readers, upload: true, serve: s.report},
	}
}

// batchOf is the batch that a request's path names.
func batchOf(r *http.Request) ledger.BatchID { return ledger.BatchID(r.PathValue("id")) }

// batchPath is the address of a batch's page, or of a part of it.
func batchPath(id ledger.BatchID, part string) string {
	return "/batches/" + url.PathEscape(string(id)) + part
}

// batchesShown is how many batches a page of the list has.
const batchesShown = 25

// batchLine is a batch in the list.
type batchLine struct {
	ledger.Batch

	Path                    string
	All, Paid, Failed, Open ledger.Total
	Rejected, Withdrawn     ledger.Total
	// Waits is the key of the words for who has to do something about it, empty for nobody.
	Waits string
}

// batchList is a page of the list of batches.
type batchList struct {
	Batches []batchLine
	Pages   paging
	// Dead is how many notices were given up.
	Dead int
}

// batches lists the batches, the newest first.
func (s *server) batches(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Store.Batches(r.Context())
	if err != nil {
		return err
	}
	slices.Reverse(all)
	after := r.URL.Query().Get("after")
	if after != "" {
		at := slices.IndexFunc(all, func(b ledger.Batch) bool { return string(b.ID) == after })
		if at < 0 {
			return errRequest
		}
		all = all[at+1:]
	}
	var list batchList
	if after != "" {
		list.Pages.First = "/batches"
	}
	if len(all) > batchesShown {
		all = all[:batchesShown]
		list.Pages.Next = "/batches?after=" + url.QueryEscape(string(all[len(all)-1].ID))
	}
	for _, b := range all {
		line, err := s.batchLine(r.Context(), b)
		if err != nil {
			return err
		}
		list.Batches = append(list.Batches, line)
	}
	if list.Dead, err = s.notices.Dead(r.Context()); err != nil {
		return err
	}
	return s.render(w, r, "batches", list)
}

// batchLine counts a batch.
func (s *server) batchLine(ctx context.Context, b ledger.Batch) (batchLine, error) {
	counts, err := s.Store.Counts(ctx, b.ID)
	if err != nil {
		return batchLine{}, err
	}
	states := counts.ByState()
	line := batchLine{
		Batch: b, Path: batchPath(b.ID, ""), All: states.Total(), Paid: states.In(ledger.Successful), Failed: states.In(ledger.Failed),
		Open: states.Open(), Withdrawn: states.In(ledger.Cancelled), Rejected: b.Rejected,
	}
	line.Waits = s.waits(b, states)
	return line, nil
}

// waits is the key of the words for who has to do something about a batch, empty for nobody.
func (s *server) waits(b ledger.Batch, states ledger.ByState) string {
	if !b.Sealed {
		return "console.waits.draft"
	}
	if b.State == ledger.BatchPaying {
		if ended, has := s.Payroll.Ended(b.ID); has && ended.Until.IsZero() {
			return "console.waits.stopped"
		}
	}
	if b.State == ledger.BatchPaused && b.Submitted == nil {
		return "console.waits.ready"
	}
	if b.State == ledger.BatchClosed && states.In(ledger.Failed).Count > 0 {
		return "console.waits.failed"
	}
	return map[ledger.BatchState]string{
		ledger.BatchReady: "console.waits.ready", ledger.BatchAwaitingApproval: "console.waits.awaiting_approval",
		ledger.BatchApproved: "console.waits.approved", ledger.BatchPaying: "console.waits.paying", ledger.BatchPaused: "console.waits.paused",
	}[b.State]
}

// opened is the batch that a path names, if it is of the account that is paid from here.
func (s *server) opened(r *http.Request) (ledger.Batch, error) {
	return s.Service().Open(r.Context(), s.actor(r), batchOf(r))
}

// between has something done to a batch while nothing is being paid, and nothing else changes a
// batch.
func (s *server) between(ctx context.Context, do func() error) error {
	return s.change(ctx, func() error { return s.Payroll.Between(ctx, do) })
}

// isA finds an error of a type.
func isA[E error](err error) (E, bool) { return errors.AsType[E](err) }
