package access_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"payrun/batch/access"
	"payrun/ledger"
	"payrun/ledger/memledger"
)

var (
	noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	awa  = ledger.Person{Name: "awa", Host: "caisse", Confirmed: "yes"}
	erp  = access.Request{Name: "erp", Person: "awa", Scopes: []access.Scope{access.Read, access.Submit}, Lasts: 24 * time.Hour}
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
	*access.Keeper
	store *memledger.Store
	now   time.Time
}

func open(store *memledger.Store) *desk {
	d := &desk{store: store, now: noon}
	d.Keeper = access.New(store, func() time.Time { return d.now }, new(endless))
	return d
}

func (d *desk) create(t *testing.T) (access.Token, string) {
	t.Helper()
	made, secret, err := d.Create(t.Context(), awa, erp)
	if err != nil {
		t.Fatal(err)
	}
	return made, secret
}

// TestATokenLetsInUntilItEnds, whoever reads the ledger then.
func TestATokenLetsInUntilItEnds(t *testing.T) {
	d := open(memledger.New())
	made, secret := d.create(t)
	for name, test := range map[string]struct {
		at     time.Duration
		secret string
		want   error
	}{
		"at once":              {0, secret, nil},
		"just before its end":  {24*time.Hour - time.Second, secret, nil},
		"at its end":           {24 * time.Hour, secret, access.ErrRefused},
		"another last letter":  {0, secret[:len(secret)-1] + "!", access.ErrRefused},
		"its id alone":         {0, "payrun_" + made.ID, access.ErrRefused},
		"its hash":             {0, "payrun_" + made.ID + "_" + made.SHA256[:43], access.ErrRefused},
		"another token's id":   {0, "payrun_000000000000_" + secret[len(secret)-43:], access.ErrRefused},
		"nothing":              {0, "", access.ErrRefused},
		"a megabyte of others": {0, strings.Repeat("payrun_", 150_000), access.ErrRefused},
	} {
		other := open(d.store) // a process that begins now
		other.now = noon.Add(test.at)
		got, err := other.Check(t.Context(), test.secret)
		if !errors.Is(err, test.want) || (err == nil && (got.ID != made.ID || got.Person != "awa")) {
			t.Errorf("%s: %+v, %v, want %v", name, got, err, test.want)
		}
	}
}

// TestARevokedTokenLetsNobodyIn: at once here, and in seconds elsewhere.
func TestARevokedTokenLetsNobodyIn(t *testing.T) {
	d := open(memledger.New())
	elsewhere := open(d.store)
	made, secret := d.create(t)
	if _, err := elsewhere.Check(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	if _, another := d.create(t); another != "" {
		if _, err := elsewhere.Check(t.Context(), another); err != nil {
			t.Errorf("one that was made just now, elsewhere: %v", err)
		}
	}
	for range 2 {
		if gone, err := d.Revoke(t.Context(), awa, made.ID); err != nil || gone.Revoked.IsZero() {
			t.Fatalf("revoked: %+v, %v", gone, err)
		}
	}
	if _, err := d.Check(t.Context(), secret); !errors.Is(err, access.ErrRefused) {
		t.Errorf("here: %v", err)
	}
	elsewhere.now = noon.Add(3 * time.Second)
	if _, err := elsewhere.Check(t.Context(), secret); !errors.Is(err, access.ErrRefused) {
		t.Errorf("elsewhere: %v", err)
	}
	if _, err := d.Revoke(t.Context(), awa, "nobody"); !errors.Is(err, access.ErrUnknown) {
		t.Errorf("an unknown one: %v", err)
	}
}

// TestTheLedgerNeverHoldsASecret, and has one line for each day of use.
func TestTheLedgerNeverHoldsASecret(t *testing.T) {
	d := open(memledger.New())
	_, secret := d.create(t)
	for _, at := range []time.Duration{0, time.Hour, 11 * time.Hour, 13 * time.Hour, 14 * time.Hour} {
		d.now = noon.Add(at)
		if _, err := d.Check(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
	}
	used := 0
	for event, err := range d.store.Acts(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(event.Text, secret[len(secret)-43:]) {
			t.Errorf("event %d has the secret", event.Sequence)
		}
		if event.Act == ledger.ActTokenUsed {
			used++
		}
	}
	if used != 2 {
		t.Errorf("%d uses are recorded, want one for each of two days", used)
	}
	if all, err := d.List(t.Context()); err != nil || len(all) != 1 || !all[0].Used.Equal(d.now) {
		t.Errorf("listed %+v, %v, want the last use", all, err)
	}
}

// TestWhatMakesNoSenseIsNoToken.
func TestWhatMakesNoSenseIsNoToken(t *testing.T) {
	d := open(memledger.New())
	for name, test := range map[string]struct {
		change func(*access.Request)
		want   error
	}{
		"no name":         {func(r *access.Request) { r.Name = "" }, access.ErrName},
		"a line break":    {func(r *access.Request) { r.Name = "a\nb" }, access.ErrName},
		"a long name":     {func(r *access.Request) { r.Name = strings.Repeat("a", 65) }, access.ErrName},
		"nobody":          {func(r *access.Request) { r.Person = "" }, access.ErrName},
		"no scope":        {func(r *access.Request) { r.Scopes = nil }, access.ErrScope},
		"another scope":   {func(r *access.Request) { r.Scopes = []access.Scope{"root"} }, access.ErrScope},
		"for ever":        {func(r *access.Request) { r.Lasts = 401 * 24 * time.Hour }, access.ErrExpiry},
		"for no time":     {func(r *access.Request) { r.Lasts = 0 }, access.ErrExpiry},
		"before it began": {func(r *access.Request) { r.Lasts = -time.Hour }, access.ErrExpiry},
	} {
		wanted := erp
		test.change(&wanted)
		if _, _, err := d.Create(t.Context(), awa, wanted); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	short := access.New(d.store, time.Now, bytes.NewReader(nil))
	if _, _, err := short.Create(t.Context(), awa, erp); err == nil {
		t.Error("a token was made without randomness")
	}
	if scopes, err := access.ParseScopes([]string{"read", " pay", "read"}); err != nil || len(scopes) != 2 {
		t.Errorf("scopes %v, %v", scopes, err)
	}
	if _, err := access.ParseScopes([]string{"read", "all"}); !errors.Is(err, access.ErrScope) {
		t.Errorf("another scope: %v", err)
	}
}
