package approval

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"

	"payrun/ledger/canonical"
)

// lineMax bounds a line of a list that is read.
const lineMax = 1 << 20

// ReadList reads a canonical list and returns the digest of its bytes, which says whether
// it is the list that a text names. A line that is not as AppendLine writes it is an error
// that wraps ErrText.
func ReadList(r io.Reader) ([]Payout, Digest, error) {
	hash := sha256.New()
	lines := bufio.NewScanner(io.TeeReader(r, hash))
	lines.Buffer(nil, lineMax)
	lines.Split(canonical.WholeLines)
	var list []Payout
	for lines.Scan() {
		p, err := canonical.ParseLine(lines.Bytes())
		if err != nil {
			return nil, Digest{}, fmt.Errorf("line %d: %w", len(list)+1, complaint(err))
		}
		list = append(list, p)
	}
	if err := lines.Err(); err != nil {
		return nil, Digest{}, fmt.Errorf("read a list: %w", err)
	}
	return list, Digest(hash.Sum(nil)), nil
}

// PayoutChange is a payout that two lists do not have alike. Before is nil for one that
// was added, Now for one that is missing.
type PayoutChange struct {
	Before, Now *Payout
	// At is the place of Now in its list, from 0.
	At int
}

// ChangedPayouts returns the payouts, by id, that are not alike in two lists: those of the
// newer one in its order, then those that only the older one has. None differs in two
// lists that are the same but for the order.
func ChangedPayouts(before, now []Payout) []PayoutChange {
	places := make(map[string]int, len(before))
	for i, p := range before {
		places[p.ID] = i
	}
	kept := make([]bool, len(before))
	var found []PayoutChange
	for at := range now {
		p := &now[at]
		i, known := places[p.ID]
		switch {
		case !known:
			found = append(found, PayoutChange{Now: p, At: at})
		case before[i] != *p:
			found = append(found, PayoutChange{Before: &before[i], Now: p, At: at})
		}
		if known {
			kept[i] = true
		}
	}
	for i := range before {
		if !kept[i] {
			found = append(found, PayoutChange{Before: &before[i]})
		}
	}
	return found
}
