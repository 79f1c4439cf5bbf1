package reports_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/reports"
)

// divided is a batch divided by state, for all and for each operator, as one
// format has it.
type divided map[string]ledger.Total

func (d divided) add(operator, state string, amount money.Amount) {
	for _, key := range []string{"file", state, operator, operator + " " + state} {
		count := d[key]
		count.Add(amount)
		d[key] = count
	}
}

// TestEveryFormatAddsUpToTheSame: random batches, whose rows are read back from
// each format and added up by state and operator, come to what the books hold,
// and to the summary's figures. A row that was turned away and its payout are one.
func TestEveryFormatAddsUpToTheSame(t *testing.T) {
	folder := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		source := drawBooks(rt)
		want := divided{}
		for _, p := range source.payouts {
			state := p.State.String()
			if p.State == ledger.Submitting {
				state = "unknown"
			}
			want.add(string(p.Operator), state, p.Amount)
		}
		returned := 0
		for _, entry := range source.rejected {
			if source.returned(entry) {
				returned++
				continue
			}
			want.add(string(entry.Operator), "rejected", entry.Amount)
		}
		h := header()
		h.Batch = ledger.BatchID(fmt.Sprintf("b%d", rapid.IntRange(0, 3).Draw(rt, "batch")))
		written, err := reports.Write(rt.Context(), folder, source, h, reports.Options{FrenchCSV: rapid.Bool().Draw(rt, "French CSV")})
		if err != nil {
			rt.Fatal(err)
		}
		if written.Summary.Returned != returned {
			rt.Errorf("%d returned rows, want %d", written.Summary.Returned, returned)
		}
		report := readJSON(t, written.Files[2])
		lines := divided{}
		for _, p := range report.Payouts {
			lines.add(p.Operator, p.State, p.Amount)
		}
		for name, got := range map[string]divided{
			"CSV": tableCSV(t, written.Files[0]), "XLSX": table(t, cells(t, written.Files[1], "Payouts")),
			"JSON": lines, "summary": fromSummary(report.Summary), "returned summary": fromSummary(written.Summary),
		} {
			if diff := cmp.Diff(want, got); diff != "" {
				rt.Errorf("%s (-books +report):\n%s", name, diff)
			}
		}
		if diff := cmp.Diff(onPage(want), pageFigures(t, written.Files[3])); diff != "" {
			rt.Errorf("HTML (-books +page):\n%s", diff)
		}
	})
}

func drawBooks(t *rapid.T) books {
	var source books
	operators := rapid.SampledFrom([]ledger.Operator{"ORANGE", "MTN", "MOOV", "WAVE"})
	amounts := rapid.Int64Range(100, 1_000_000)
	for row := range rapid.IntRange(0, 30).Draw(t, "rows") {
		id := fmt.Sprint("PAY-", row)
		if rapid.IntRange(0, 4).Draw(t, "rejected") == 0 {
			source.rejected = append(source.rejected, ledger.Entry{
				Row: row, Terms: ledger.Terms{ID: ledger.TransactionID(id), Operator: operators.Draw(t, "operator"), Amount: money.XOF.Of(amounts.Draw(t, "amount"))},
				Rejections: []ledger.Rejection{{Code: "number.length"}},
			})
			continue
		}
		p := payout(row, id, operators.Draw(t, "operator"), "0700086771", rapid.String().Draw(t, "name"),
			money.XOF.Of(amounts.Draw(t, "amount")), rapid.SampledFrom(ledger.States()).Draw(t, "state"))
		p.Answer.FeesKnown = rapid.Bool().Draw(t, "fees known")
		p.Answer.Fees = money.XOF.Fine(rapid.Int64Range(0, 100_000).Draw(t, "fees"))
		p.Answer.Code = rapid.SampledFrom([]string{"", "TIMEOUT", "SUCCESSFUL", "=1;2"}).Draw(t, "code")
		source.payouts = append(source.payouts, p)
		if code := rapid.SampledFrom([]string{"", "", "id.conflict", "number.length", "id.duplicate"}).Draw(t, "comes back with"); code != "" {
			again := p.Terms
			again.Amount = money.XOF.Of(amounts.Draw(t, "other amount"))
			source.rejected = append(source.rejected, ledger.Entry{Row: row, Terms: again, Rejections: []ledger.Rejection{{Code: code}}})
		}
	}
	return source
}

// returned reports whether a rejected row is a payout's own.
func (b books) returned(entry ledger.Entry) bool {
	_, err := b.Payout(context.Background(), entry.ID)
	return err == nil && entry.Rejections[0].Code != "id.duplicate"
}

func tableCSV(t *testing.T, path string) divided {
	t.Helper()
	return table(t, rowsOfCSV(t, path))
}

func rowsOfCSV(t *testing.T, path string) [][]string {
	t.Helper()
	text := strings.TrimPrefix(string(content(t, path)), "\ufeff")
	reader := csv.NewReader(strings.NewReader(text))
	if strings.HasPrefix(text, "row;") {
		reader.Comma = ';'
	}
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// table adds up the rows below a header.
func table(t *testing.T, rows [][]string) divided {
	t.Helper()
	const operator, amount, state = 5, 8, 12
	got := divided{}
	for _, row := range rows[1:] {
		francs, err := strconv.ParseInt(row[amount], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		got.add(row[operator], row[state], money.XOF.Of(francs))
	}
	return got
}

func fromSummary(s reports.Summary) divided {
	got := divided{}
	put := func(key string, count ledger.Total) {
		if count.Count > 0 {
			got[key] = count
		}
	}
	states := func(prefix string, t reports.Totals) {
		for state, count := range map[string]ledger.Total{
			"successful": t.Successful, "failed": t.Failed, "pending": t.Pending, "unknown": t.Unknown,
			"queued": t.Queued, "cancelled": t.Cancelled, "rejected": t.Rejected,
		} {
			put(prefix+state, count)
		}
	}
	put("file", ledger.Total{Count: s.Rows, Amount: s.Amount})
	states("", s.Totals)
	for operator, totals := range s.ByOperator {
		put(operator, ledger.Total{Count: totals.Rows, Amount: totals.Amount})
		states(operator+" ", totals)
	}
	return got
}

// onPage returns the expected texts of the page's table of totals.
func onPage(d divided) divided {
	open := ledger.Total{
		Count:  d["pending"].Count + d["unknown"].Count + d["queued"].Count,
		Amount: d["pending"].Amount.Plus(d["unknown"].Amount).Plus(d["queued"].Amount),
	}
	want := divided{
		"file": d["file"], "paid": d["successful"], "failed": d["failed"], "open": open,
		"cancelled": d["cancelled"], "rejected": d["rejected"],
	}
	if open.Count > 0 {
		want["pending"], want["unknown"], want["queued"] = d["pending"], d["unknown"], d["queued"]
	}
	return want
}

func pageFigures(t *testing.T, path string) divided {
	t.Helper()
	got := divided{}
	figure := regexp.MustCompile(`data-(count|amount)="(\w+)">([^<]*)<`)
	for _, match := range figure.FindAllStringSubmatch(string(content(t, path)), -1) {
		value, err := strconv.ParseInt(strings.ReplaceAll(html.UnescapeString(match[3]), "\u202f", ""), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		count := got[match[2]]
		if match[1] == "count" {
			count.Count = int(value)
		} else if value != 0 {
			count.Amount = money.XOF.Of(value)
		}
		got[match[2]] = count
	}
	return got
}
