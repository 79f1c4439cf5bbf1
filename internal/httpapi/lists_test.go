package httpapi_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"testing"

	"payrun/internal/httpapi"
	"payrun/ledger"
)

// counting is a ledger that notes what of a batch is read, beside its record and its counts.
type counting struct {
	ledger.Store
	read func(what string)
}

func (c *counting) Payouts(ctx context.Context, id ledger.BatchID, states ...ledger.State) iter.Seq2[ledger.Payout, error] {
	c.read("payouts")
	return c.Store.Payouts(ctx, id, states...)
}

func (c *counting) PayoutsFrom(ctx context.Context, id ledger.BatchID, from uint32, of ledger.Selection) iter.Seq2[ledger.Placed, error] {
	c.read("payouts")
	return c.Store.PayoutsFrom(ctx, id, from, of)
}

func (c *counting) Notable(ctx context.Context, id ledger.BatchID) iter.Seq2[ledger.Payout, error] {
	c.read("notable")
	return c.Store.Notable(ctx, id)
}

func (c *counting) Acts(ctx context.Context, id ledger.BatchID) iter.Seq2[ledger.Event, error] {
	c.read("acts")
	return c.Store.Acts(ctx, id)
}

func (c *counting) Counts(ctx context.Context, id ledger.BatchID) (ledger.Counts, error) {
	c.read("counts")
	return c.Store.Counts(ctx, id)
}

func (c *counting) RejectedRows(ctx context.Context, id ledger.BatchID, after int) iter.Seq2[ledger.Entry, error] {
	rows := c.Store.RejectedRows(ctx, id, after)
	return func(yield func(ledger.Entry, error) bool) {
		for e, err := range rows {
			c.read("rejected")
			if !yield(e, err) {
				return
			}
		}
	}
}

// TestAPageCostsWhatIsOnIt: of batches that are not on it nothing is counted, and of those that are
// no payout is read, however long they are.
func TestAPageCostsWhatIsOnIt(t *testing.T) {
	read := map[string]int{}
	o := open(t, false, func(c *httpapi.Config) { c.Store = &counting{c.Store, func(what string) { read[what]++ }} })
	rejected := new(strings.Builder)
	for i := range 20 {
		fmt.Fprintf(rejected, "BAD-%d,Awa,0701020304,ORANGE,0\n", i)
	}
	for i := range 8 {
		text := strings.NewReplacer("NOV-", fmt.Sprintf("B%d-", i), "45000", fmt.Sprint(45000+i), "150000", fmt.Sprint(150000+i), "80500", fmt.Sprint(80500+i)).Replace(november)
		o.wants("bring in", o.call(http.MethodPost, fmt.Sprintf("/v1/batches?batch=b%d&skip_invalid=true", i), text+rejected.String()), http.StatusCreated, "")
	}
	clear(read)
	var seen []ledger.BatchID
	for after := ""; ; {
		var page httpapi.Batches
		o.wants("a page", o.call(http.MethodGet, "/v1/batches?limit=3&after="+after, ""), http.StatusOK, "").into(t, &page)
		for _, b := range page.Batches {
			if seen = append(seen, b.ID); b.Payouts["queued"].Count != 3 || b.Rejected.Count != 20 || b.ToConfirm.Count != 3 {
				t.Errorf("%s has %+v", b.ID, b)
			}
		}
		if len(seen) == 3 && read["counts"] != 3 {
			t.Errorf("for a page of 3 %d batches were counted", read["counts"])
		}
		if after = page.Next; after == "" {
			break
		}
	}
	slices.Reverse(seen)
	if fmt.Sprint(seen) != "[b0 b1 b2 b3 b4 b5 b6 b7]" || read["counts"] != 8 || read["payouts"]+read["notable"]+read["acts"]+read["rejected"] > 0 {
		t.Errorf("the list has %v, and was read by %v", seen, read)
	}
	var one httpapi.BatchSummary
	o.wants("progress", o.call(http.MethodGet, "/v1/batches/b3/progress", ""), http.StatusOK, "").into(t, &one)
	if one.ID != "b3" || one.Payouts["queued"].Count != 3 || read["payouts"]+read["notable"]+read["acts"] > 0 {
		t.Errorf("its progress is %+v, read by %v", one, read)
	}

	var ids []string
	for after := ""; ; {
		var page httpapi.Rejected
		clear(read)
		o.wants("a page", o.call(http.MethodGet, "/v1/batches/b3/rejected?limit=6&after="+after, ""), http.StatusOK, "").into(t, &page)
		if read["rejected"] > 7 {
			t.Errorf("for a page of 6 rows %d were read", read["rejected"])
		}
		for _, row := range page.Rows {
			ids = append(ids, row.ID)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if len(ids) != 20 || ids[0] != "BAD-0" || ids[19] != "BAD-19" {
		t.Errorf("the rejected rows are %v", ids)
	}
	o.wants("no page", o.call(http.MethodGet, "/v1/batches/b3/rejected?after=x", ""), http.StatusBadRequest, "request")
}
