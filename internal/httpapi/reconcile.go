package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"payrun/batch/access"
	"payrun/batch/reconcile"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/phone"
	"payrun/provider"
)

// Reconciliation is the result of holding a batch against the provider. Its differences come last:
// there may be one for each row.
type Reconciliation struct {
	Batch    ledger.BatchID `json:"batch"`
	Currency string         `json:"currency"`
	Prefix   string         `json:"prefix,omitempty" doc:"begins the references of the batch; without it transfers that were never sent from here are not sought"`
	Listed   int            `json:"listed" doc:"transfers of the provider's list, or of those that were sent along"`
	LookedUp int            `json:"looked_up" doc:"payouts that were asked about one by one"`
	List     string         `json:"list" enum:"whole,short,unread,none" doc:"the list: it has all that is known to be there, lacks some, could not be read, or the provider has none"`
	Lacking  int            `json:"lacking" doc:"transfers that look-ups found and the list does not have"`
	Gap      string         `json:"gap,omitempty" doc:"why not everything was compared"`

	Accepted   *Total            `json:"accepted" doc:"rows of the file that were taken"`
	Rejected   *Total            `json:"rejected"`
	Payouts    map[string]*Total `json:"payouts" doc:"by state, afterwards"`
	Provider   ProviderSide      `json:"provider"`
	Agreed     *Total            `json:"agreed"`
	Settled    *Total            `json:"settled" doc:"open here; the provider's word was recorded"`
	Open       *Total            `json:"open" doc:"open on both sides"`
	Unanswered int               `json:"unanswered"`
	NoPage     bool              `json:"no_page" doc:"the last look-ups found no page"`
	Unresolved int               `json:"unresolved" doc:"differences that nobody has answered"`
	Disputed   int               `json:"disputed" doc:"payouts about which something is on record that nobody resolved"`
	// Stopped comes alone.
	Stopped     *Problem   `json:"stopped,omitempty" doc:"why it ended early: the rest says nothing then"`
	Differences []Mismatch `json:"differences" doc:"in file order, what has no row at the end"`
}

// ProviderSide is the provider's side of a batch, counted by its transfers.
type ProviderSide struct {
	Successful *Total `json:"successful"`
	Failed     *Total `json:"failed"`
	Pending    *Total `json:"pending"`
	NotFound   *Total `json:"not_found"`
	Mismatched *Total `json:"mismatched" doc:"known with another amount or number"`
	Unanswered *Total `json:"unanswered"`
	NeverSent  *Total `json:"never_sent" doc:"transfers that are there and not in the ledger"`
}

// Mismatch is one thing about which file, ledger and provider disagree.
type Mismatch struct {
	Code         string               `json:"code" doc:"its kind"`
	ID           ledger.TransactionID `json:"id,omitempty"`
	Name         string               `json:"name,omitempty"`
	Row          int                  `json:"row,omitempty"`
	State        string               `json:"state,omitempty"`
	Amount       *Decimal             `json:"amount,omitempty"`
	Reference    string               `json:"reference,omitempty"`
	Said         string               `json:"said,omitempty" doc:"what the provider's answer means"`
	ProviderCode string               `json:"provider_code,omitempty"`
	AmountThere  *Decimal             `json:"amount_there,omitempty"`
	Fees         *Decimal             `json:"fees,omitempty"`
	FeesExpected *Decimal             `json:"fees_expected,omitempty"`
	StatementRow int                  `json:"statement_row,omitempty" doc:"row of the transfer that was sent along"`
	Answered     bool                 `json:"answered,omitempty"`
	Before       bool                 `json:"before,omitempty" doc:"it was found at another time, and is not now"`
}

// Statement is the provider's side as somebody read it from what its dashboard exported.
type Statement struct {
	Transfers []Transfer `json:"transfers"`
}

// Transfer is a transfer of a statement.
type Transfer struct {
	Reference   string     `json:"reference,omitempty" maxLength:"128" doc:"our name for it; it or provider_ref is there"`
	ProviderRef string     `json:"provider_ref,omitempty" maxLength:"128" doc:"the provider's name for it"`
	Number      string     `json:"number,omitempty" maxLength:"16" doc:"E.164: +2250701020304"`
	Amount      Decimal    `json:"amount"`
	State       string     `json:"state" enum:"successful,failed,pending"`
	Code        string     `json:"code,omitempty" maxLength:"200" doc:"the provider's word for it"`
	Fees        *Decimal   `json:"fees,omitempty"`
	At          *time.Time `json:"at,omitempty"`
	Row         int        `json:"row,omitempty" doc:"of the statement, for whoever looks for it"`
	Returned    bool       `json:"returned,omitempty" doc:"money that came in under the transfer's name"`
}

