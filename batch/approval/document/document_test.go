package document_test

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"payrun/batch/approval"
	"payrun/batch/approval/changes"
	"payrun/batch/approval/document"
	"payrun/internal/programtest"
	"payrun/ledger/phone"
)

const people = 120

func payout(i int) approval.Payout {
	name := fmt.Sprintf("Personne %d", i)
	if i%10 == 3 {
		name = strings.Repeat("Ouattaraaaaaaaaaaaaaa", 4)
	}
	return approval.Payout{
		ID: fmt.Sprintf("NOV-%d", i), Number: phone.E164(fmt.Sprintf("+22507%08d", i)), Name: name,
		Amount: int64(1000 + i), Currency: "XOF", Country: "CI", Scheme: []string{"ORANGE", "MTN"}[i%2],
	}
}

func payees() iter.Seq2[approval.Payout, error] {
	return func(yield func(approval.Payout, error) bool) {
		for i := range people {
			if !yield(payout(i), nil) {
				return
			}
		}
	}
}

// plan is one with changes of all kinds, and warnings.
func plan(t *testing.T) document.Document {
	t.Helper()
	tally := approval.NewTally(approval.Currency{Code: "XOF"})
	var before, now []changes.Payee
	for p := range payees() {
		if err := tally.Add(p); err != nil {
			t.Fatal(err)
		}
		one := changes.Payee{ID: p.ID, Number: p.Number, Name: p.Name, Amount: p.Amount}
		now = append(now, one)
		switch i := len(now); {
		case i < 30:
			one.Amount += int64(i)
		case i == 40:
			one.Number = "+2250799999999"
		case i == 50:
			one.Name = strings.Repeat("UnNomSansEspace", 6)
		case i == 60:
			one.Number, one.Name = "+2250788888888", "Yves <Gnan>"
		}
		before = append(before, one)
	}
	p := approval.Plan{Made: time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)}
	p.Batch, p.Account, p.File = "november", "https://api.digitalpaye.com (Production)", approval.Digest{1}
	p.Against = approval.Compared("october", changes.Compare(before, now))
	tally.Fill(&p.Summary)
	digest, err := p.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return document.Document{
		Plan: p, Digest: digest, Text: "november-plan.txt", List: "november-plan.list.jsonl", File: "november.xlsx",
		Warnings: []string{"Warning, 1 × number.prefix: " + strings.Repeat("a_word_without_a_space", 8)}, Payees: payees(),
	}
}

func write(t *testing.T, d document.Document) string {
	t.Helper()
	var page bytes.Buffer
	if err := document.Write(&page, d); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

// TestNumbersAreMaskedUnlessAskedFor on the page, all of them.
func TestNumbersAreMaskedUnlessAskedFor(t *testing.T) {
	d := plan(t)
	for _, french := range []bool{false, true} {
		d.French = french
		d.Reveal = false
		if page := write(t, d); strings.Contains(page, "0799999999") || strings.Contains(page, "0700000001") {
			t.Error("a number is shown in full")
		}
		d.Reveal = true
		page := write(t, d)
		for _, number := range []string{"2250799999999", "2250788888888", "2250700000119"} {
			if !strings.Contains(page, number) {
				t.Errorf("%s is not shown", number)
			}
		}
	}
}

// TestThePageNeedsNothingBesideIt and runs nothing: what files say is text there.
func TestThePageNeedsNothingBesideIt(t *testing.T) {
	page := write(t, plan(t))
	for _, other := range []string{"<script", "src=", "href=", "@import", "url(", "<Gnan>"} {
		if strings.Contains(page, other) {
			t.Errorf("the page has %q", other)
		}
	}
}

// TestAListThatCannotBeReadIsAnError and not a short page.
func TestAListThatCannotBeReadIsAnError(t *testing.T) {
	d := plan(t)
	broken := errors.New("the file changed")
	d.Payees = func(yield func(approval.Payout, error) bool) {
		_ = yield(payout(1), nil) && yield(approval.Payout{}, broken)
	}
	if err := document.Write(&bytes.Buffer{}, d); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

// TestThePlanPrintsOnA4 with nothing cut: each sheet says of which plan it is, how much
// that comes to and its digest, each sheet of the list has its titles, and everybody is on
// one.
func TestThePlanPrintsOnA4(t *testing.T) {
	d := plan(t)
	for _, french := range []bool{false, true} {
		d.French = french
		path := filepath.Join(t.TempDir(), "plan.html")
		if err := os.WriteFile(path, []byte(write(t, d)), 0o600); err != nil {
			t.Fatal(err)
		}
		title := map[bool]string{false: "Beneficiary", true: "Bénéficiaire"}[french]
		var all strings.Builder
		for i, sheet := range programtest.Print(t, path) {
			text := sheet.Text()
			all.WriteString(text)
			for _, wanted := range []string{"november", "127140XOF", d.Digest.String()} {
				if !strings.Contains(text, wanted) {
					t.Errorf("french=%t: sheet %d does not show %s", french, i+1, wanted)
				}
			}
			if strings.Contains(text, "NOV-") && !strings.Contains(text, title) {
				t.Errorf("french=%t: sheet %d of the list has no titles", french, i+1)
			}
		}
		for i := range people {
			if !strings.Contains(all.String(), fmt.Sprintf("NOV-%d", i)) {
				t.Errorf("french=%t: NOV-%d is on no sheet", french, i)
			}
		}
	}
}
