package reports_test

import (
	"context"
	"iter"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
	"payrun/reports"
)

// books is a ledger of one batch in memory.
type books struct {
	payouts  []ledger.Payout
	rejected []ledger.Entry
	// err comes after the last payout.
	err error
}

func (b books) Payouts(context.Context, ledger.BatchID, ...ledger.State) iter.Seq2[ledger.Payout, error] {
	return func(yield func(ledger.Payout, error) bool) {
		for _, payout := range b.payouts {
			if !yield(payout, nil) {
				return
			}
		}
		if b.err != nil {
			yield(ledger.Payout{}, b.err)
		}
	}
}

func (b books) RejectedRows(context.Context, ledger.BatchID, int) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		for _, entry := range b.rejected {
			if !yield(entry, nil) {
				return
			}
		}
	}
}

func (b books) Payout(_ context.Context, id ledger.TransactionID) (ledger.Payout, error) {
	for _, payout := range b.payouts {
		if payout.ID == id {
			return payout, nil
		}
	}
	return ledger.Payout{}, &ledger.NotFoundError{ID: id}
}

// noon is when everything in these tests began.
func noon() time.Time { return time.Date(2026, time.November, 24, 12, 0, 0, 0, time.UTC) }

// payout returns a payout in a state, the row-th of its file.
func payout(row int, id string, operator ledger.Operator, number, name string, amount money.Amount, state ledger.State) ledger.Payout {
	p := ledger.Payout{
		Terms: ledger.Terms{
			ID: ledger.TransactionID(id), Number: phone.Number(number).In("225"), Name: name, Amount: amount, Operator: operator,
		},
		Batch: "payroll", Row: row, State: state, Attempt: 1, Reference: ledger.Reference(id), QueuedAt: noon(),
	}
	if state != ledger.Queued && state != ledger.Cancelled {
		p.SubmittedAt = noon().Add(time.Duration(row) * time.Second)
	}
	if state.Final() {
		p.SettledAt = noon().Add(time.Duration(3*row) * time.Second)
	}
	return p
}

// eachState is a small batch with a payout in every state, rows that were turned
// away, and names that people have.
func eachState() books {
	paid := payout(2, "PAY-0001", "ORANGE", "0700086771", "Dago Solange", money.XOF.Of(1_000_000), ledger.Successful)
	paid.Answer = ledger.Answer{ProviderRef: "DGP-77", Code: "SUCCESSFUL", Fees: money.XOF.Fine(750), FeesKnown: true}
	reversed := payout(3, "PAY-0002", "MTN", "0503122114", "N’Guessan Aïcha", money.XOF.Of(97_000), ledger.Successful)
	reversed.Answer = ledger.Answer{ProviderRef: "DGP-78", Code: "SUCCESSFUL"}
	reversed.Differences = []ledger.Difference{{Code: "reversed", Recorded: ledger.Successful, Said: "failed", ProviderCode: "CANCEL"}}
	failed := payout(4, "PAY-0003", "WAVE", "0102030405", `=HYPERLINK("http://evil.example";"x")`, money.XOF.Of(50_000), ledger.Failed)
	failed.Answer = ledger.Answer{
		ProviderRef: "DGP-79", Code: "PAYMENT_FAILED_TRY_AGAINST", Message: "Compte bénéficiaire plafonné; réessayez", Fees: money.XOF.Fine(100), FeesKnown: true,
	}
	failed.Attempt, failed.Reference = 2, "PAY-0003-2"
	pending := payout(6, "PAY-0004", "MOOV", "0101234567", "Koffi, Yao", money.XOF.Of(25_000), ledger.Pending)
	pending.Answer = ledger.Answer{ProviderRef: "DGP-80", Code: "PENDING"}
	unknown := payout(7, "PAY-0005", "MOOV", "0101234568", "Traoré <b>Ibrahim</b>", money.XOF.Of(30_500), ledger.Unknown)
	unknown.Answer = ledger.Answer{Code: "MISMATCH", Message: "the answer names another amount"}
	submitting := payout(8, "PAY-0006", "WAVE", "0701234569", "Bamba Mariam", money.XOF.Of(30_000), ledger.Submitting)
	queued := payout(9, "PAY-0007", "WAVE", "0701234570", "Ouattara Salif", money.XOF.Of(15_000), ledger.Queued)
	queued.Answer = ledger.Answer{Code: "AMOUNT_INSUFFISANT", Message: "Solde insuffisant"}
	cancelled := payout(10, "PAY-0008", "ORANGE", "0701234571", "Yapi Chantal", money.XOF.Of(12_000), ledger.Cancelled)
	return books{
		payouts: []ledger.Payout{paid, reversed, failed, pending, unknown, submitting, queued, cancelled},
		rejected: []ledger.Entry{
			{
				Row:   5,
				Terms: ledger.Terms{ID: "PAY-0009", Number: "+225 78", Name: "@Silué Éric", Amount: money.XOF.Of(99), Operator: "ORANGE"},
				Rejections: []ledger.Rejection{
					{Code: "number.length", Value: "+225 78", Details: map[string]string{"digits": "2", "length": "10", "country": "+225"}},
					{Code: "amount.min", Value: "99", Details: map[string]string{"operator": "ORANGE", "min": "100"}},
				},
			},
			{
				Row:        11,
				Terms:      ledger.Terms{ID: "PAY-0010", Number: "+2250701234572", Name: "Gnagne Paul", Amount: money.XOF.Of(20_000), Operator: "T*MONEY"},
				Rejections: []ledger.Rejection{{Code: "operator.unknown", Value: "T*MONEY"}},
			},
		},
	}
}

func header() reports.Header {
	return reports.Header{
		Batch: "payroll", File: "payroll.csv", Environment: "api.digitalpaye.com", Currency: money.XOF,
		SHA256:    "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
		CreatedAt: noon().Add(time.Hour), Events: 31,
		Head: "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9",
	}
}

// write writes a report into a folder of its own.
func write(t *testing.T, source reports.Source, h reports.Header, o reports.Options) reports.Written {
	t.Helper()
	written, err := reports.Write(t.Context(), t.TempDir(), source, h, o)
	if err != nil {
		t.Fatalf("write the report: %v", err)
	}
	return written
}

func TestAReportIsDatedByTheLastThingThatHappened(t *testing.T) {
	t.Parallel()
	made := noon().Add(-time.Minute)
	queued := payout(2, "PAY-0001", "MTN", "0503122114", "Dago Solange", money.XOF.Of(1000), ledger.Queued)
	sent := payout(3, "PAY-0002", "MTN", "0503122115", "Koffi Yao", money.XOF.Of(1000), ledger.Unknown)
	settled := payout(4, "PAY-0003", "MTN", "0503122116", "Bamba Mariam", money.XOF.Of(1000), ledger.Failed)
	for _, test := range []struct {
		name    string
		made    time.Time
		payouts []ledger.Payout
		want    time.Time
	}{
		{"nothing in it", made, nil, made},
		{"entered", made, []ledger.Payout{queued}, queued.QueuedAt},
		{"sent", made, []ledger.Payout{sent, queued}, sent.SubmittedAt},
		{"settled", made, []ledger.Payout{queued, settled, sent}, settled.SettledAt},
		{"all of it older", noon().Add(time.Hour), []ledger.Payout{settled}, noon().Add(time.Hour)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := header()
			h.CreatedAt = test.made
			summary, err := reports.Render(t.Context(), books{payouts: test.payouts}, h, reports.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if !summary.GeneratedAt.Equal(test.want) {
				t.Errorf("dated %s, want %s", summary.GeneratedAt, test.want)
			}
		})
	}
}
