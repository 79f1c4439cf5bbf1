package approval

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"payrun/ledger/phone"
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
	lines.Split(wholeLines)
	var list []Payout
	for lines.Scan() {
		p, err := parsePayout(lines.Bytes())
		if err != nil {
			return nil, Digest{}, fmt.Errorf("line %d: %w", len(list)+1, err)
		}
		list = append(list, p)
	}
	if err := lines.Err(); err != nil {
		return nil, Digest{}, fmt.Errorf("read a list: %w", err)
	}
	return list, Digest(hash.Sum(nil)), nil
}

// wholeLines splits into lines with their line feeds.
func wholeLines(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if end := bytes.IndexByte(data, '\n') + 1; end > 0 {
		return end, data[:end], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

func parsePayout(line []byte) (Payout, error) {
	var fields []string
	if err := json.Unmarshal(line, &fields); err != nil {
		return Payout{}, fmt.Errorf("%w: %w", ErrText, err)
	}
	const count = 8
	if len(fields) != count {
		return Payout{}, fmt.Errorf("%w: %d strings, not %d", ErrText, len(fields), count)
	}
	amount, err := strconv.ParseInt(fields[3], 10, 64)
	if err != nil {
		return Payout{}, fmt.Errorf("%w: %q is not an amount", ErrText, head(fields[3]))
	}
	p := Payout{
		ID: fields[0], Number: phone.E164(fields[1]), Name: fields[2], Amount: amount,
		Currency: fields[4], Country: fields[5], Scheme: fields[6], Note: fields[7],
	}
	if !bytes.Equal(p.AppendLine(nil), line) {
		return Payout{}, complaint(errors.New("not spelled as payrun writes it"))
	}
	return p, nil
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