type reconcileInput struct {
	BatchPath

	Body *Statement
}

//nolint:gochecknoglobals // a value that nothing writes to
var reconciliation = download{contentType: "application/json"}

func (s *server) reconciling() {
	described := func(op *huma.Operation) {
		schema := s.api.OpenAPI().Components.Schemas.Schema(typeOf[Reconciliation](), true, "Reconciliation")
		reconciliation.described("What came of it. It begins at once and may take long; spaces before it keep the connection awake.", schema)(op)
		op.MaxBodyBytes, op.BodyReadTimeout = s.UploadMax, s.Limits.Upload
	}
	op := s.operation(http.MethodPost, "/v1/batches/{id}/reconcile", access.Resolve,
		"Hold a batch against the provider, or against a statement that is sent along", described)
	huma.Register(s.api, op, s.reconcile)
}

// reconcile holds a batch against the provider's word, or that of a statement. Nothing is sent. Other
// batches are not paid meanwhile. Whoever hangs up ends it gently.
func (s *server) reconcile(ctx context.Context, in *reconcileInput) (*huma.StreamResponse, error) {
	b, err := s.Store.Batch(ctx, ledger.BatchID(in.ID))
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	compare := func(accepting context.Context) (service.Reconciled, error) {
		return s.Service().Reconcile(context.WithoutCancel(ctx), accepting, s.actor(ctx), b)
	}
	if in.Body == nil {
		if b, err = s.Service().Open(ctx, s.actor(ctx), b.ID); err != nil {
			return nil, s.problem(ctx, err)
		}
	} else {
		transfers, err := transfersOf(ctx, b, in.Body.Transfers)
		if err != nil {
			return nil, err
		}
		compare = func(accepting context.Context) (service.Reconciled, error) {
			return s.Service().ReconcileStatement(context.WithoutCancel(ctx), accepting, s.actor(ctx), b, transfers)
		}
	}
	return &huma.StreamResponse{Body: func(to huma.Context) {
		to.SetHeader("Content-Type", reconciliation.contentType)
		out := s.steady(to)
		accepting, awake := s.stayAwake(ctx, out)
		var found service.Reconciled
		err := s.Payroll.Between(accepting, func() (err error) {
			found, err = compare(accepting)
			return err
		})
		awake()
		if err == nil {
			err = writeReconciled(out, found)
			err = errors.Join(err, found.Close())
		} else {
			problem, _ := errors.AsType[*Problem](s.problem(ctx, err))
			err = json.NewEncoder(out).Encode(Reconciliation{Batch: b.ID, Currency: string(b.Currency), Stopped: problem, Differences: []Mismatch{}})
		}
		if err != nil && ctx.Err() == nil {
			s.Log.Warn().Err(err).Str("batch", string(b.ID)).Msg("a reconciliation was not told to its end")
			panic(http.ErrAbortHandler) // what was sent must not look whole
		}
	}}, nil
}

// writeReconciled writes what came of it, the differences as they are read.
func writeReconciled(to io.Writer, found service.Reconciled) error {
	head, err := json.Marshal(reconciliationOf(found))
	if err != nil {
		return err
	}
	const end = `]}` // of the differences, of which the head has none
	if _, err := to.Write(head[:len(head)-len(end)]); err != nil {
		return err
	}
	between := ""
	for d, err := range found.Differences.All() {
		if err != nil {
			return err
		}
		text, err := json.Marshal(mismatchOf(d))
		if err == nil {
			_, err = to.Write(append([]byte(between), text...))
		}
		if err != nil {
			return err
		}
		between = ","
	}
	_, err = io.WriteString(to, end+"\n")
	return err
}

