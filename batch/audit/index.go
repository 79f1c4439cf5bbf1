package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"payrun/ledger"
	"payrun/ledger/money"
)

// Index says what a folder is about. It is a file of its own, evidence.json, of which
// docs/schema/evidence.schema.json tells the keys.
type Index struct {
	Kind   string `json:"kind"`
	Schema int    `json:"schema"`
	// Payrun is the version that wrote the folder, MadeAt when.
	Payrun string         `json:"payrun"`
	MadeAt time.Time      `json:"made_at"`
	Batch  ledger.BatchID `json:"batch"`
	// Ledger is the identity of the ledger, Account the place that pays.
	Ledger   string         `json:"ledger"`
	Account  string         `json:"account"`
	Currency money.Currency `json:"currency"`
	// Decimals are those of the currency: amounts of the list are whole numbers of its
	// smallest unit.
	Decimals int  `json:"decimals"`
	File     File `json:"file"`
	// FirstEvent and LastEvent bound the chain of heads, Head is the hash of its last line.
	FirstEvent uint64 `json:"first_event"`
	LastEvent  uint64 `json:"last_event"`
	Head       string `json:"head"`
	// Submissions is how often something of the batch was submitted for approval; 0 if no
	// policy ever asked for it.
	Submissions int `json:"submissions"`
	// Elsewhere are the payouts of the batch's file that another batch brought in: their
	// events are in that one's chain.
	Elsewhere []Elsewhere `json:"elsewhere"`
}

// File is the file that was last accepted as the batch.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	// Copy is its name in the folder, empty if it is not there.
	Copy string `json:"copy"`
}

// Elsewhere is a payout of another batch.
type Elsewhere struct {
	Payout ledger.TransactionID `json:"transaction_id"`
	Batch  ledger.BatchID       `json:"batch"`
}

const (
	indexKind   = "evidence"
	indexSchema = 1
)

func (i Index) encode() ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(i)
	return text.Bytes(), err
}

// parseIndex reads what encode writes, and nothing else.
func parseIndex(text []byte) (Index, error) {
	var i Index
	if err := json.Unmarshal(text, &i); err != nil {
		return i, err
	}
	if i.Kind != indexKind || i.Schema != indexSchema {
		return i, fmt.Errorf("kind %q, schema %d: this payrun reads %q, %d", i.Kind, i.Schema, indexKind, indexSchema)
	}
	written, err := i.encode()
	if err == nil && !bytes.Equal(written, text) {
		err = errors.New("not spelled as payrun writes it")
	}
	return i, err
}
