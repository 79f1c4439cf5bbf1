package approval

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// Digest is a SHA-256, as sha256sum prints it.
type Digest [sha256.Size]byte

// String returns 64 digits of lower case hex.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// IsZero reports whether there is none.
func (d Digest) IsZero() bool { return d == Digest{} }

// digestOf returns the digest of a text's bytes.
func digestOf(text []byte) Digest { return sha256.Sum256(text) }

// parseDigest reads what String writes.
func parseDigest(text string) (Digest, error) {
	var d Digest
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(d) {
		return d, errors.New("not a SHA-256 in hex")
	}
	copy(d[:], raw)
	return d, nil
}
