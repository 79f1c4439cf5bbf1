package sshsig

import (
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"hash"
	"io"

	"golang.org/x/crypto/ssh"
)

// Reasons for which a signature does not count.
var (
	// ErrNamespace is returned for a signature that was made for another purpose.
	ErrNamespace = errors.New("the signature was made for another purpose")
	// ErrSignature is returned where key, message and signature do not belong
	// together.
	ErrSignature = errors.New("the signature does not belong to this text and key")
	// ErrUserPresence is returned where a hardware key was not touched.
	ErrUserPresence = errors.New("the hardware key was not touched")
	// ErrUserVerification is returned where a passkey asked for neither PIN nor
	// finger.
	ErrUserVerification = errors.New("the passkey asked for neither PIN nor finger")
	// ErrOrigin is returned for a passkey's signature from another page than the
	// expected one, or where none was expected.
	ErrOrigin = errors.New("the passkey signed on another page")
	// ErrCounter is returned where a hardware key counts backwards: there are two
	// of it, or an old signature was shown again.
	ErrCounter = errors.New("the hardware key's counter went back")
)

// Flags of an authenticator, as WebAuthn numbers them.
const (
	flagUserPresent  = 1 << 0
	flagUserVerified = 1 << 2
	flagAttested     = 1 << 6
	flagExtensions   = 1 << 7
)

// Expect states the conditions under which a signature counts.
type Expect struct {
	// Namespace is the purpose for which it was made.
	Namespace string
	// Origin is the page where a passkey signs, such as https://pay.example.ci. If
	// it is empty, a passkey's form does not count; if it is not, no other does.
	Origin string
}

// Proof is the finding of a verified signature.
type Proof struct {
	// Key made the signature.
	Key ssh.PublicKey
	// Hardware is true for a key in a device; what follows is about those alone.
	Hardware bool
	// UserVerified is true if the device asked for PIN or finger.
	UserVerified bool
	// Counter is how many signatures the device has made. Passkeys that live on
	// several devices do not count, and say 0.
	Counter uint32
	// Origin is the page on which a passkey signed.
	Origin string
}

// Verify reports who signed a message. Its errors are those of this package, wrapped.
// The counter is the caller's to compare: see Counters.
func Verify(message io.Reader, s *Signature, want Expect) (Proof, error) {
	if s.Namespace != want.Namespace {
		return Proof{}, fmt.Errorf("%w: %q, not %q", ErrNamespace, s.Namespace, want.Namespace)
	}
	data, err := signedData(s.Namespace, s.Hash, message)
	if err != nil {
		return Proof{}, err
	}
	proof, err := s.check(data)
	if err != nil {
		return Proof{}, err
	}
	if proof.Origin != want.Origin {
		return Proof{}, fmt.Errorf("%w: %q, not %q", ErrOrigin, proof.Origin, want.Origin)
	}
	return proof, nil
}

// check verifies the signature over what a key is given to sign.
func (s *Signature) check(data []byte) (Proof, error) {
	proof := Proof{Key: s.Key, Hardware: hardware(s.Key)}
	if !proof.Hardware {
		if err := s.Key.Verify(data, s.Value); err != nil {
			return Proof{}, fmt.Errorf("%w: %w", ErrSignature, err)
		}
		return proof, nil
	}
	if s.Value.Format == formatWebAuthn {
		return s.checkPasskey(data)
	}
	var device struct {
		Flags   byte
		Counter uint32
	}
	if err := ssh.Unmarshal(s.Value.Rest, &device); err != nil {
		return Proof{}, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if device.Flags&flagUserPresent == 0 {
		return Proof{}, ErrUserPresence
	}
	if err := s.Key.Verify(data, s.Value); err != nil {
		return Proof{}, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	proof.UserVerified = device.Flags&flagUserVerified != 0
	proof.Counter = device.Counter
	return proof, nil
}

// signedData returns what a key signs for a message.
func signedData(namespace, algorithm string, message io.Reader) ([]byte, error) {
	digest := newHash(algorithm)
	if digest == nil {
		return nil, fmt.Errorf("%w: hash algorithm %q", ErrFormat, algorithm)
	}
	if _, err := io.Copy(digest, message); err != nil {
		return nil, fmt.Errorf("read the message: %w", err)
	}
	return append([]byte(preamble), ssh.Marshal(struct {
		Namespace, Reserved, Hash string
		Digest                    []byte
	}{namespace, "", algorithm, digest.Sum(nil)})...), nil
}

// newHash returns nil for algorithms that SSHSIG does not have.
func newHash(algorithm string) hash.Hash {
	switch algorithm {
	case "sha512":
		return sha512.New()
	case "sha256":
		return sha256.New()
	default:
		return nil
	}
}

// Counters are the highest counters that were seen, by the key's fingerprint. The zero
// value has seen none but cannot be written to.
type Counters map[string]uint32

// Advance takes a signature's counter into account. It returns ErrCounter, and changes
// nothing, if the counter is not above the highest so far. A key that has always said 0
// does not count.
func (c Counters) Advance(p Proof) error {
	if !p.Hardware {
		return nil
	}
	name := Fingerprint(p.Key)
	if last := c[name]; p.Counter <= last && last != 0 {
		return fmt.Errorf("%w: %d after %d", ErrCounter, p.Counter, last)
	}
	c[name] = p.Counter
	return nil
}
