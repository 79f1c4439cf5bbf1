package sshsig

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/url"
	"strings"

	"golang.org/x/crypto/ssh"
)

// hashOfPasskeys is the digest that a passkey's challenge names.
const hashOfPasskeys = "sha512"

// Assertion is a browser's answer to navigator.credentials.get.
type Assertion struct {
	AuthenticatorData []byte
	ClientDataJSON    []byte
	Signature         []byte // ECDSA over P-256, in ASN.1
}

// passkeyTail is the part of a passkey's signature behind its two numbers.
type passkeyTail struct {
	Flags      byte
	Counter    uint32
	Origin     string
	ClientData []byte
	Extensions []byte
}

// securityKey is the public key sk-ecdsa-sha2-nistp256@openssh.com.
type securityKey struct {
	Type, Curve string
	Point       []byte
	Application string
}

// Challenge returns the bytes to give to navigator.credentials.get as the challenge, so
// that the answer is a signature of the message.
func Challenge(namespace string, message io.Reader) ([]byte, error) {
	return signedData(namespace, hashOfPasskeys, message)
}

// PasskeyKey returns the public key of a passkey as OpenSSH writes it, from what
// AuthenticatorAttestationResponse.getPublicKey returns and the relying party's id.
func PasskeyKey(spki []byte, relyingParty string) (ssh.PublicKey, error) {
	parsed, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return nil, fmt.Errorf("%w: public key: %w", ErrFormat, err)
	}
	public, ok := parsed.(*ecdsa.PublicKey)
	if !ok || public.Curve != elliptic.P256() {
		return nil, fmt.Errorf("%w: a passkey is ECDSA over P-256 (ES256)", ErrKeyType)
	}
	point, err := public.Bytes()
	if err != nil {
		return nil, fmt.Errorf("%w: public key: %w", ErrFormat, err)
	}
	return ParseKey(ssh.Marshal(securityKey{ssh.KeyAlgoSKECDSA256, "nistp256", point, relyingParty}))
}

// FromAssertion writes a browser's answer in the form of OpenSSH. It believes nothing of
// it; Verify does the checking.
func FromAssertion(key ssh.PublicKey, namespace string, a Assertion) (*Signature, error) {
	const flagsAt, counterAt, extensionsAt = sha256.Size, sha256.Size + 1, sha256.Size + 5
	if len(a.AuthenticatorData) < extensionsAt {
		return nil, fmt.Errorf("%w: authenticator data of %d bytes", ErrFormat, len(a.AuthenticatorData))
	}
	var numbers struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(a.Signature, &numbers); err != nil || len(rest) > 0 {
		return nil, fmt.Errorf("%w: the passkey's signature is not ASN.1", ErrFormat)
	}
	var said struct {
		Origin string `json:"origin"`
	}
	if err := json.Unmarshal(a.ClientDataJSON, &said); err != nil {
		return nil, fmt.Errorf("%w: client data: %w", ErrFormat, err)
	}
	s := &Signature{Key: key, Namespace: namespace, Hash: hashOfPasskeys, Value: &ssh.Signature{
		Format: formatWebAuthn,
		Blob:   ssh.Marshal(numbers),
		Rest: ssh.Marshal(passkeyTail{
			Flags: a.AuthenticatorData[flagsAt], Counter: binary.BigEndian.Uint32(a.AuthenticatorData[counterAt:]),
			Origin: said.Origin, ClientData: a.ClientDataJSON, Extensions: a.AuthenticatorData[extensionsAt:],
		}),
	}}
	// Whatever was given, what leaves here can be read again.
	return ParseBlob(s.Blob())
}

