package signin_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"payrun/batch/approval"
	"payrun/batch/signin"
	"payrun/ledger"
	"payrun/ledger/memledger"
)

var (
	noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	root = ledger.Person{Name: "root", Host: "caisse"}
)

// endless is bytes that never end and never repeat within a test.
type endless byte

func (e *endless) Read(into []byte) (int, error) {
	for i := range into {
		*e++
		into[i] = byte(*e)
	}
	return len(into), nil
}

// desk is a keeper at a time that the test sets.
type desk struct {
	*signin.Keeper
	store *memledger.Store
	now   time.Time
}

func open(store *memledger.Store) *desk {
	d := &desk{store: store, now: noon}
	d.Keeper = signin.New(store, func() time.Time { return d.now }, new(endless))
	return d
}

// TestASessionGoesOnWhileItIsUsed, on every server over the ledger, and no longer.
func TestASessionGoesOnWhileItIsUsed(t *testing.T) {
	d := open(memledger.New())
	made, secret, err := d.Begin(t.Context(), root, signin.Session{Person: "awa", Key: "SHA256:x"})
	if err != nil {
		t.Fatal(err)
	}
	// Used every fifty minutes, here and elsewhere in turn, until its longest.
	elsewhere := open(d.store)
	for at := time.Duration(0); at < signin.Longest; at += 50 * time.Minute {
		d.now, elsewhere.now = noon.Add(at), noon.Add(at)
		for _, one := range []*desk{d, elsewhere} {
			if got, err := one.Find(t.Context(), secret); err != nil || got.ID != made.ID || got.Person != "awa" {
				t.Fatalf("after %s: %+v, %v", at, got, err)
			}
		}
	}
	d.now = noon.Add(signin.Longest)
	if _, err := d.Find(t.Context(), secret); !errors.Is(err, signin.ErrRefused) {
		t.Errorf("after %s: %v", signin.Longest, err)
	}
	idle := open(d.store)
	idle.now = noon
	_, other, err := idle.Begin(t.Context(), root, signin.Session{Person: "awa"})
	if err != nil {
		t.Fatal(err)
	}
	idle.now = noon.Add(signin.Idle + time.Second)
	if _, err := idle.Find(t.Context(), other); !errors.Is(err, signin.ErrRefused) {
		t.Errorf("after an idle hour: %v", err)
	}
}

// TestAnEndedSessionLetsNobodyIn: at once here, and in seconds elsewhere.
func TestAnEndedSessionLetsNobodyIn(t *testing.T) {
	d := open(memledger.New())
	elsewhere := open(d.store)
	made, secret, err := d.Begin(t.Context(), root, signin.Session{Person: "awa"})
	if err == nil {
		_, err = elsewhere.Find(t.Context(), secret)
	}
	for range 2 {
		err = errors.Join(err, d.End(t.Context(), root, made.ID))
	}
	if err != nil {
		t.Fatal(err)
	}
	elsewhere.now = noon.Add(3 * time.Second)
	for _, one := range []*desk{d, elsewhere} {
		if _, err := one.Find(t.Context(), secret); !errors.Is(err, signin.ErrRefused) {
			t.Errorf("ended: %v", err)
		}
	}
	if err := d.End(t.Context(), root, "nobody"); !errors.Is(err, signin.ErrUnknown) {
		t.Errorf("an unknown one: %v", err)
	}
	if all, err := d.Sessions(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("sessions %+v, %v", all, err)
	}
}

