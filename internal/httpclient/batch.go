package httpclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"payrun/internal/httpapi"
	"payrun/ledger"
)

// pageSize is the number of payouts that are asked for at once.
const pageSize = 1000

func batchPath(id ledger.BatchID, more string) string {
	return "/v1/batches/" + url.PathEscape(string(id)) + more
}

// Batch returns where a batch stands.
func (c *Client) Batch(ctx context.Context, id ledger.BatchID) (b httpapi.Batch, err error) {
	return b, c.do(ctx, call{method: http.MethodGet, path: batchPath(id, "")}, &b)
}

// Progress returns a batch in figures, for whoever asks often.
func (c *Client) Progress(ctx context.Context, id ledger.BatchID) (b httpapi.BatchSummary, err error) {
	return b, c.do(ctx, call{method: http.MethodGet, path: batchPath(id, "/progress")}, &b)
}

// Batches returns all batches, the oldest first.
func (c *Client) Batches(ctx context.Context) ([]httpapi.BatchSummary, error) {
	var all []httpapi.BatchSummary
	for after := ""; ; {
		var page httpapi.Batches
		if err := c.do(ctx, call{method: http.MethodGet, path: "/v1/batches", query: pageAfter(after)}, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Batches...)
		if after = page.Next; after == "" {
			slices.Reverse(all)
			return all, nil
		}
	}
}

func pageAfter(after string) url.Values {
	query := url.Values{"limit": {strconv.Itoa(pageSize)}}
	if after != "" {
		query.Set("after", after)
	}
	return query
}

// Wanted says which payouts are wanted: those in a state, or, without one, those about which
// the provider disagrees.
type Wanted struct{ State ledger.State }

// Payouts are those of a batch that are wanted, in file order.
func (c *Client) Payouts(ctx context.Context, id ledger.BatchID, wanted Wanted) iter.Seq2[httpapi.Payout, error] {
	return func(yield func(httpapi.Payout, error) bool) {
		for after := ""; ; {
			query := pageAfter(after)
			if wanted.State != 0 {
				query.Set("state", wanted.State.String())
			} else {
				query.Set("disputed", "true")
			}
			var page httpapi.Payouts
			if err := c.do(ctx, call{method: http.MethodGet, path: batchPath(id, "/payouts"), query: query}, &page); err != nil {
				yield(httpapi.Payout{}, err)
				return
			}
			for _, p := range page.Payouts {
				if !yield(p, nil) {
					return
				}
			}
			if after = page.Next; after == "" {
				return
			}
		}
	}
}

// Payout returns all that is on record about one payout of a batch.
func (c *Client) Payout(ctx context.Context, id ledger.BatchID, payout ledger.TransactionID) (p httpapi.PayoutRecord, err error) {
	return p, c.do(ctx, call{method: http.MethodGet, path: payoutPath(id, payout, "")}, &p)
}

// Resolve records what a person saw of a payout at the provider.
func (c *Client) Resolve(ctx context.Context, id ledger.BatchID, payout ledger.TransactionID, key string, seen httpapi.Seen) (b httpapi.Batch, err error) {
	return b, c.do(ctx, call{method: http.MethodPost, path: payoutPath(id, payout, "/resolve"), body: seen, key: key}, &b)
}

func payoutPath(id ledger.BatchID, payout ledger.TransactionID, more string) string {
	return batchPath(id, "/payouts/"+url.PathEscape(string(payout))+more)
}

// Submit brings a file in as a batch, or only has it checked: query has the parameters of the
// call as the API describes them.
func (c *Client) Submit(ctx context.Context, query url.Values, key string, file io.Reader) (made httpapi.CreatedBatch, err error) {
	return made, c.do(ctx, call{method: http.MethodPost, path: "/v1/batches", query: query, file: file, key: key}, &made)
}

// Pay has what may be sent of a batch paid, now or at a time, if it is what is confirmed.
func (c *Client) Pay(ctx context.Context, id ledger.BatchID, key string, confirmed httpapi.Leave) (b httpapi.Batch, err error) {
	return b, c.do(ctx, call{method: http.MethodPost, path: batchPath(id, "/pay"), body: confirmed, key: key}, &b)
}

// Retriable returns who would be tried again.
func (c *Client) Retriable(ctx context.Context, id ledger.BatchID, again httpapi.Again) (found httpapi.Retriable, err error) {
	query := url.Values{}
	for name, ids := range map[string][]ledger.TransactionID{"only": again.Only, "except": again.Except} {
		for _, one := range ids {
			query.Add(name, string(one))
		}
	}
	for name, set := range map[string]bool{"removed": again.Removed, "cancelled": again.Cancelled} {
		if set {
			query.Set(name, "true")
		}
	}
	return found, c.do(ctx, call{method: http.MethodGet, path: batchPath(id, "/retry"), query: query}, &found)
}

