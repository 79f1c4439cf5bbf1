package sshsig

import (
	"bytes"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

var (
	// ErrFormat is the kind of every complaint about the bytes of a signature.
	ErrFormat = errors.New("not a signature of ssh-keygen")
	// ErrKeyType is returned for keys and algorithms that do not count.
	ErrKeyType = errors.New("a kind of key or signature that does not count")
)

const (
	preamble = "SSHSIG"
	version  = 1

	armourHeader = "-----BEGIN SSH SIGNATURE-----"
	armourFooter = "-----END SSH SIGNATURE-----"
	// armourWidth is how ssh-keygen breaks its lines.
	armourWidth = 70
	// armouredMax is more than an RSA key of 16384 bits or a browser's longest JSON
	// comes to.
	armouredMax = 64 << 10

	rsaBitsMin = 2048
)

// formatWebAuthn is the form of a passkey's signature.
const formatWebAuthn = "webauthn-sk-ecdsa-sha2-nistp256@openssh.com"

// formatsOf returns the signatures that a kind of key may make.
func formatsOf(keyType string) []string {
	switch keyType {
	case ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoSKED25519:
		return []string{keyType}
	case ssh.KeyAlgoRSA:
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	case ssh.KeyAlgoSKECDSA256:
		return []string{keyType, formatWebAuthn}
	default:
		return nil
	}
}

// Signature is a signature with the public key that is said to have made it. Nothing
// of it is to be believed before Verify.
type Signature struct {
	Key       ssh.PublicKey
	Namespace string
	Hash      string // sha512 or sha256
	Value     *ssh.Signature
}

// wire is the blob behind its preamble.
type wire struct {
	Version   uint32
	PublicKey []byte
	Namespace string
	Reserved  string
	Hash      string
	Signature []byte
}

// Parse reads a signature in its armour, as ssh-keygen writes it. Line ends of other
// systems and white space around it are passed over. Its errors wrap ErrFormat or
// ErrKeyType.
func Parse(armoured []byte) (*Signature, error) {
	if len(armoured) > armouredMax {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrFormat, armouredMax)
	}
	text := strings.TrimSpace(strings.ReplaceAll(string(armoured), "\r\n", "\n"))
	body, headed := strings.CutPrefix(text, armourHeader+"\n")
	body, footed := strings.CutSuffix(body, "\n"+armourFooter)
	if !headed || !footed {
		return nil, fmt.Errorf("%w: it begins with %q and ends with %q", ErrFormat, armourHeader, armourFooter)
	}
	blob, err := base64.StdEncoding.Strict().DecodeString(strings.ReplaceAll(body, "\n", ""))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return ParseBlob(blob)
}

// ParseBlob reads a signature without armour.
func ParseBlob(blob []byte) (*Signature, error) {
	rest, found := bytes.CutPrefix(blob, []byte(preamble))
	if !found {
		return nil, fmt.Errorf("%w: it does not begin with %s", ErrFormat, preamble)
	}
	var w wire
	if err := ssh.Unmarshal(rest, &w); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	switch {
	case w.Version != version:
		return nil, fmt.Errorf("%w: version %d", ErrFormat, w.Version)
	case w.Namespace == "":
		return nil, fmt.Errorf("%w: no namespace", ErrFormat)
	case w.Reserved != "":
		return nil, fmt.Errorf("%w: the reserved field is in use", ErrFormat)
	case newHash(w.Hash) == nil:
		return nil, fmt.Errorf("%w: hash algorithm %q", ErrFormat, w.Hash)
	}
	key, err := ParseKey(w.PublicKey)
	if err != nil {
		return nil, err
	}
	var value ssh.Signature
	if err := ssh.Unmarshal(w.Signature, &value); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if !slices.Contains(formatsOf(key.Type()), value.Format) {
		return nil, fmt.Errorf("%w: a signature %q by a key %s", ErrKeyType, value.Format, key.Type())
	}
	if !hardware(key) && len(value.Rest) > 0 {
		return nil, fmt.Errorf("%w: bytes behind the signature", ErrFormat)
	}
	return &Signature{Key: key, Namespace: w.Namespace, Hash: w.Hash, Value: &value}, nil
}

// ParseKey reads a public key as SSH sends it. Its errors wrap ErrFormat or
// ErrKeyType.
func ParseKey(blob []byte) (ssh.PublicKey, error) {
	key, err := ssh.ParsePublicKey(blob)
	if err != nil {
		return nil, fmt.Errorf("%w: public key: %w", ErrFormat, err)
	}
	if err := CheckKey(key); err != nil {
		return nil, err
	}
	// One key has one spelling, or it could pass for two.
	if !bytes.Equal(key.Marshal(), blob) {
		return nil, fmt.Errorf("%w: public key: written in another way than usual", ErrFormat)
	}
	return key, nil
}

// CheckKey returns an error that wraps ErrKeyType for keys whose signatures do not
// count.
func CheckKey(key ssh.PublicKey) error {
	if formatsOf(key.Type()) == nil {
		return fmt.Errorf("%w: %s", ErrKeyType, key.Type())
	}
	crypto, ok := key.(ssh.CryptoPublicKey)
	if !ok {
		return nil
	}
	if public, ok := crypto.CryptoPublicKey().(*rsa.PublicKey); ok && public.N.BitLen() < rsaBitsMin {
		return fmt.Errorf("%w: RSA with %d bits, fewer than %d", ErrKeyType, public.N.BitLen(), rsaBitsMin)
	}
	return nil
}

// Fingerprint returns the key's name as OpenSSH shows it: SHA256:…
func Fingerprint(key ssh.PublicKey) string { return ssh.FingerprintSHA256(key) }

// Blob returns the signature without armour.
func (s *Signature) Blob() []byte {
	return append([]byte(preamble), ssh.Marshal(wire{
		Version: version, PublicKey: s.Key.Marshal(), Namespace: s.Namespace,
		Hash: s.Hash, Signature: ssh.Marshal(s.Value),
	})...)
}

// Armour returns the signature byte for byte as ssh-keygen writes it.
func (s *Signature) Armour() []byte {
	encoded := base64.StdEncoding.EncodeToString(s.Blob())
	var b bytes.Buffer
	b.WriteString(armourHeader + "\n")
	for line := range slices.Chunk([]byte(encoded), armourWidth) {
		b.Write(line)
		b.WriteByte('\n')
	}
	b.WriteString(armourFooter + "\n")
	return b.Bytes()
}

// hardware reports whether a key lies in a device that counts and asks for a touch.
func hardware(key ssh.PublicKey) bool {
	return key.Type() == ssh.KeyAlgoSKED25519 || key.Type() == ssh.KeyAlgoSKECDSA256
}
