package approval_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"payrun/batch/approval"
	"payrun/batch/approval/changes"
	"payrun/ledger/phone"
)

var update = flag.Bool("update", false, "rewrite the texts in testdata")

func payout(i int, amount int64) approval.Payout {
	return approval.Payout{
		ID: "SAL-" + strconv.Itoa(i), Number: phone.E164(fmt.Sprintf("+22507%08d", i)), Name: "Awa Koné", Amount: amount,
		Currency: "XOF", Country: "CI", Scheme: []string{"ORANGE", "MTN"}[i%2], Note: "",
	}
}

// example is a content with something of everything in it.
func example(tb testing.TB) approval.Content {
	tb.Helper()
	c := payroll(tb, policy(tb, policyText), 3, 1_250_000)
	c.NotBefore = sealed.Add(22 * time.Hour)
	c.Against = approval.Compared("october", changes.Compare(
		[]changes.Payee{
			{Number: "+2250700000000", Name: "Awa Koné", Amount: 1_000_000},
			{Number: "+2250799999999", Name: "Yves \"le vieux\" Gnan", Amount: 900_000},
			{Number: "+2250700000004", Name: "Ali", Amount: 1_250_000},
		},
		[]changes.Payee{
			{Number: "+2250700000000", Name: "Awa Koné", Amount: 1_250_000},
			{Number: "+2250700000001", Name: "Fanta\u202eSy", Amount: 1_250_000},
			{Number: "+2250700000002", Name: "Ali", Amount: 1_250_000},
		}))
	c.Warnings = []approval.Warning{{Code: "number.new", Count: 2}, {Code: "number.prefix", Count: 1}}
	c.Makers = []string{"awa", "ibou"}
	return c
}

// golden holds a text against its file. People read those files in review, and the
// documentation shows them.
func golden(t *testing.T, name string, text []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(text)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// TestTheTextsAreReadByPeople writes one text of each kind, and reads it again.
func TestTheTextsAreReadByPeople(t *testing.T) {
	c := example(t)
	text, err := c.Text()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "content.txt", text)
	again, err := approval.ParseContent(text)
	if diff := cmp.Diff(c, again); err != nil || diff != "" {
		t.Errorf("read again: %v\n%s", err, diff)
	}
	if digest, err := c.Digest(); err != nil || digest != sha256.Sum256(text) {
		t.Errorf("the digest is not that of the text: %v", err)
	}
	s := approval.Statement{
		Word: approval.Reject, Subject: subject(t, c), By: "koffi", Key: fingerprint(t, "koffi"), Reason: "Awa is paid twice",
		NotAfter: sealed.Add(48 * time.Hour), Nonce: approval.Nonce{1, 2, 3},
	}
	text, err = s.Text()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "decision.txt", text)
	if back, err := approval.ParseStatement(text); err != nil || back != s {
		t.Errorf("read again: %v, %+v", err, back)
	}
	a := approval.Act{
		Kind: approval.Add, Person: person(t, "fanta", "director", "checker"), By: "root", Key: fingerprint(t, "root"),
		Previous: sha256.Sum256([]byte("the act before")), Nonce: approval.Nonce{4},
	}
	a.Person.ValidBefore = sealed.AddDate(1, 0, 0)
	text, err = a.Text()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "person.txt", text)
	back, err := approval.ParseAct(text)
	if err != nil {
		t.Fatal(err)
	}
	if written, err := back.Text(); err != nil || !bytes.Equal(written, text) {
		t.Errorf("read again: %v\n%s", err, written)
	}
}

func fingerprint(tb testing.TB, name string) string {
	tb.Helper()
	d, err := approval.Sign(approval.Statement{
		Word: approval.Approve, Subject: policy(tb, policyText).Subject(nil), By: name, NotAfter: sealed, Nonce: approval.Nonce{1},
	}, key(tb, name))
	if err != nil {
		tb.Fatal(err)
	}
	s, err := approval.ParseStatement(d.Text)
	if err != nil {
		tb.Fatal(err)
	}
	return s.Key
}