// Retry gives what failed a new attempt, if it is what is confirmed, and has it paid.
func (c *Client) Retry(ctx context.Context, id ledger.BatchID, key string, again httpapi.Again) (b httpapi.Batch, err error) {
	return b, c.do(ctx, call{method: http.MethodPost, path: batchPath(id, "/retry"), body: again, key: key}, &b)
}

// Withdrawable returns what would be withdrawn.
func (c *Client) Withdrawable(ctx context.Context, id ledger.BatchID) (found httpapi.Withdrawable, err error) {
	return found, c.do(ctx, call{method: http.MethodGet, path: batchPath(id, "/cancel")}, &found)
}

// Cancel withdraws what was never sent.
func (c *Client) Cancel(ctx context.Context, id ledger.BatchID, key string) (b httpapi.Batch, err error) {
	return b, c.do(ctx, call{method: http.MethodPost, path: batchPath(id, "/cancel"), key: key}, &b)
}

// Report opens a batch's report, whose format the ending says: json, csv, xlsx, html or
// journal.csv; query says how it is written, as the API describes it. Reading half of it is an
// error. The caller closes it.
func (c *Client) Report(ctx context.Context, id ledger.BatchID, ending string, query url.Values) (io.ReadCloser, error) {
	return c.open(ctx, batchPath(id, "/report."+ending), query)
}

// open opens what a call answers with that is no JSON. The caller closes it.
func (c *Client) open(ctx context.Context, path string, query url.Values) (io.ReadCloser, error) {
	response, err := c.send(ctx, call{method: http.MethodGet, path: path, query: query})
	if err != nil {
		return nil, err
	}
	return response.Body, nil
}

// Receipts opens the receipts of whoever is paid, or of one payout, and says how many there are. The
// caller closes it.
func (c *Client) Receipts(ctx context.Context, id ledger.BatchID, payout ledger.TransactionID, numbers bool) (io.ReadCloser, int, error) {
	query := url.Values{}
	if payout != "" {
		query.Set("payout", string(payout))
	}
	if numbers {
		query.Set("numbers", "true")
	}
	response, err := c.send(ctx, call{method: http.MethodGet, path: batchPath(id, "/receipts.html"), query: query})
	if err != nil {
		return nil, 0, err
	}
	count, err := strconv.Atoi(response.Header.Get(httpapi.ReceiptsHeader))
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("%w: %s does not say how many receipts it sends", ErrNoServer, c.base), response.Body.Close())
	}
	return response.Body, count, nil
}

// Reconcile holds a batch against the provider, or against a statement, nil for none.
func (c *Client) Reconcile(ctx context.Context, id ledger.BatchID, statement *httpapi.Statement) (found httpapi.Reconciliation, err error) {
	one := call{method: http.MethodPost, path: batchPath(id, "/reconcile")}
	if statement != nil {
		one.body = statement
	}
	return found, c.do(ctx, one, &found)
}

// Evidence opens the evidence about a batch, as an archive. The caller closes it.
func (c *Client) Evidence(ctx context.Context, id ledger.BatchID) (io.ReadCloser, error) {
	return c.open(ctx, batchPath(id, "/evidence.zip"), nil)
}

// Export opens everything that the ledger has, as JSON lines. Reading half of it is an error. The
// caller closes it.
func (c *Client) Export(ctx context.Context) (io.ReadCloser, error) {
	return c.open(ctx, "/v1/ledger.jsonl", nil)
}

// ApprovalList opens the list of payouts that is to be approved. The caller closes it.
func (c *Client) ApprovalList(ctx context.Context, id ledger.BatchID) (io.ReadCloser, error) {
	return c.open(ctx, batchPath(id, "/approval/list.jsonl"), nil)
}

// Approval returns where the approval of a batch stands.
func (c *Client) Approval(ctx context.Context, id ledger.BatchID) (a httpapi.Approval, err error) {
	return a, c.do(ctx, call{method: http.MethodGet, path: batchPath(id, "/approval")}, &a)
}

// ToSign returns the text of a decision for whoever a key belongs to, and what it is about.
func (c *Client) ToSign(ctx context.Context, id ledger.BatchID, key, decision, reason string) (a httpapi.Approval, err error) {
	query := url.Values{"key": {key}, "decision": {decision}}
	if reason != "" {
		query.Set("reason", reason)
	}
	return a, c.do(ctx, call{method: http.MethodGet, path: batchPath(id, "/approval"), query: query}, &a)
}

// Decide records a decision that somebody signed.
func (c *Client) Decide(ctx context.Context, id ledger.BatchID, signed httpapi.Signed) (a httpapi.Approval, err error) {
	return a, c.do(ctx, call{method: http.MethodPost, path: batchPath(id, "/decisions"), body: signed}, &a)
}