// checkPasskey verifies a passkey's signature over what it was asked to sign.
func (s *Signature) checkPasskey(data []byte) (Proof, error) {
	var key securityKey
	if err := ssh.Unmarshal(s.Key.Marshal(), &key); err != nil {
		return Proof{}, fmt.Errorf("%w: public key: %w", ErrFormat, err)
	}
	var tail passkeyTail
	var numbers struct{ R, S *big.Int }
	if err := errors.Join(ssh.Unmarshal(s.Value.Rest, &tail), ssh.Unmarshal(s.Value.Blob, &numbers)); err != nil {
		return Proof{}, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if tail.Flags&flagAttested != 0 || (tail.Flags&flagExtensions != 0) != (len(tail.Extensions) > 0) {
		return Proof{}, fmt.Errorf("%w: flags %#x with %d bytes of extensions", ErrFormat, tail.Flags, len(tail.Extensions))
	}
	if err := checkClientData(tail.ClientData, data, tail.Origin); err != nil {
		return Proof{}, err
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), key.Point)
	if err != nil {
		return Proof{}, fmt.Errorf("%w: public key: %w", ErrFormat, err)
	}
	application, clientData := sha256.Sum256([]byte(key.Application)), sha256.Sum256(tail.ClientData)
	signed := append(application[:], tail.Flags)
	signed = binary.BigEndian.AppendUint32(signed, tail.Counter)
	signed = append(append(signed, tail.Extensions...), clientData[:]...)
	digest := sha256.Sum256(signed)
	switch {
	case !ecdsa.Verify(public, digest[:], numbers.R, numbers.S):
		return Proof{}, ErrSignature
	case tail.Flags&flagUserPresent == 0:
		return Proof{}, ErrUserPresence
	case tail.Flags&flagUserVerified == 0:
		return Proof{}, ErrUserVerification
	}
	if err := CheckOrigin(tail.Origin, s.Key); err != nil {
		return Proof{}, err
	}
	return Proof{Key: s.Key, Hardware: true, UserVerified: true, Counter: tail.Counter, Origin: tail.Origin}, nil
}

// checkClientData wants the JSON that a browser signs to be about these data. OpenSSH
// compares its beginning byte by byte and reads no further, and so does this; of the
// rest it wants that it is JSON in which nothing is said twice, from no frame within
// another page.
func checkClientData(text, data []byte, origin string) error {
	beginning := `{"type":"webauthn.get","challenge":"` + base64.RawURLEncoding.EncodeToString(data) +
		`","origin":"` + origin + `"`
	if strings.ContainsAny(origin, `"\`) || !bytes.HasPrefix(text, []byte(beginning)) {
		return fmt.Errorf("%w: the passkey was asked for something else", ErrSignature)
	}
	members, err := topLevel(text)
	if err != nil {
		return fmt.Errorf("%w: client data: %w", ErrFormat, err)
	}
	_, framed := members["topOrigin"]
	if crossed := string(members["crossOrigin"]); framed || crossed != "" && crossed != "false" {
		return fmt.Errorf("%w: in a frame within another one", ErrOrigin)
	}
	return nil
}

// topLevel reads the members of a JSON object, each of which may stand there once.
func topLevel(text []byte) (map[string]json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("not an object")
	}
	members := map[string]json.RawMessage{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		name, isName := token.(string)
		if _, twice := members[name]; twice || !isName {
			return nil, fmt.Errorf("%q is said twice", name)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		members[name] = value
	}
	if _, err := decoder.Token(); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something behind the object")
	}
	return members, nil
}

// CheckOrigin returns ErrOrigin unless a passkey can have been made for pages of this
// origin: https (http on this machine alone), a host that is the relying party or below
// it, nothing more.
func CheckOrigin(origin string, key ssh.PublicKey) error {
	var fields securityKey
	if err := ssh.Unmarshal(key.Marshal(), &fields); err != nil {
		return fmt.Errorf("%w: %s is no passkey", ErrOrigin, key.Type())
	}
	page, err := url.Parse(origin)
	if err != nil || page.Scheme+"://"+page.Host != origin {
		return fmt.Errorf("%w: %q is not an origin", ErrOrigin, origin)
	}
	host, party := page.Hostname(), fields.Application
	local := page.Scheme == "http" && (host == "localhost" || strings.HasSuffix(host, ".localhost"))
	if page.Scheme != "https" && !local || party == "" || host != party && !strings.HasSuffix(host, "."+party) {
		return fmt.Errorf("%w: %q is not a page of %q", ErrOrigin, origin, party)
	}
	return nil
}
