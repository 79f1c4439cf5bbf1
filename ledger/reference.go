package ledger

import (
	"crypto/sha256"
	"encoding/base32"
	"strconv"
)

// digestLength counts the base-32 characters of a digest that stand for the part of
// an id that does not fit: 30 bits, and the store refuses what collides all the
// same.
const digestLength = 6

// DeriveReference returns a name for a later attempt of a payout, of at most
// ReferenceLengthMax characters: the id followed by "-" and the attempt where
// that fits, and otherwise the id's beginning, a digest of all of it, and the
// attempt. Salt 0 is the first choice; a caller whose store answers
// ErrReferenceTaken goes on with 1, 2, ….
func DeriveReference(id TransactionID, attempt, salt int) Reference {
	suffix := "-" + strconv.Itoa(attempt)
	if salt == 0 && len(id)+len(suffix) <= ReferenceLengthMax {
		return Reference(string(id) + suffix)
	}
	sum := sha256.Sum256([]byte(string(id) + "\x00" + strconv.Itoa(salt)))
	digest := base32.StdEncoding.EncodeToString(sum[:])[:digestLength]
	head := string(id)
	if room := ReferenceLengthMax - digestLength - len(suffix); len(head) > room {
		head = head[:room]
	}
	return Reference(head + digest + suffix)
}
