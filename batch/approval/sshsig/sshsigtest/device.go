package sshsigtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"math/big"
	"testing"

	"golang.org/x/crypto/ssh"

	"payrun/batch/approval/sshsig"
)

// Flags that a device may set.
const (
	Touched  byte = 1 << 0
	Verified byte = 1 << 2
)

// Device is a hardware key in software. It signs as such keys do, with the flags and
// from the counter that it is told.
type Device struct {
	Application string // "ssh:", or a passkey's relying party
	Flags       byte
	Counter     uint32 // the next signature's; raised by each unless it is 0

	private crypto.Signer
}

// NewDevice makes a device with a key over P-256, or Ed25519.
func NewDevice(tb testing.TB, application string, overEd25519 bool) *Device {
	tb.Helper()
	d := &Device{Application: application, Flags: Touched | Verified, Counter: 1}
	var err error
	if overEd25519 {
		_, d.private, err = ed25519.GenerateKey(rand.Reader)
	} else {
		d.private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// PublicKey returns the key as OpenSSH writes it.
func (d *Device) PublicKey() ssh.PublicKey {
	var blob []byte
	switch public := d.private.Public().(type) {
	case ed25519.PublicKey:
		blob = ssh.Marshal(struct {
			Type        string
			Point       []byte
			Application string
		}{ssh.KeyAlgoSKED25519, public, d.Application})
	case *ecdsa.PublicKey:
		point, err := public.Bytes()
		if err != nil {
			panic(err) // a key that was just made
		}
		blob = ssh.Marshal(struct {
			Type, Curve string
			Point       []byte
			Application string
		}{ssh.KeyAlgoSKECDSA256, "nistp256", point, d.Application})
	}
	key, err := ssh.ParsePublicKey(blob)
	if err != nil {
		panic(err) // a key that was just made
	}
	return key
}

// SPKI returns the public key as a browser gives it to a page.
func (d *Device) SPKI(tb testing.TB) []byte {
	tb.Helper()
	der, err := x509.MarshalPKIXPublicKey(d.private.Public())
	if err != nil {
		tb.Fatal(err)
	}
	return der
}

// Sign signs as a key that is plugged in, for ssh-keygen and ssh-agent.
func (d *Device) Sign(_ io.Reader, data []byte) (*ssh.Signature, error) {
	digest := sha256.Sum256(data)
	raw, head, err := d.answer(digest)
	if err != nil {
		return nil, err
	}
	value := &ssh.Signature{Format: d.PublicKey().Type(), Blob: raw, Rest: head[sha256.Size:]}
	if value.Format == ssh.KeyAlgoSKECDSA256 {
		var numbers struct{ R, S *big.Int }
		if _, err := asn1.Unmarshal(raw, &numbers); err != nil {
			return nil, err
		}
		value.Blob = ssh.Marshal(numbers)
	}
	return value, nil
}

// Assert answers as a browser does for a page that asks for a signature.
func (d *Device) Assert(tb testing.TB, challenge []byte, origin string) sshsig.Assertion {
	tb.Helper()
	return d.AssertText(tb, fmt.Appendf(nil, `{"type":"webauthn.get","challenge":"%s","origin":"%s","crossOrigin":false}`,
		base64.RawURLEncoding.EncodeToString(challenge), origin))
}

// AssertText signs a client data text that may be anything.
func (d *Device) AssertText(tb testing.TB, clientData []byte) sshsig.Assertion {
	tb.Helper()
	signature, head, err := d.answer(sha256.Sum256(clientData))
	if err != nil {
		tb.Fatal(err)
	}
	return sshsig.Assertion{AuthenticatorData: head, ClientDataJSON: clientData, Signature: signature}
}

// answer returns a signature over a digest, and the device's data before it.
func (d *Device) answer(digest [sha256.Size]byte) (signature, head []byte, err error) {
	application := sha256.Sum256([]byte(d.Application))
	head = binary.BigEndian.AppendUint32(append(application[:], d.Flags), d.Counter)
	if d.Counter > 0 {
		d.Counter++
	}
	signed := append(append([]byte{}, head...), digest[:]...)
	if _, ok := d.private.(ed25519.PrivateKey); ok {
		signature, err = d.private.Sign(rand.Reader, signed, crypto.Hash(0))
		return signature, head, err
	}
	hashed := sha256.Sum256(signed)
	signature, err = d.private.Sign(rand.Reader, hashed[:], crypto.SHA256)
	return signature, head, err
}