func reconciliationOf(r service.Reconciled) Reconciliation {
	side := r.Provider
	return Reconciliation{
		Batch: r.Batch.ID, Currency: string(r.Batch.Currency), Prefix: r.Prefix, Listed: r.Listed, LookedUp: r.LookedUp,
		List: listWord(r.Result), Lacking: r.Lacking, Gap: string(r.Gap()),
		Accepted: totalOf(r.Batch.Accepted), Rejected: totalOf(r.Batch.Rejected), Payouts: payoutsOf(r.After),
		Provider: ProviderSide{
			Successful: totalOf(side.Successful), Failed: totalOf(side.Failed), Pending: totalOf(side.Pending), NotFound: totalOf(side.NotFound),
			Mismatched: totalOf(side.Mismatched), Unanswered: totalOf(side.Unanswered), NeverSent: totalOf(side.NeverSent),
		},
		Agreed: totalOf(r.Agreed), Settled: totalOf(r.Settled), Open: totalOf(r.Open), Unanswered: r.Unanswered, NoPage: r.NoLookUpPage,
		Unresolved: r.Differences.Open(), Disputed: r.Disputed, Differences: []Mismatch{},
	}
}

// The words for a list.
const (
	ListWhole  = "whole"
	ListShort  = "short"
	ListUnread = "unread"
	ListNone   = "none"
)

func listWord(r reconcile.Result) string {
	switch {
	case errors.Is(r.ListError, reconcile.ErrNoList):
		return ListNone
	case r.ListError != nil:
		return ListUnread
	case r.Lacking > 0:
		return ListShort
	default:
		return ListWhole
	}
}

func mismatchOf(d reconcile.Difference) Mismatch {
	m := Mismatch{
		Code: d.Code, ID: d.ID, Name: d.Name, Row: d.Row, Reference: d.Reference, ProviderCode: d.ProviderCode,
		StatementRow: d.StatementRow, Answered: d.Answered, Before: d.Before,
	}
	if d.ID != "" {
		m.State = d.State.String()
	}
	if d.Code != ledger.DifferenceFile {
		m.Said = d.Said.String()
	}
	for _, one := range []struct {
		known bool
		plain func() string
		to    **Decimal
	}{
		{d.Amount.Currency != "", d.Amount.Plain, &m.Amount},
		{d.AmountThere.Currency != "", d.AmountThere.Plain, &m.AmountThere},
		{d.Fees.Currency != "", d.Fees.Plain, &m.Fees},
		{d.FeesExpected.Currency != "", d.FeesExpected.Plain, &m.FeesExpected},
	} {
		if one.known {
			amount := Decimal(one.plain())
			*one.to = &amount
		}
	}
	return m
}

// transfersOf are those of a statement in a batch's currency, if each of them can be read.
func transfersOf(ctx context.Context, b ledger.Batch, given []Transfer) (iter.Seq2[reconcile.Transfer, error], error) {
	all := make([]reconcile.Transfer, 0, len(given))
	for i, t := range given {
		one, err := transferOf(b, t)
		if err != nil {
			p := problemOf(ctx, codeRequest, err.Error())
			p.Errors = []*huma.ErrorDetail{{Message: err.Error(), Location: "body.transfers[" + strconv.Itoa(i) + "]"}}
			return nil, p
		}
		all = append(all, one)
	}
	return func(yield func(reconcile.Transfer, error) bool) {
		for _, one := range all {
			if !yield(one, nil) {
				return
			}
		}
	}, nil
}

func transferOf(b ledger.Batch, t Transfer) (out reconcile.Transfer, err error) {
	if t.Reference == "" && t.ProviderRef == "" {
		return out, errors.New("a transfer has a reference or a provider_ref")
	}
	out = reconcile.Transfer{Row: t.Row, Returned: t.Returned}
	out.Reference, out.ProviderRef, out.Number, out.Code = t.Reference, t.ProviderRef, phone.E164(t.Number), t.Code
	if t.Number != "" && !out.Number.Valid() {
		return out, errors.New("the number is not one as +2250701020304")
	}
	if out.Amount, err = t.Amount.Amount(b.Currency); err != nil {
		return out, err
	}
	if t.Fees != nil {
		if out.Fees, err = t.Fees.Fine(b.Currency); err != nil {
			return out, err
		}
		out.FeesKnown = true
	}
	if t.At != nil {
		out.At = t.At.UTC()
	}
	out.Class = map[string]provider.Class{
		provider.Successful.String(): provider.Successful, provider.Failed.String(): provider.Failed, provider.Pending.String(): provider.Pending,
	}[t.State]
	return out, nil
}
