package approval_test

import (
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"

	"payrun/batch/approval"
)

// broken holds a value with one thing wrong against one that is right: it has no text.
func broken[T interface{ Text() ([]byte, error) }](t *testing.T, right func() T, wrong map[string]func(*T)) {
	t.Helper()
	if _, err := right().Text(); err != nil {
		t.Fatalf("what is right: %v", err)
	}
	for name, change := range wrong {
		value := right()
		change(&value)
		if text, err := value.Text(); err == nil {
			t.Errorf("%s: it has a text:\n%s", name, text)
		}
	}
}

// TestADecisionIsAboutSomethingByOneWithAKey takes one thing at a time out of a statement.
func TestADecisionIsAboutSomethingByOneWithAKey(t *testing.T) {
	right := func() approval.Statement {
		return approval.Statement{
			Word: approval.Reject, Subject: subject(t, example(t)), By: "koffi", Key: fingerprint(t, "koffi"), Reason: "Awa is paid twice",
			NotAfter: sealed.Add(48 * time.Hour), Nonce: approval.Nonce{1},
		}
	}
	broken(t, right, map[string]func(*approval.Statement){
		"no word":                func(s *approval.Statement) { s.Word = "perhaps" },
		"about something else":   func(s *approval.Statement) { s.Subject.Kind = "weather" },
		"no digest":              func(s *approval.Statement) { s.Subject.Digest = approval.Digest{} },
		"no batch":               func(s *approval.Statement) { s.Subject.Batch = "" },
		"no payouts":             func(s *approval.Statement) { s.Subject.Payouts = 0 },
		"no money":               func(s *approval.Statement) { s.Subject.Total = 0 },
		"no currency":            func(s *approval.Statement) { s.Subject.Currency = approval.Currency{} },
		"nobody":                 func(s *approval.Statement) { s.By = "" },
		"no key":                 func(s *approval.Statement) { s.Key = "" },
		"no reason":              func(s *approval.Statement) { s.Reason = "" },
		"a reason in no letters": func(s *approval.Statement) { s.Reason = "\xff" },
		"a batch in no letters":  func(s *approval.Statement) { s.Subject.Batch = "\xff" },
		"no end":                 func(s *approval.Statement) { s.NotAfter = time.Time{} },
		"an end in mid-second":   func(s *approval.Statement) { s.NotAfter = s.NotAfter.Add(time.Millisecond) },
		"no nonce":               func(s *approval.Statement) { s.Nonce = approval.Nonce{} },
	})
	one := right()
	one.Subject.Payouts, one.Subject.Total, one.Word, one.Reason = 1, 1, approval.Approve, ""
	if _, err := one.Text(); err != nil {
		t.Errorf("the smallest batch, approved without a reason: %v", err)
	}
}

// TestAnActIsOnSomebodyBySomebodyWithAKey takes one thing at a time out of an act.
func TestAnActIsOnSomebodyBySomebodyWithAKey(t *testing.T) {
	right := func() approval.Act {
		return approval.Act{
			Kind: approval.Remove, Person: approval.Person{Name: "fanta"}, By: "root", Key: fingerprint(t, "root"),
			Previous: sha256.Sum256([]byte("the act before")), Nonce: approval.Nonce{4},
		}
	}
	broken(t, right, map[string]func(*approval.Act){
		"neither comes nor goes": func(a *approval.Act) { a.Kind = "praise" },
		"on nobody":              func(a *approval.Act) { a.Person.Name = "" },
		"by nobody":              func(a *approval.Act) { a.By = "" },
		"no key":                 func(a *approval.Act) { a.Key = "" },
		"no nonce":               func(a *approval.Act) { a.Nonce = approval.Nonce{} },
		"no person to add":       func(a *approval.Act) { a.Kind = approval.Add },
	})
}

// TestAContentHasANameATimeAndWhatItStandsOn takes one thing at a time out of a content.
func TestAContentHasANameATimeAndWhatItStandsOn(t *testing.T) {
	const beyond = 1 << 62
	broken(t, func() approval.Content { return example(t) }, map[string]func(*approval.Content){
		"no ledger":                      func(c *approval.Content) { c.Head.Ledger = "" },
		"a ledger in no letters":         func(c *approval.Content) { c.Head.Ledger = "\xff" },
		"no head":                        func(c *approval.Content) { c.Head.Hash = approval.Digest{} },
		"no policy":                      func(c *approval.Content) { c.Policy = approval.Digest{} },
		"never sealed":                   func(c *approval.Content) { c.Sealed = time.Time{} },
		"over when it is sealed":         func(c *approval.Content) { c.NotAfter, c.NotBefore = c.Sealed, time.Time{} },
		"over when it may begin":         func(c *approval.Content) { c.NotAfter = c.NotBefore },
		"a maker without a name":         func(c *approval.Content) { c.Makers = []string{""} },
		"makers out of order":            func(c *approval.Content) { c.Makers = []string{"ibou", "awa"} },
		"a maker twice":                  func(c *approval.Content) { c.Makers = []string{"awa", "awa"} },
		"makers of more than there is":   func(c *approval.Content) { c.MakerDay = beyond },
		"compared with nothing":          func(c *approval.Content) { c.Against.Batch = "" },
		"compared in no letters":         func(c *approval.Content) { c.Against.Batch = "\xff" },
		"fewer than nobody before":       func(c *approval.Content) { c.Against.Payouts = -1 },
		"less than nothing before":       func(c *approval.Content) { c.Against.Total = -1 },
		"too much went":                  func(c *approval.Content) { c.Against.Gone.Amount = beyond },
		"somebody had less than nothing": func(c *approval.Content) { c.Against.Amounts.Lines[0].Before = -1 },
		"somebody has less than nothing": func(c *approval.Content) { c.Against.Amounts.Lines[0].Now = -1 },
		"a change that is not listed":    func(c *approval.Content) { c.Against.Amounts.Lines = nil },
		"what changed explains nothing":  func(c *approval.Content) { c.Against.Amounts.Amount++ },
		"it changed by too much":         func(c *approval.Content) { c.Against.Amounts.Amount = beyond },
		"it changed by far too little":   func(c *approval.Content) { c.Against.Amounts.Amount = -beyond },
	})
	c := example(t)
	c.MakerDay = c.Total
	if _, err := c.Text(); err != nil {
		t.Errorf("makers of what is here alone: %v", err)
	}
}

