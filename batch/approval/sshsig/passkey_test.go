package sshsig_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"payrun/batch/approval/sshsig"
	"payrun/batch/approval/sshsig/sshsigtest"
)

const (
	party  = "pay.example.ci"
	origin = "https://console.pay.example.ci"
)

func passkeySignature(t *testing.T, d *sshsigtest.Device, page string) *sshsig.Signature {
	t.Helper()
	challenge, err := sshsig.Challenge(purpose, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	s, err := sshsig.FromAssertion(d.PublicKey(), purpose, d.Assert(t, challenge, page))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestPasskeysAreAcceptedByBoth has a passkey sign in a browser's way, and both this
// package and ssh-keygen check.
func TestPasskeysAreAcceptedByBoth(t *testing.T) {
	device := sshsigtest.NewDevice(t, party, false)
	key, err := sshsig.PasskeyKey(device.SPKI(t), party)
	if err != nil || !bytes.Equal(key.Marshal(), device.PublicKey().Marshal()) {
		t.Fatalf("the key from its page: %v", err)
	}
	s := passkeySignature(t, device, origin)
	proof, err := verify(text, s, origin)
	if err != nil || !proof.Hardware || !proof.UserVerified || proof.Counter != 1 || proof.Origin != origin {
		t.Fatalf("%+v, %v", proof, err)
	}
	list := allowed(t, sshsig.AllowedSigner{Principal: "awa", Namespaces: []string{purpose}, Key: key})
	if err := sshsigtest.Verifies(t, list, "awa", purpose, text, s.Armour()); err != nil {
		t.Error(err)
	}
	if err := sshsigtest.Verifies(t, list, "awa", purpose, text[1:], s.Armour()); err == nil {
		t.Error("ssh-keygen accepts it for another text")
	}
}

// TestHardwareKeysAreAcceptedByBoth does the same for keys that are plugged in.
func TestHardwareKeysAreAcceptedByBoth(t *testing.T) {
	for _, overEd25519 := range []bool{true, false} {
		device := sshsigtest.NewDevice(t, "ssh:", overEd25519)
		device.Flags = sshsigtest.Touched
		s, err := sshsig.Sign(device, purpose, bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if proof, err := verify(text, s, ""); err != nil || !proof.Hardware || proof.UserVerified || proof.Counter != 1 {
			t.Errorf("%+v, %v", proof, err)
		}
		list := allowed(t, sshsig.AllowedSigner{Principal: "awa", Key: device.PublicKey()})
		if err := sshsigtest.Verifies(t, list, "awa", purpose, text, s.Armour()); err != nil {
			t.Error(err)
		}
		device.Flags = 0
		if _, err := sshsig.Sign(device, purpose, bytes.NewReader(text)); !errors.Is(err, sshsig.ErrUserPresence) {
			t.Errorf("untouched: %v", err)
		}
	}
}

// TestAPasskeySignsForOnePageAndText tries answers that are wrong in one thing each.
func TestAPasskeySignsForOnePageAndText(t *testing.T) {
	challenge, err := sshsig.Challenge(purpose, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	encoded := base64.RawURLEncoding.EncodeToString(challenge)
	honest := `{"type":"webauthn.get","challenge":"` + encoded + `","origin":"` + origin + `"`
	for name, c := range map[string]struct {
		flags      byte
		clientData string
		want       error
	}{
		"honest":             {sshsigtest.Touched | sshsigtest.Verified, honest + `,"crossOrigin":false}`, nil},
		"with a hint":        {sshsigtest.Touched | sshsigtest.Verified, honest + `,"other_keys_can_be_added_here":"x"}`, nil},
		"no PIN":             {sshsigtest.Touched, honest + `}`, sshsig.ErrUserVerification},
		"no touch":           {sshsigtest.Verified, honest + `}`, sshsig.ErrUserPresence},
		"a registration":     {sshsigtest.Touched | sshsigtest.Verified | 1<<6, honest + `}`, sshsig.ErrFormat},
		"extensions missing": {sshsigtest.Touched | sshsigtest.Verified | 1<<7, honest + `}`, sshsig.ErrFormat},
		"in a frame":         {sshsigtest.Touched | sshsigtest.Verified, honest + `,"crossOrigin":true}`, sshsig.ErrOrigin},
		"in a named frame":   {sshsigtest.Touched | sshsigtest.Verified, honest + `,"topOrigin":"https://x.ci"}`, sshsig.ErrOrigin},
		"created":            {sshsigtest.Touched | sshsigtest.Verified, strings.Replace(honest, ".get", ".create", 1) + `}`, sshsig.ErrSignature},
		"another challenge":  {sshsigtest.Touched | sshsigtest.Verified, strings.Replace(honest, encoded, encoded[4:], 1) + `}`, sshsig.ErrSignature},
		"two challenges":     {sshsigtest.Touched | sshsigtest.Verified, honest + `,"challenge":"x"}`, sshsig.ErrFormat},
		"other order":        {sshsigtest.Touched | sshsigtest.Verified, `{"origin":"` + origin + `","type":"webauthn.get","challenge":"` + encoded + `"}`, sshsig.ErrSignature},
		"something behind":   {sshsigtest.Touched | sshsigtest.Verified, honest + `}{}`, sshsig.ErrFormat},
	} {
		device := sshsigtest.NewDevice(t, party, false)
		device.Flags = c.flags
		s, err := sshsig.FromAssertion(device.PublicKey(), purpose, device.AssertText(t, []byte(c.clientData)))
		if err == nil {
			_, err = verify(text, s, origin)
		}
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// TestAPasskeyBelongsToItsPage tries origins against the relying party.
func TestAPasskeyBelongsToItsPage(t *testing.T) {
	for page, want := range map[string]bool{
		"https://pay.example.ci": true, "https://console.pay.example.ci": true, "https://pay.example.ci:8443": true,
		"http://pay.example.ci": false, "https://example.ci": false, "https://notpay.example.ci": false,
		"https://pay.example.ci.evil.com": false, "https://pay.example.ci/": false, "https://user@pay.example.ci": false,
		"": false, "null": false,
	} {
		device := sshsigtest.NewDevice(t, party, false)
		s := passkeySignature(t, device, page)
		if _, err := verify(text, s, page); (err == nil) != want {
			t.Errorf("%q: %v, want %t", page, err, want)
		}
		if _, err := verify(text, s, "https://elsewhere.ci"); err == nil {
			t.Errorf("%q is taken for another page", page)
		}
	}
	local := sshsigtest.NewDevice(t, "localhost", false)
	if _, err := verify(text, passkeySignature(t, local, "http://localhost:8080"), "http://localhost:8080"); err != nil {
		t.Error(err)
	}
	// Neither form stands in for the other.
	passkey := sshsigtest.NewDevice(t, party, false)
	if _, err := verify(text, passkeySignature(t, passkey, origin), ""); !errors.Is(err, sshsig.ErrOrigin) {
		t.Errorf("a passkey where none was expected: %v", err)
	}
	plain, err := sshsig.Sign(passkey, purpose, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verify(text, plain, origin); !errors.Is(err, sshsig.ErrOrigin) {
		t.Errorf("no page where one was expected: %v", err)
	}
}

// TestABrokenPasskeyAnswerIsRefused flips each byte of a passkey's signature.
func TestABrokenPasskeyAnswerIsRefused(t *testing.T) {
	blob := passkeySignature(t, sshsigtest.NewDevice(t, party, false), origin).Blob()
	for i := range blob {
		broken := bytes.Clone(blob)
		broken[i] ^= 1
		s, err := sshsig.ParseBlob(broken)
		if err != nil {
			continue
		}
		if _, err := verify(text, s, origin); err == nil {
			t.Errorf("byte %d may be anything", i)
		}
	}
}

// TestCountersNeverGoBack follows devices that count, do not, and do so no more.
func TestCountersNeverGoBack(t *testing.T) {
	for name, c := range map[string]struct {
		seen []uint32
		ok   bool
	}{
		"counts":             {[]uint32{1, 2, 9}, true},
		"never counts":       {[]uint32{0, 0, 0}, true},
		"begins to":          {[]uint32{0, 0, 5}, true},
		"the same again":     {[]uint32{7, 7}, false},
		"less":               {[]uint32{7, 6}, false},
		"no longer":          {[]uint32{7, 0}, false},
		"after a long pause": {[]uint32{7, 1 << 31}, true},
	} {
		counters := sshsig.Counters{}
		device := sshsigtest.NewDevice(t, party, false)
		var err error
		for _, counter := range c.seen {
			device.Counter = counter
			proof, wrong := verify(text, passkeySignature(t, device, origin), origin)
			if wrong != nil {
				t.Fatal(wrong)
			}
			err = errors.Join(err, counters.Advance(proof))
		}
		if (err == nil) != c.ok || err != nil && !errors.Is(err, sshsig.ErrCounter) {
			t.Errorf("%s: %v", name, err)
		}
		if last := counters[sshsig.Fingerprint(device.PublicKey())]; last != max(c.seen[0], c.seen[len(c.seen)-1]) {
			t.Errorf("%s: the highest is said to be %d", name, last)
		}
	}
}

func ExampleChallenge() {
	challenge, err := sshsig.Challenge("approval@payrun", strings.NewReader("the text"))
	fmt.Printf("%s… of %d bytes, %v\n", challenge[:6], len(challenge), err)
	// Output: SSHSIG… of 107 bytes, <nil>
}
