package table

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// ShapeOf returns the digest by which files of the same columns are known: SHA-256,
// in hex, of the titles in their order as a JSON array. Info.Shaping has the titles of
// a file.
func ShapeOf(titles []string) string {
	text, err := json.Marshal(titles)
	if err != nil {
		return "" // strings can be written as JSON, all of them
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Shaping returns the titles that make the shape of a file: all but those that payrun
// adds to its copies, transaction_id and errors.
func (i *Info) Shaping() []string {
	var titles []string
	for at, title := range i.Columns {
		if at != i.Errors && title != string(FieldTransactionID) {
			titles = append(titles, title)
		}
	}
	return titles
}