// TestActsOfOneMomentAreNoList: each is behind the one before, in the order of the ledger.
func TestActsOfOneMomentAreNoList(t *testing.T) {
	w := newWorld(t)
	if _, err := approval.Replay(w.acts); err != nil {
		t.Fatal(err)
	}
	for by, ok := range map[uint64]bool{0: false, 1: true} {
		acts := append([]approval.SignedAct(nil), w.acts...)
		last := len(acts) - 1
		acts[last].Event = acts[last-1].Event + by
		if _, err := approval.Replay(acts); (err == nil) != ok || err != nil && !errors.Is(err, approval.ErrPeople) {
			t.Errorf("%d events behind the one before: %v", by, err)
		}
	}
}

// TestNamesAndRolesAreSpelledInOneWay: in letters that OpenSSH takes, none of them a capital.
func TestNamesAndRolesAreSpelledInOneWay(t *testing.T) {
	long := strings.Repeat("a", 64)
	for name, test := range map[string]struct {
		name  string
		roles []string
		ok    bool
	}{
		"a name and a role":      {"awa", []string{"maker"}, true},
		"signs in between":       {"9a.b_c+d-e@firm", []string{"night-shift", "second2"}, true},
		"as long as may be":      {long, []string{long}, true},
		"a name beyond that":     {long + "a", []string{"maker"}, false},
		"a role beyond that":     {"awa", []string{long + "a"}, false},
		"no name":                {"", []string{"maker"}, false},
		"a sign in front":        {"-awa", []string{"maker"}, false},
		"a capital":              {"Awa", []string{"maker"}, false},
		"a capital further on":   {"aWa", []string{"maker"}, false},
		"a space":                {"awa k", []string{"maker"}, false},
		"no role":                {"awa", nil, false},
		"a role without letters": {"awa", []string{""}, false},
		"a role in capitals":     {"awa", []string{"Maker"}, false},
		"a role with a dot":      {"awa", []string{"a.b"}, false},
		"a role twice":           {"awa", []string{"maker", "maker"}, false},
		"roles out of order":     {"awa", []string{"maker", "checker"}, false},
	} {
		if err := approval.CheckMember(test.name, test.roles); (err == nil) != test.ok || err != nil && !errors.Is(err, approval.ErrPeople) {
			t.Errorf("%s: %v", name, err)
		}
	}
	awa := person(t, "awa", "maker")
	for name, change := range map[string]func(*approval.Person){
		"no full name":              func(p *approval.Person) { p.FullName = "" },
		"a full name in no letters": func(p *approval.Person) { p.FullName = "\xff" },
		"no keys":                   func(p *approval.Person) { p.Keys = nil },
		"valid never":               func(p *approval.Person) { p.ValidAfter, p.ValidBefore = sealed, sealed },
		"valid from mid-second":     func(p *approval.Person) { p.ValidAfter = sealed.Add(1) },
		"valid until mid-second":    func(p *approval.Person) { p.ValidBefore = sealed.Add(1) },
	} {
		p := awa
		if change(&p); p.Check() == nil {
			t.Errorf("%s: on the list", name)
		}
	}
}

// TestOperatorsAndKeysAreSpelledInOneWay: a scheme in capitals, digits and underscores, and a key
// by OpenSSH's fingerprint.
func TestOperatorsAndKeysAreSpelledInOneWay(t *testing.T) {
	for scheme, ok := range map[string]bool{
		"ORANGE": true, "AZ_09": true, "Orange": false, "A B": false, "A-B": false, "A@B": false, "A[B": false, "A:B": false, "A/B": false, "": false,
	} {
		p := payout(1, 100)
		p.Scheme = scheme
		if err := approval.NewTally(approval.Currency{Code: "XOF"}).Add(p); (err == nil) != ok {
			t.Errorf("operator %q: %v", scheme, err)
		}
	}
	base := "SHA256:" + strings.Repeat("a", 42)
	for key, ok := range map[string]bool{
		base + "Z": true, base + "A": true, base + "z": true, base + "0": true, base + "9": true, base + "+": true, base + "/": true,
		base: false, base + "aa": false, base + "=": false, base + "@": false, base + "[": false, base + "`": false, base + "{": false,
		base + ":": false, base + ".": false, "SHA512:" + strings.Repeat("a", 43): false,
	} {
		a := approval.Act{Kind: approval.Remove, Person: approval.Person{Name: "fanta"}, By: "root", Key: key, Nonce: approval.Nonce{4}}
		if _, err := a.Text(); (err == nil) != ok {
			t.Errorf("key %q: %v", key, err)
		}
	}
	const most = 1_000_000_000_000_000_000
	tally := approval.NewTally(approval.Currency{Code: "XOF"})
	for i, step := range []struct {
		amount int64
		ok     bool
	}{{most - 1, true}, {2, false}, {1, true}, {1, false}} {
		if err := tally.Add(payout(i, step.amount)); (err == nil) != step.ok {
			t.Errorf("%d more: %v", step.amount, err)
		}
	}
}