// TestOneSpellingOnly changes a content's text at each byte, and in larger ways.
func TestOneSpellingOnly(t *testing.T) {
	text, err := example(t).Text()
	if err != nil {
		t.Fatal(err)
	}
	original := sha256.Sum256(text)
	for i := range text {
		for _, change := range [][]byte{{text[i] ^ 1}, {}, {text[i], text[i]}, {' ', text[i]}} {
			changed := append(append(bytes.Clone(text[:i]), change...), text[i+1:]...)
			c, err := approval.ParseContent(changed)
			if err != nil {
				if !errors.Is(err, approval.ErrText) {
					t.Fatalf("byte %d: %v", i, err)
				}
				continue
			}
			// Another name or digest is another content, and has another digest.
			if digest, err := c.Digest(); err != nil || digest == original && !bytes.Equal(changed, text) {
				t.Fatalf("byte %d may be changed: %v", i, err)
			}
		}
	}
	for _, change := range []struct{ from, to string }{
		{"\n", "\r\n"},
		{"total: 3\u202f750", "total: 3750"},
		{"total: 3\u202f750", "total: 03\u202f750"},
		{"total: 3\u202f750", "total: 3 750"},
		{"payouts: 3", "payouts: +3"},
		{"2026-11-29T10:00:00Z", "2026-11-29T11:00:00+01:00"},
		{"2026-11-29T10:00:00Z", "2026-11-29T10:00:00.0Z"},
		{`\u202e`, "\u202e"},
		{`\u202e`, `\u202E`},
		{"Koné", `Kon\u00e9`},
		{"maker: awa\nmaker: ibou", "maker: ibou\nmaker: awa"},
		{"maker: awa", "maker: awa\nmaker: awa"},
		{"awa", "Awa"},
		{"operator: MTN 1", "operator: MTN 2"},
		{"payrun content 1", "payrun content 2"},
		{"against:", "Against:"},
		{"new-people: 1", "new-people: 2"},
		{"+250", "250"},
	} {
		changed := strings.ReplaceAll(string(text), change.from, change.to)
		if changed == string(text) {
			t.Fatalf("%q is not in the text", change.from)
		}
		if _, err := approval.ParseContent([]byte(changed)); !errors.Is(err, approval.ErrText) {
			t.Errorf("%q may be %q: %v", change.from, change.to, err)
		}
	}
}

// TestFiguresAddUpOrThereIsNoText breaks a content in one thing each.
func TestFiguresAddUpOrThereIsNoText(t *testing.T) {
	for name, spoil := range map[string]func(*approval.Content){
		"count":           func(c *approval.Content) { c.Payouts++ },
		"total":           func(c *approval.Content) { c.Total++ },
		"an operator":     func(c *approval.Content) { c.Operators[0].Amount-- },
		"operators twice": func(c *approval.Content) { c.Operators[1].Scheme = c.Operators[0].Scheme },
		"highest":         func(c *approval.Content) { c.Highest.Amount = c.Total + 1 },
		"a maker's day":   func(c *approval.Content) { c.MakerDay = c.Total - 1 },
		"the comparison":  func(c *approval.Content) { c.Against.New.Amount++ },
		"its length":      func(c *approval.Content) { c.Against.New.Lines = nil },
		"a negative sum":  func(c *approval.Content) { c.Against.Gone.Amount = -1 },
		"no file":         func(c *approval.Content) { c.File = approval.Digest{} },
		"no batch":        func(c *approval.Content) { c.Batch = "" },
		"not UTF-8":       func(c *approval.Content) { c.Batch = "\xff" },
		"a part second":   func(c *approval.Content) { c.Sealed = c.Sealed.Add(time.Millisecond) },
		"no time":         func(c *approval.Content) { c.NotAfter = c.Sealed },
		"no purpose":      func(c *approval.Content) { c.Purpose = "" },
		"a currency":      func(c *approval.Content) { c.Currency.Code = "francs" },
		"a maker's name":  func(c *approval.Content) { c.Makers = []string{"Awa Koné"} },
	} {
		c := example(t)
		spoil(&c)
		if text, err := c.Text(); !errors.Is(err, approval.ErrText) {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
	}
}

// TestAmountsAreReadAsWritten goes through currencies with and without decimals.
func TestAmountsAreReadAsWritten(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c := example(t)
		c.Currency.Decimals = rapid.IntRange(0, 4).Draw(r, "decimals")
		amount := rapid.Int64Range(1, 1<<40).Draw(r, "amount")
		c.Operators = []approval.OperatorSum{{Scheme: "WAVE", Payouts: 3, Amount: amount}}
		c.Total, c.MakerDay, c.Highest.Amount = amount, amount, amount
		c.Against = nil
		text, err := c.Text()
		if err != nil {
			r.Fatal(err)
		}
		if again, err := approval.ParseContent(text); err != nil || cmp.Diff(c, again) != "" {
			r.Fatalf("%v\n%s", err, text)
		}
	})
}

