package provider

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// ReferenceLengthMin is the least that a provider's ReferenceLength may be: a digest in
// digits and the number of an attempt have to fit.
const ReferenceLengthMin = 12

// Digits are the characters that every reference may be made of.
const Digits = "0123456789"

// A digest stands for the part of a reference that does not fit, in 30 bits. The store
// refuses what collides all the same.
const (
	digestLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	digestLength  = 6
	digestDigits  = 9
)

// Derive returns the reference of a later attempt of what was first sent under another,
// one that the provider takes: the first followed by "-" and the attempt where that
// fits, and otherwise its beginning, a digest of all of it, and the attempt. Salt 0 is
// the first choice; a caller who finds that taken goes on with 1, 2, …. A hundredth
// attempt may be too long, and is then refused by the provider.
func (c Capabilities) Derive(first string, attempt, salt int) string {
	suffix := strconv.Itoa(attempt)
	if strings.Contains(c.ReferenceAlphabet, "-") {
		suffix = "-" + suffix
		if salt == 0 && len(first)+len(suffix) <= c.ReferenceLength {
			return first + suffix
		}
	}
	digest := c.digest(first + "\x00" + strconv.Itoa(salt))
	room := max(0, c.ReferenceLength-len(digest)-len(suffix))
	return first[:min(len(first), room)] + digest + suffix
}

// digest tells texts apart in characters that the provider takes.
func (c Capabilities) digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	if strings.Trim(digestLetters, c.ReferenceAlphabet) == "" {
		return base32.NewEncoding(digestLetters).EncodeToString(sum[:])[:digestLength]
	}
	const limit = 1_000_000_000
	return fmt.Sprintf("%0*d", digestDigits, binary.BigEndian.Uint64(sum[:])%limit)
}
