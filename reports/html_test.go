package reports_test

import (
	"strings"
	"testing"

	"payrun/ledger"
	"payrun/reports"
)

// page writes a report and returns its page.
func page(t *testing.T, source reports.Source, h reports.Header, o reports.Options) string {
	t.Helper()
	return string(content(t, write(t, source, h, o).Files[3]))
}

// TestThePageNeedsNothingElse: no script, nothing to fetch, and a policy that
// forbids both, whatever is in the names.
func TestThePageNeedsNothingElse(t *testing.T) {
	paid := payout(2, "PAY-0001", "ORANGE", "0700086771", `<script src="x"></script>`, 1000, ledger.Failed)
	text := page(t, books{payouts: []ledger.Payout{paid}}, header(), reports.Options{})
	for _, forbidden := range []string{"<script", "<link", "<img", "src=", "href=", "url(", "@import", "http://", "https://"} {
		if shown := strings.ReplaceAll(text, `&lt;script src=&#34;x&#34;&gt;`, ""); strings.Contains(shown, forbidden) {
			t.Errorf("the page contains %q", forbidden)
		}
	}
	if !strings.Contains(text, `content="default-src 'none'; style-src 'unsafe-inline'"`) {
		t.Error("the page does not forbid itself to load anything")
	}
}

// TestARehearsalIsNeverTakenForAPayment: the page of a sandbox says so first.
func TestARehearsalIsNeverTakenForAPayment(t *testing.T) {
	rehearsal := header()
	rehearsal.Environment = "sandbox"
	for french, words := range map[bool]string{false: "no money was moved", true: "aucun argent n’a été versé"} {
		if text := page(t, eachState(), rehearsal, reports.Options{French: french}); !strings.Contains(text, words) {
			t.Errorf("French %t: the page does not say %q", french, words)
		}
		if text := page(t, eachState(), header(), reports.Options{French: french}); strings.Contains(text, words) {
			t.Errorf("French %t: the page of a payment says %q", french, words)
		}
	}
}

// TestOnlyAWhollyPaidBatchIsCalledPaid, and not one that the provider
// contradicts.
func TestOnlyAWhollyPaidBatchIsCalledPaid(t *testing.T) {
	paid := payout(2, "PAY-0001", "ORANGE", "0700086771", "Dago Solange", 1000, ledger.Successful)
	reversed := paid
	reversed.Difference = "CANCEL"
	pending := payout(3, "PAY-0002", "ORANGE", "0700086772", "Dago Solange", 1000, ledger.Pending)
	for _, c := range []struct {
		why     string
		payouts []ledger.Payout
		want    bool
	}{
		{"all paid", []ledger.Payout{paid}, true},
		{"nothing in it", nil, false},
		{"one pending", []ledger.Payout{paid, pending}, false},
		{"one reversed", []ledger.Payout{reversed}, false},
	} {
		text := page(t, books{payouts: c.payouts}, header(), reports.Options{})
		if got := strings.Contains(text, "Everything is paid"); got != c.want {
			t.Errorf("%s: called wholly paid: %t", c.why, got)
		}
	}
}
