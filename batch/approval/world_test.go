package approval_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/batch/approval/sshsig/sshsigtest"
)

// sealed is when the content of these tests was sealed.
var sealed = time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)

const policyText = `currency: XOF
tiers:
  - name: every batch
    approvals:
      - count: 1
        from: [checker, director]
  - name: large
    batch_total: 5000000
    one_number: 500000
    maker_day: 8000000
    approvals:
      - count: 1
        from: [checker]
      - count: 1
        from: [director]
`

// world is people with keys, and a ledger of acts and decisions.
type world struct {
	tb     testing.TB
	keys   map[string]ssh.Signer
	acts   []approval.SignedAct
	people approval.People
	event  uint64
	now    time.Time
}

// newWorld has an admin, a maker, two checkers and a director, all with keys that
// follow from their names.
func newWorld(tb testing.TB) *world {
	tb.Helper()
	w := &world{tb: tb, keys: map[string]ssh.Signer{}, now: sealed.Add(-time.Hour)}
	w.add("root", "admin")
	w.add("awa", "maker")
	w.add("koffi", "checker")
	w.add("ibou", "checker", "maker")
	w.add("fanta", "director")
	return w
}

// key makes a key of a name.
func key(tb testing.TB, name string) ssh.Signer {
	tb.Helper()
	seed := sha256.Sum256([]byte(name))
	signer, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(seed[:]))
	if err != nil {
		tb.Fatal(err)
	}
	return signer
}

func person(tb testing.TB, name string, roles ...string) approval.Person {
	tb.Helper()
	slices.Sort(roles)
	return approval.Person{
		Name: name, FullName: name + " of the firm", Roles: roles,
		Keys: []approval.Key{{Public: key(tb, name).PublicKey()}},
	}
}

func (w *world) add(name string, roles ...string) {
	w.tb.Helper()
	w.keys[name] = key(w.tb, name)
	w.act(approval.Act{Kind: approval.Add, Person: person(w.tb, name, roles...)})
}

func (w *world) remove(name string) {
	w.tb.Helper()
	w.act(approval.Act{Kind: approval.Remove, Person: approval.Person{Name: name}})
}

// act has the admin sign an act and replays the list.
func (w *world) act(a approval.Act) {
	w.tb.Helper()
	a.By, a.Previous, a.Nonce = "root", w.people.Head(), approval.NewNonce()
	signed, err := approval.SignAct(a, w.keys["root"])
	if err != nil {
		w.tb.Fatal(err)
	}
	w.event++
	signed.Event, signed.At = w.event, w.now
	w.acts = append(w.acts, signed)
	w.people, err = approval.Replay(w.acts)
	if err != nil {
		w.tb.Fatal(err)
	}
}

// decide has a person sign, and records it.
func (w *world) decide(word approval.Word, subject approval.Subject, name string) approval.Decision {
	w.tb.Helper()
	return w.sign(approval.Statement{
		Word: word, Subject: subject, By: name, NotAfter: w.now.Add(72 * time.Hour).Truncate(time.Second), Nonce: approval.NewNonce(),
	}, w.keys[name])
}

func (w *world) sign(s approval.Statement, signer ssh.Signer) approval.Decision {
	w.tb.Helper()
	if s.Word == approval.Reject && s.Reason == "" {
		s.Reason = "the total is last month's"
	}
	d, err := approval.Sign(s, signer)
	if err != nil {
		w.tb.Fatal(err)
	}
	w.event++
	d.Event, d.At = w.event, w.now
	return d
}

func policy(tb testing.TB, text string) approval.Policy {
	tb.Helper()
	p, err := approval.ParsePolicy([]byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func subject(tb testing.TB, c approval.Content) approval.Subject {
	tb.Helper()
	s, err := c.Subject()
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// payroll makes a content of so many payouts of the same amount, submitted by awa.
func payroll(tb testing.TB, p approval.Policy, payouts int, amount int64) approval.Content {
	tb.Helper()
	t := approval.NewTally(approval.Currency{Code: "XOF"})
	for i := range payouts {
		if err := t.Add(payout(i, amount)); err != nil {
			tb.Fatal(err)
		}
	}
	c := approval.Content{
		Summary: approval.Summary{
			Batch: "november", Account: "https://api.digitalpaye.com (Production)", File: sha256.Sum256([]byte("file")),
		},
		Purpose: approval.Submission, Sealed: sealed, NotAfter: p.NotAfter(sealed, time.Time{}),
		Policy: p.Digest(), Makers: []string{"awa"},
		Head: approval.Head{Ledger: "ledger-1", Event: 12, Hash: sha256.Sum256([]byte("head"))},
	}
	t.Fill(&c.Summary)
	c.MakerDay = c.Total
	return c
}

const page = "https://pay.example.ci"

// byPasskey has a passkey in a browser sign.
func (w *world) byPasskey(device *sshsigtest.Device, s approval.Statement) approval.Decision {
	w.tb.Helper()
	s.Key, s.NotAfter, s.Nonce = sshsig.Fingerprint(device.PublicKey()), w.now.Add(time.Hour), approval.NewNonce()
	text, err := s.Text()
	if err != nil {
		w.tb.Fatal(err)
	}
	challenge, err := sshsig.Challenge(approval.Namespace, bytes.NewReader(text))
	if err != nil {
		w.tb.Fatal(err)
	}
	made, err := sshsig.FromAssertion(device.PublicKey(), approval.Namespace, device.Assert(w.tb, challenge, page))
	if err != nil {
		w.tb.Fatal(err)
	}
	w.event++
	return approval.Decision{Event: w.event, At: w.now, Text: text, Signature: made.Armour()}
}