// TestASecretIsNobodysButItsOwn, and the ledger never holds one.
func TestASecretIsNobodysButItsOwn(t *testing.T) {
	d := open(memledger.New())
	made, secret, err := d.Begin(t.Context(), root, signin.Session{Person: "awa"})
	if err != nil {
		t.Fatal(err)
	}
	_, link, err := d.InvitePerson(t.Context(), root, "koffi@firm", []string{"approver"})
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{"", made.ID, made.ID + "_", made.SHA256, secret[:len(secret)-1], secret + "x", link, strings.Repeat("_", 1<<20)} {
		if _, err := d.Find(t.Context(), wrong); !errors.Is(err, signin.ErrRefused) {
			t.Errorf("%.60q: %v", wrong, err)
		}
		if wrong == link {
			continue
		}
		if _, err := d.Invitation(t.Context(), wrong); !errors.Is(err, signin.ErrRefused) {
			t.Errorf("as an invitation, %.60q: %v", wrong, err)
		}
	}
	for event, err := range d.store.Acts(t.Context(), "") {
		if err != nil || strings.Contains(event.Text, secret[13:]) || strings.Contains(event.Text, link[13:]) {
			t.Errorf("event %d, %v: %s", event.Sequence, err, event.Text)
		}
	}
}

// counting is a ledger that counts how often and how much it was read.
type counting struct {
	*memledger.Store

	reads, events int
}

func (c *counting) ActsFrom(ctx context.Context, batch ledger.BatchID, from uint64) iter.Seq2[ledger.Event, error] {
	c.reads++
	return func(yield func(ledger.Event, error) bool) {
		for event, err := range c.Store.ActsFrom(ctx, batch, from) {
			c.events++
			if !yield(event, err) {
				return
			}
		}
	}
}

