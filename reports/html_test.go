package reports_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"payrun/ledger"
	"payrun/ledger/money"
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
	paid := payout(2, "PAY-0001", "ORANGE", "0700086771", `<script src="x"></script>`, money.XOF.Of(1000), ledger.Failed)
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
	for french, words := range map[bool]string{false: "no money was moved", true: "aucun argent n’a été versé"} {
		for _, environment := range []string{"sandbox", "https://api.invalid (Sandbox)"} {
			rehearsal.Environment = environment
			if text := page(t, eachState(), rehearsal, reports.Options{French: french}); !strings.Contains(text, words) {
				t.Errorf("French %t, %s: the page does not say %q", french, environment, words)
			}
		}
		if text := page(t, eachState(), header(), reports.Options{French: french}); strings.Contains(text, words) {
			t.Errorf("French %t: the page of a payment says %q", french, words)
		}
	}
}

// TestOnlyAWhollyPaidBatchIsCalledPaid, and not one that the provider
// contradicts.
func TestOnlyAWhollyPaidBatchIsCalledPaid(t *testing.T) {
	paid := payout(2, "PAY-0001", "ORANGE", "0700086771", "Dago Solange", money.XOF.Of(1000), ledger.Successful)
	reversed := paid
	reversed.Differences = []ledger.Difference{{Code: "reversed", Recorded: ledger.Successful, Said: "failed", ProviderCode: "CANCEL"}}
	pending := payout(3, "PAY-0002", "ORANGE", "0700086772", "Dago Solange", money.XOF.Of(1000), ledger.Pending)
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

// TestABatchThatPaidNothingItselfIsNotCalledPaid: the same file under another name,
// as next month's may be, finds everything paid.
func TestABatchThatPaidNothingItselfIsNotCalledPaid(t *testing.T) {
	paid := payout(2, "PAY-0001", "ORANGE", "0700086771", "Dago Solange", money.XOF.Of(1000), ledger.Successful)
	paid.Batch = "october"
	text := page(t, books{payouts: []ledger.Payout{paid}}, header(), reports.Options{})
	if strings.Contains(text, "Everything is paid") || !strings.Contains(text, "This batch paid nothing") {
		t.Error("the page does not say that another batch paid it")
	}
}

// TestAnAmountThatCannotBeReadIsNotCalledZero: whoever signs the sum must know that
// it lacks something.
func TestAnAmountThatCannotBeReadIsNotCalledZero(t *testing.T) {
	paid := payout(2, "PAY-0001", "ORANGE", "0700086771", "Dago Solange", money.XOF.Of(1000), ledger.Successful)
	unread := func(row int, code string) ledger.Entry {
		return ledger.Entry{
			Row: row, Terms: ledger.Terms{ID: "X", Name: "Awa", Operator: "ORANGE", Number: "+2250700086772"},
			Rejections: []ledger.Rejection{{Code: code}},
		}
	}
	source := books{payouts: []ledger.Payout{paid}, rejected: []ledger.Entry{
		unread(3, "amount.ambiguous"), unread(4, "amount.format"), unread(5, "amount.zero"), unread(6, "row.total"),
		unread(7, "currency.unsupported"),
	}}
	written := write(t, source, header(), reports.Options{French: true})
	if written.Summary.AmountsUnread != 3 {
		t.Errorf("%d amounts are called unreadable, want 3", written.Summary.AmountsUnread)
	}
	column := func(rows [][]string) (amounts []string) {
		for _, row := range rows[1:] {
			amounts = append(amounts, row[8])
		}
		return amounts
	}
	inJSON := regexp.MustCompile(`"amount":([^,]*),"currency":"XOF","fees"`).FindAllStringSubmatch(string(content(t, written.Files[2])), -1)
	var amounts []string
	for _, match := range inJSON {
		amounts = append(amounts, strings.TrimPrefix(match[1], "null"))
	}
	want := []string{"1000", "", "", "0", "0", ""}
	for format, got := range map[string][]string{
		"CSV": column(rowsOfCSV(t, written.Files[0])), "XLSX": column(cells(t, written.Files[1], "Payouts")), "JSON": amounts,
	} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("amounts in %s (-want +got):\n%s", format, diff)
		}
	}
	text := page(t, source, header(), reports.Options{French: true})
	if strings.Count(text, "illisible</td>") != 3 || !strings.Contains(text, "Montants illisibles, comptés pour 0") {
		t.Error("the page does not say which amounts could not be read")
	}
}

// TestProposedCommandsFindTheLedger: what the page says is typed as it stands there.
func TestProposedCommandsFindTheLedger(t *testing.T) {
	failed := payout(2, "PAY-0001", "ORANGE", "0700086771", "Dago Solange", money.XOF.Of(1000), ledger.Failed)
	h := header()
	h.Environment = "sandbox"
	text := page(t, books{payouts: []ledger.Payout{failed}}, h, reports.Options{Ledger: "november.db"})
	typed := strings.NewReplacer("<span>", "", "</span>", "").Replace(text)
	if !strings.Contains(typed, "payrun retry payroll --ledger november.db --sandbox") {
		t.Error("the command to try again would not find the ledger")
	}
}