// TestTheListIsReadByEverybodysTools reads its lines as JSON, and computes digest and
// figures anew.
func TestTheListIsReadByEverybodysTools(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		tally := approval.NewTally(approval.Currency{Code: "XOF"})
		var list []byte
		var total, highest int64
		sums := map[string]int64{}
		count := rapid.IntRange(1, 8).Draw(r, "payouts")
		for i := range count {
			p := payout(i%3, rapid.Int64Range(1, 9).Draw(r, "amount"))
			p.Name, p.Note = rapid.String().Draw(r, "name"), rapid.StringOf(rapid.Rune()).Draw(r, "note")
			if err := tally.Add(p); err != nil {
				r.Fatal(err)
			}
			line := p.AppendLine(nil)
			list = append(list, line...)
			var fields []string
			if err := json.Unmarshal(line, &fields); err != nil {
				r.Fatalf("%s: %v", line, err)
			}
			want := []string{p.ID, p.Number.Reveal(), p.Name, strconv.FormatInt(p.Amount, 10), p.Currency, p.Country, p.Scheme, p.Note}
			if diff := cmp.Diff(want, fields); diff != "" || bytes.Count(line, []byte("\n")) != 1 {
				r.Fatalf("%s:\n%s", line, diff)
			}
			total += p.Amount
			sums[p.Number.Reveal()] += p.Amount
			highest = max(highest, sums[p.Number.Reveal()])
		}
		var c approval.Content
		tally.Fill(&c.Summary)
		if c.List != sha256.Sum256(list) || c.Total != total || c.Payouts != count || c.Highest.Amount != highest ||
			sums[c.Highest.Number.Reveal()] != highest {
			r.Fatalf("%+v of %d payouts of %d\n%s", c, count, total, list)
		}
	})
}

// TestALongListingIsCutAndCounted compares with a batch of other people.
func TestALongListingIsCutAndCounted(t *testing.T) {
	p := policy(t, policyText)
	c := payroll(t, p, 250, 1000)
	var now []changes.Payee
	for i := range 250 {
		now = append(now, changes.Payee{Number: payout(i, 1).Number, Name: "Awa", Amount: 1000})
	}
	c.Against = approval.Compared("october", changes.Compare(nil, now))
	text, err := c.Text()
	if err != nil {
		t.Fatal(err)
	}
	if got := bytes.Count(text, []byte("\nnew-person: ")); got != approval.ListedMax || c.Against.New.Count != 250 {
		t.Errorf("%d listed of %d", got, c.Against.New.Count)
	}
	if again, err := approval.ParseContent(text); err != nil || cmp.Diff(c, again) != "" {
		t.Errorf("read again: %v", err)
	}
}

// TestTheTallyRefusesWhatNoTextCouldSay tries payouts.
func TestTheTallyRefusesWhatNoTextCouldSay(t *testing.T) {
	for name, spoil := range map[string]func(*approval.Payout){
		"nothing":          func(p *approval.Payout) { p.Amount = 0 },
		"less":             func(p *approval.Payout) { p.Amount = -5 },
		"too much":         func(p *approval.Payout) { p.Amount = 1 << 62 },
		"another currency": func(p *approval.Payout) { p.Currency = "EUR" },
		"not UTF-8":        func(p *approval.Payout) { p.Name = "\xff" },
		"no number":        func(p *approval.Payout) { p.Number = "" },
		"no operator":      func(p *approval.Payout) { p.Scheme = "" },
	} {
		p := payout(1, 100)
		spoil(&p)
		if err := approval.NewTally(approval.Currency{Code: "XOF"}).Add(p); !errors.Is(err, approval.ErrText) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
