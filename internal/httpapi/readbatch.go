package httpapi

import (
	"context"
	"slices"
	"strconv"

	"payrun/batch/service"
	"payrun/internal/catalogue"
	"payrun/ledger"
)

// BatchPath is the path of a call about one batch.
type BatchPath struct {
	ID string `path:"id" maxLength:"64"`
}

// Page is the part of a list that a call wants.
type Page struct {
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	After string `query:"after" maxLength:"128" doc:"next of the page before"`
}

type batchOutput struct {
	Replayed string `header:"Idempotent-Replayed"`
	Body     Batch
}

// batch is where a batch stands.
func (s *server) batch(ctx context.Context, id ledger.BatchID) (Batch, error) {
	status, err := s.Service().Status(ctx, id, nil)
	if err != nil {
		return Batch{}, err
	}
	return s.viewOf(status), nil
}

func (s *server) showBatch(ctx context.Context, in *BatchPath) (*batchOutput, error) {
	b, err := s.batch(ctx, ledger.BatchID(in.ID))
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return &batchOutput{Body: b}, nil
}

// Batches is a page of batches.
type Batches struct {
	Batches []BatchSummary `json:"batches"`
	Next    string         `json:"next,omitempty" doc:"after of the next page; missing on the last"`
}

// showProgress answers with a batch in figures: for whoever asks often.
func (s *server) showProgress(ctx context.Context, in *BatchPath) (*struct{ Body BatchSummary }, error) {
	b, err := s.Store.Batch(ctx, ledger.BatchID(in.ID))
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	v, err := s.summary(ctx, b)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return &struct{ Body BatchSummary }{v}, nil
}

// listBatches shows the newest first. Of each it knows the figures that are counted anyway: a page
// costs what is on it, not what the batches have gone through.
func (s *server) listBatches(ctx context.Context, in *Page) (*struct{ Body Batches }, error) {
	all, err := s.Store.Batches(ctx)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	slices.Reverse(all)
	if in.After != "" {
		at := slices.IndexFunc(all, func(b ledger.Batch) bool { return string(b.ID) == in.After })
		if at < 0 {
			return nil, problemOf(ctx, codeRequest, "after names no batch")
		}
		all = all[at+1:]
	}
	out := Batches{Batches: []BatchSummary{}}
	for i, b := range all {
		if i == in.Limit {
			out.Next = string(all[i-1].ID)
			break
		}
		one, err := s.summary(ctx, b)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		out.Batches = append(out.Batches, one)
	}
	return &struct{ Body Batches }{out}, nil
}

type payoutsInput struct {
	BatchPath
	Page

	State    string `query:"state" enum:"queued,submitting,pending,unknown,successful,failed,cancelled"`
	Disputed bool   `query:"disputed" doc:"only those about which the provider disagrees"`
}

// Payouts is a page of a batch's payouts. A page may have fewer than were asked for, or none, and
// there may be more all the same.
type Payouts struct {
	Payouts []Payout `json:"payouts"`
	Next    string   `json:"next,omitempty" doc:"after of the next page; missing on the last"`
}

// listPayouts shows payouts in file order. After is a position in the batch, which nothing changes:
// while a batch is paid, its payouts leave one state for another.
func (s *server) listPayouts(ctx context.Context, in *payoutsInput) (*struct{ Body Payouts }, error) {
	from, err := strconv.ParseUint("0"+in.After, 10, 32)
	if err != nil {
		return nil, problemOf(ctx, codeRequest, "after is the next of a page")
	}
	filter := service.PayoutFilter{Disputed: in.Disputed}
	for _, state := range ledger.States() {
		if in.State == state.String() {
			filter.States = append(filter.States, state)
		}
	}
	page, err := s.Service().Payouts(ctx, ledger.BatchID(in.ID), filter, uint32(from), in.Limit)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	out := Payouts{Payouts: []Payout{}}
	for _, p := range page.Payouts {
		out.Payouts = append(out.Payouts, payoutOf(p.Payout))
	}
	if page.More {
		out.Next = strconv.FormatUint(uint64(page.Next), 10)
	}
	return &struct{ Body Payouts }{out}, nil
}

type rejectedInput struct {
	BatchPath
	Page
}

// Rejected is a page of rows that were turned away.
type Rejected struct {
	Rows []RejectedRow `json:"rows"`
	Next string        `json:"next,omitempty" doc:"after of the next page; missing on the last"`
}

// RejectedRow is a row that was turned away.
type RejectedRow struct {
	Row     int       `json:"row"`
	ID      string    `json:"id,omitempty"`
	Name    string    `json:"name,omitempty"`
	Number  string    `json:"number,omitempty" doc:"as it was written"`
	Reasons []Finding `json:"reasons"`
}

func (s *server) listRejected(ctx context.Context, in *rejectedInput) (*struct{ Body Rejected }, error) {
	words, err := catalogue.New(languageOf(ctx))
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	after, err := strconv.ParseUint("0"+in.After, 10, 31)
	if err != nil {
		return nil, problemOf(ctx, codeRequest, "after is the next of a page")
	}
	out, from := Rejected{Rows: []RejectedRow{}}, int(after)
	for e, err := range s.Store.RejectedRows(ctx, ledger.BatchID(in.ID), from) {
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		if len(out.Rows) == in.Limit {
			out.Next = strconv.Itoa(from + len(out.Rows))
			break
		}
		out.Rows = append(out.Rows, rejectedOf(e, words))
	}
	return &struct{ Body Rejected }{out}, nil
}

func rejectedOf(e ledger.Entry, words *catalogue.Catalogue) RejectedRow {
	row := RejectedRow{Row: e.Row, ID: string(e.ID), Name: e.Name, Number: e.Number.Reveal(), Reasons: []Finding{}}
	for _, r := range e.Rejections {
		message, hint := words.Problem(catalogue.Finding{Code: r.Code, Value: r.Value, Details: r.Details})
		row.Reasons = append(row.Reasons, Finding{Code: r.Code, Severity: "error", Count: 1, Message: message, Hint: hint})
	}
	return row
}
