package approval_test

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/batch/approval/sshsig/sshsigtest"
)

// TestTheListIsWhatItsActsSay adds and removes people, and asks who is there.
func TestTheListIsWhatItsActsSay(t *testing.T) {
	w := newWorld(t)
	w.remove("koffi")
	w.add("koffi", "director")
	var names []string
	for _, p := range w.people.Present() {
		names = append(names, p.Name+":"+strings.Join(p.Roles, "+"))
	}
	want := []string{"root:admin", "awa:maker", "ibou:checker+maker", "fanta:director", "koffi:director"}
	if !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	w.remove("fanta")
	if _, found := w.people.Find("fanta"); found || !w.people.Known("fanta") || w.people.Known("nobody") {
		t.Error("who was removed is on the list, or forgotten")
	}
}

// TestAnActThatNobodyMayDoIsNoList tries acts after a list that holds together.
func TestAnActThatNobodyMayDoIsNoList(t *testing.T) {
	add := func(name string, roles ...string) approval.Act {
		return approval.Act{Kind: approval.Add, Person: person(t, name, roles...)}
	}
	remove := func(name string) approval.Act {
		return approval.Act{Kind: approval.Remove, Person: approval.Person{Name: name}}
	}
	for name, c := range map[string]struct {
		act    approval.Act
		by     string
		change func(*approval.SignedAct)
		late   time.Duration
		ok     bool
	}{
		"an admin adds":           {act: add("yves", "checker"), by: "root", ok: true},
		"an admin removes":        {act: remove("koffi"), by: "root", ok: true},
		"somebody comes back":     {act: add("gone", "checker"), by: "root", ok: true},
		"not an admin":            {act: add("yves", "checker"), by: "koffi"},
		"nobody":                  {act: add("yves", "admin"), by: "yves"},
		"who was removed":         {act: add("yves", "admin"), by: "gone"},
		"after the admin's time":  {act: add("yves", "checker"), by: "temp", late: 48 * time.Hour},
		"in the admin's time":     {act: add("yves", "checker"), by: "temp", ok: true},
		"twice":                   {act: add("koffi", "checker"), by: "root"},
		"removed twice":           {act: remove("gone"), by: "root"},
		"another's text":          {act: add("yves", "checker"), by: "root", change: func(s *approval.SignedAct) { s.Text = bytes.ReplaceAll(s.Text, []byte("checker"), []byte("admin")) }},
		"another's signature":     {act: add("yves", "checker"), by: "root", change: func(s *approval.SignedAct) { s.Signature = nil }},
		"put before":              {act: add("yves", "checker"), by: "root", change: func(s *approval.SignedAct) { s.Event = 1 }},
		"a key of somebody":       {act: approval.Act{Kind: approval.Add, Person: withKey(person(t, "yves", "checker"), key(t, "koffi"))}, by: "root"},
		"a key of who was there":  {act: approval.Act{Kind: approval.Add, Person: withKey(person(t, "yves", "checker"), key(t, "gone"))}, by: "root"},
		"a passkey without page":  {act: add("yves", "checker"), by: "root", ok: true},
		"a page without passkey":  {act: approval.Act{Kind: approval.Add, Person: withOrigin(person(t, "yves", "checker"))}, by: "root"},
		"an act from before":      {act: approval.Act{Kind: approval.Remove, Person: approval.Person{Name: "koffi"}, Previous: approval.Digest{1}}, by: "root"},
		"no change, but no admin": {act: remove("temp"), by: "temp", ok: true},
	} {
		w := newWorld(t)
		w.add("gone", "checker", "admin")
		w.remove("gone")
		temp := person(t, "temp", "admin")
		temp.ValidBefore = w.now.Add(24 * time.Hour)
		w.keys["temp"] = key(t, "temp")
		w.act(approval.Act{Kind: approval.Add, Person: temp})

		c.act.By, c.act.Nonce = c.by, approval.NewNonce()
		if (c.act.Previous == approval.Digest{}) {
			c.act.Previous = w.people.Head()
		}
		signed, err := approval.SignAct(c.act, key(t, c.by))
		if err == nil {
			signed.Event, signed.At = w.event+1, w.now.Add(c.late)
			if c.change != nil {
				c.change(&signed)
			}
			_, err = approval.Replay(append(w.acts, signed))
		}
		if (err == nil) != c.ok || err != nil && !errors.Is(err, approval.ErrPeople) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func withKey(p approval.Person, signer ssh.Signer) approval.Person {
	p.Keys = append(p.Keys, approval.Key{Public: signer.PublicKey()})
	return p
}

func withOrigin(p approval.Person) approval.Person {
	p.Keys[0].Origin = "https://pay.example.ci"
	return p
}

// TestTheFirstIsAnAdmin tries first acts, and to leave nobody in charge.
func TestTheFirstIsAnAdmin(t *testing.T) {
	for name, c := range map[string]struct {
		person approval.Person
		by     string
		kind   approval.ActKind
		ok     bool
	}{
		"an admin, by themselves": {person(t, "root", "admin"), "root", approval.Add, true},
		"no admin":                {person(t, "root", "checker"), "root", approval.Add, false},
		"an admin, by another":    {person(t, "root", "admin"), "koffi", approval.Add, false},
		"a removal":               {person(t, "root", "admin"), "root", approval.Remove, false},
	} {
		signed, err := approval.SignAct(approval.Act{Kind: c.kind, Person: c.person, By: c.by, Nonce: approval.NewNonce()}, key(t, c.by))
		if err != nil {
			t.Fatal(err)
		}
		signed.Event = 1
		if _, err := approval.Replay([]approval.SignedAct{signed}); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	w := newWorld(t)
	last, err := approval.SignAct(approval.Act{
		Kind: approval.Remove, Person: approval.Person{Name: "root"}, By: "root", Previous: w.people.Head(), Nonce: approval.NewNonce(),
	}, w.keys["root"])
	if err != nil {
		t.Fatal(err)
	}
	last.Event = w.event + 1
	if _, err := approval.Replay(append(w.acts, last)); !errors.Is(err, approval.ErrPeople) {
		t.Errorf("the last admin: %v", err)
	}
}

// TestNoActCanBeLeftOut takes each act away, and swaps neighbours.
func TestNoActCanBeLeftOut(t *testing.T) {
	w := newWorld(t)
	for i := range w.acts[:len(w.acts)-1] {
		if _, err := approval.Replay(slices.Delete(slices.Clone(w.acts), i, i+1)); !errors.Is(err, approval.ErrPeople) {
			t.Errorf("without act %d: %v", i+1, err)
		}
		swapped := slices.Clone(w.acts)
		swapped[i].Text, swapped[i+1].Text = swapped[i+1].Text, swapped[i].Text
		swapped[i].Signature, swapped[i+1].Signature = swapped[i+1].Signature, swapped[i].Signature
		if _, err := approval.Replay(swapped); !errors.Is(err, approval.ErrPeople) {
			t.Errorf("act %d behind the next: %v", i+1, err)
		}
	}
}

// TestAStrangerChecksWithSSHKeygen exports the list and has the real ssh-keygen check
// an approval, as an auditor does.
func TestAStrangerChecksWithSSHKeygen(t *testing.T) {
	w := newWorld(t)
	device := sshsigtest.NewDevice(t, "pay.example.ci", false)
	passkey := person(t, "yves", "checker")
	passkey.Keys = []approval.Key{{Public: device.PublicKey(), Origin: "https://pay.example.ci"}}
	passkey.ValidBefore = time.Now().Add(time.Hour).Truncate(time.Second)
	w.act(approval.Act{Kind: approval.Add, Person: passkey})
	w.remove("ibou")
	list, err := w.people.AllowedSigners()
	if err != nil {
		t.Fatal(err)
	}
	about := subject(t, payroll(t, policy(t, policyText), 3, 1000))
	d := w.decide(approval.Approve, about, "koffi")
	if err := sshsigtest.Verifies(t, list, "koffi", approval.Namespace, d.Text, d.Signature); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct {
		as string
		d  approval.Decision
	}{
		"by another":         {"fanta", d},
		"another text":       {"koffi", approval.Decision{Text: bytes.Replace(d.Text, []byte("november"), []byte("december"), 1), Signature: d.Signature}},
		"by who was removed": {"ibou", w.decide(approval.Approve, about, "ibou")},
	} {
		if err := sshsigtest.Verifies(t, list, c.as, approval.Namespace, c.d.Text, c.d.Signature); err == nil {
			t.Errorf("%s: ssh-keygen accepts it", name)
		}
	}
	d = w.byPasskey(device, approval.Statement{Word: approval.Approve, Subject: about, By: "yves"})
	if err := sshsigtest.Verifies(t, list, "yves", approval.Namespace, d.Text, d.Signature); err != nil {
		t.Errorf("a passkey: %v", err)
	}
}

// TestWhoTrustsNoServerSignsWithSSHKeygen has the real ssh-keygen sign an approval, which
// then travels through a mail program.
func TestWhoTrustsNoServerSignsWithSSHKeygen(t *testing.T) {
	s := newScene(t, smallAmount)
	path, public := sshsigtest.KeyFile(t, "", "-t", "ed25519")
	yves := person(t, "yves", "checker")
	yves.Keys = []approval.Key{{Public: public}}
	s.act(approval.Act{Kind: approval.Add, Person: yves})
	statement := approval.Statement{
		Word: approval.Approve, Subject: s.about, By: "yves", Key: sshsig.Fingerprint(public), NotAfter: s.now.Add(time.Hour), Nonce: approval.NewNonce(),
	}
	text, err := statement.Text()
	if err != nil {
		t.Fatal(err)
	}
	file := sshsigtest.File(t, "decision.txt", text)
	if output, err := sshsigtest.Keygen(t, nil, "-Y", "sign", "-f", path, "-n", approval.Namespace, file); err != nil {
		t.Fatal(output)
	}
	signed, err := os.ReadFile(file + ".sig")
	if err != nil {
		t.Fatal(err)
	}
	mailed := bytes.ReplaceAll(signed, []byte("\n"), []byte("\r\n"))
	d, err := approval.Receive(text, mailed)
	if err != nil || !bytes.Equal(d.Signature, signed) {
		t.Fatalf("received as %s: %v", d.Signature, err)
	}
	s.event++
	d.Event, d.At = s.event, s.now
	s.Decisions = []approval.Decision{d}
	if v := s.evaluate(); v.State != approval.Approved {
		t.Errorf("%s: %q", v.State, reasons(v))
	}
	// What ssh-keygen could not check as it is kept counts nowhere.
	s.Decisions[0].Signature = mailed
	if v := s.evaluate(); v.State != approval.Waiting {
		t.Errorf("in another armour: %s", v.State)
	}
	if d, err := approval.Receive(append(text, '\n'), signed); err == nil {
		t.Errorf("another text is received: %s", d.Text)
	}
}