// TestEachActIsReadOnce, however many there are and however often somebody asks.
func TestEachActIsReadOnce(t *testing.T) {
	store := &counting{Store: memledger.New()}
	keeper := signin.New(store, func() time.Time { return noon }, new(endless))
	const visits = 20
	for range visits {
		if _, _, err := keeper.Begin(t.Context(), root, signin.Session{Person: "awa"}); err != nil {
			t.Fatal(err)
		}
		if _, err := keeper.Sessions(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if all, err := keeper.Sessions(t.Context()); err != nil || len(all) != visits || store.events != visits {
		t.Errorf("%d sessions, %v, by reading %d acts, want %d by %d", len(all), err, store.events, visits, visits)
	}
}

// TestASessionIsKnownElsewhereAtOnce: behind a balancer the next page may be another server's, which
// has just read who is signed in.
func TestASessionIsKnownElsewhereAtOnce(t *testing.T) {
	d := open(memledger.New())
	elsewhere := open(d.store)
	for range 2 {
		made, secret, err := d.Begin(t.Context(), root, signin.Session{Person: "awa"})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := elsewhere.Find(t.Context(), secret); err != nil || got.ID != made.ID {
			t.Errorf("%+v, %v", got, err)
		}
	}
}

// TestNoLedgerIsReadForWhatIsNoSecret.
func TestNoLedgerIsReadForWhatIsNoSecret(t *testing.T) {
	store := &counting{Store: memledger.New()}
	keeper := signin.New(store, func() time.Time { return noon }, new(endless))
	_, secret, err := keeper.InvitePerson(t.Context(), root, "awa", []string{"maker"})
	if err != nil {
		t.Fatal(err)
	}
	before := store.reads
	for _, wrong := range []string{"", "x", secret[1:], secret + "A", strings.Replace(secret, "_", "-", 1), "g" + secret[1:], secret[:len(secret)-1] + "="} {
		_, found := keeper.Find(t.Context(), wrong)
		_, invited := keeper.Invitation(t.Context(), wrong)
		_, entered := keeper.Enter(t.Context(), wrong)
		for _, err := range []error{found, invited, entered} {
			if !errors.Is(err, signin.ErrRefused) {
				t.Errorf("%q: %v", wrong, err)
			}
		}
	}
	if store.reads != before {
		t.Errorf("the ledger was read %d times", store.reads-before)
	}
	if i, err := keeper.Invitation(t.Context(), secret); err != nil || i.Person != "awa" {
		t.Errorf("the secret: %+v, %v", i, err)
	}
}

// TestAnInvitationWorksOnce, for three days, and for what it is for.
func TestAnInvitationWorksOnce(t *testing.T) {
	d := open(memledger.New())
	_, link, err := d.InvitePerson(t.Context(), root, "koffi@firm", []string{"approver"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Enter(t.Context(), link); !errors.Is(err, signin.ErrRefused) {
		t.Errorf("it lets in without a key: %v", err)
	}
	key := signin.Enrolment{Person: "mallory", Key: "ssh-ed25519 A", Roles: []string{"admin"}}
	left, err := d.Enrol(t.Context(), root, link, key)
	if err != nil || left.Person != "koffi@firm" || len(left.Roles) != 1 || left.Roles[0] != "approver" {
		t.Fatalf("left %+v, %v", left, err)
	}
	if _, err := open(d.store).Enrol(t.Context(), root, link, key); !errors.Is(err, signin.ErrRefused) {
		t.Errorf("it works twice: %v", err)
	}
	_, late, err := d.InvitePerson(t.Context(), root, "awa@firm", []string{"maker"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Enrol(t.Context(), root, late, signin.Enrolment{Key: "ssh-ed25519 A"}); !errors.Is(err, signin.ErrKnownKey) {
		t.Errorf("koffi's key is awa's too: %v", err)
	}
	d.now = noon.Add(signin.InvitationLasts)
	if _, err := d.Invitation(t.Context(), late); !errors.Is(err, signin.ErrRefused) {
		t.Errorf("after three days: %v", err)
	}
	for name, roles := range map[string][]string{"Awa": {"maker"}, "awa": nil, "": {"maker"}, "b": {"Maker"}} {
		if _, _, err := d.InvitePerson(t.Context(), root, name, roles); !errors.Is(err, approval.ErrPeople) {
			t.Errorf("%q as %q: %v", name, roles, err)
		}
	}
	if made, _, err := d.InvitePerson(t.Context(), root, "b", []string{"maker", "admin", "maker"}); err != nil || !slices.Equal(made.Roles, []string{"admin", "maker"}) {
		t.Errorf("roles in no order, %v, are %q", err, made.Roles)
	}
}

// TestTheFirstAdminHasAnHour, and the newest link alone leads there.
func TestTheFirstAdminHasAnHour(t *testing.T) {
	d := open(memledger.New())
	invite := func() string {
		t.Helper()
		_, secret, err := d.Invite(t.Context(), root, signin.Invitation{First: true, Roles: []string{"maker"}})
		if err != nil {
			t.Fatal(err)
		}
		return secret
	}
	leave := func(secret, name string) error {
		_, err := d.Enrol(t.Context(), root, secret, signin.Enrolment{Person: name, Key: "ssh-ed25519 " + name})
		return err
	}
	refused := func(when string) {
		t.Helper()
		if e, err := d.FirstKey(t.Context()); !errors.Is(err, signin.ErrRefused) {
			t.Errorf("%s: %+v, %v", when, e, err)
		}
	}
	refused("before any")
	_, koffi, err := d.InvitePerson(t.Context(), root, "koffi", []string{"maker"})
	if err != nil {
		t.Fatal(err)
	}
	older, newer := invite(), invite()
	if err := leave(older, "mallory"); !errors.Is(err, signin.ErrRefused) {
		t.Errorf("the older link: %v", err)
	}
	if err := errors.Join(leave(koffi, "koffi"), leave(newer, "awa")); err != nil {
		t.Fatal(err)
	}
	d.now = noon.Add(signin.FirstKeyLasts - time.Second)
	if e, err := d.FirstKey(t.Context()); err != nil || e.Person != "awa" {
		t.Errorf("within the hour: %+v, %v", e, err)
	}
	d.now = noon.Add(signin.FirstKeyLasts)
	refused("after the hour")
	d.now = noon
	last := invite()
	refused("with a newer link")
	if err := leave(last, "awa"); err != nil {
		t.Fatal(err)
	}
	if e, err := open(d.store).FirstKey(t.Context()); err != nil || e.Person != "awa" {
		t.Errorf("by the newest: %+v, %v", e, err)
	}
}

// TestASignatureBeginsOneSession, wherever it is brought.
func TestASignatureBeginsOneSession(t *testing.T) {
	d := open(memledger.New())
	wanted := signin.Session{Person: "awa", Challenge: "abc"}
	if _, _, err := d.Begin(t.Context(), root, wanted); err != nil {
		t.Fatal(err)
	}
	if _, _, err := open(d.store).Begin(t.Context(), root, wanted); !errors.Is(err, signin.ErrUsed) {
		t.Errorf("again: %v", err)
	}
}

// TestPasskeysAreForOneName, that of the first one.
func TestPasskeysAreForOneName(t *testing.T) {
	d := open(memledger.New())
	if err := d.CheckRelyingParty(t.Context(), "localhost"); err != nil {
		t.Errorf("before any passkey: %v", err)
	}
	passkey := func(key, party string) error {
		_, err := d.Enrol(t.Context(), root, "", signin.Enrolment{Person: "awa", Key: key, Passkey: &signin.Passkey{RelyingParty: party}})
		return err
	}
	if err := passkey("A", "payrun.example"); err != nil {
		t.Fatal(err)
	}
	_, other := errors.AsType[*signin.RelyingPartyError](passkey("B", "localhost"))
	if !other {
		t.Error("a passkey of another name is taken")
	}
	if err := open(d.store).CheckRelyingParty(t.Context(), "localhost"); err == nil || !strings.Contains(err.Error(), "payrun.example") {
		t.Errorf("another server: %v", err)
	}
}

// TestAPasskeyCountsForward, on whichever server; one that never counts is let be.
func TestAPasskeyCountsForward(t *testing.T) {
	d := open(memledger.New())
	for _, step := range []struct {
		key      string
		count    uint32
		repeated bool
		want     error
	}{
		{"SHA256:a", 0, false, nil},
		{"SHA256:a", 0, false, nil},
		{"SHA256:a", 7, false, nil},
		{"SHA256:b", 3, false, nil},
		{"SHA256:a", 7, true, nil},
		{"SHA256:a", 7, false, signin.ErrCopied},
		{"SHA256:a", 6, true, signin.ErrCopied},
		{"SHA256:a", 0, false, signin.ErrCopied},
		{"SHA256:a", 8, false, nil},
	} {
		elsewhere := open(d.store)
		if err := elsewhere.Counted(t.Context(), root, step.key, step.count, step.repeated); !errors.Is(err, step.want) {
			t.Errorf("%+v: %v", step, err)
		}
	}
}

// TestALanguageIsKeptWithItsPerson, on every server over the ledger, until they choose another one.
func TestALanguageIsKeptWithItsPerson(t *testing.T) {
	d := open(memledger.New())
	elsewhere := open(d.store)
	_, secret, err := d.Begin(t.Context(), root, signin.Session{Person: "awa"})
	if err != nil {
		t.Fatal(err)
	}
	awa := ledger.Person{Name: "awa", Host: "caisse"}
	for _, chosen := range []string{"", "fr", "fr", "en"} {
		if chosen != "" {
			err = d.Speak(t.Context(), awa, chosen)
		}
		elsewhere.now = elsewhere.now.Add(3 * time.Second)
		for _, one := range []*desk{d, elsewhere} {
			got, findErr := one.Find(t.Context(), secret)
			told, tellErr := one.Language(t.Context(), "awa")
			if err := errors.Join(err, findErr, tellErr); err != nil || got.Language != chosen || told != chosen {
				t.Errorf("after %q: %q, %q, %v", chosen, got.Language, told, err)
			}
		}
	}
	if got, err := d.Language(t.Context(), "koffi"); err != nil || got != "" {
		t.Errorf("koffi chose %q, %v", got, err)
	}
	recorded := 0
	for event, err := range d.store.Acts(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if event.Act == ledger.ActLanguageChosen {
			recorded++
		}
	}
	if recorded != 2 {
		t.Errorf("recorded %d choices, want 2: the same again is none", recorded)
	}
}
