package reports

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	exact "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"payrun/ledger/money"
)

// LogHead is where a ledger's audit log stood when a report was written.
type LogHead struct {
	Events uint64 `json:"ledger_events"`
	Hash   string `json:"ledger_head"`
	// Checkpoint is the head signed, empty if nobody signed it, and Key the public half of
	// the key.
	Checkpoint string `json:"ledger_checkpoint"`
	Key        string `json:"ledger_checkpoint_key"`
}

// ErrNoHead is returned for what is no JSON report, or one of a ledger without a log.
var ErrNoHead = errors.New("not a JSON report with the head of a log")

// ReadLogHead takes from a JSON report what it says of the ledger's log. A report of a
// million rows is not kept: all but its summary is passed over.
func ReadLogHead(r io.Reader) (LogHead, error) {
	var head LogHead
	text, err := readMember(bufio.NewReader(r), "summary")
	if err == nil {
		err = json.Unmarshal(text, &head)
	}
	if err != nil {
		return LogHead{}, fmt.Errorf("%w: %w", ErrNoHead, err)
	}
	if head.Events == 0 {
		return LogHead{}, ErrNoHead
	}
	return head, nil
}

// SummaryIn takes the summary from a JSON report, as ReadLogHead does.
func SummaryIn(r io.Reader) (Summary, error) {
	text, err := readMember(bufio.NewReader(r), "summary")
	var in struct {
		Currency money.Currency `json:"currency"`
	}
	if err == nil {
		err = json.Unmarshal(text, &in)
	}
	var sum Summary
	if err == nil {
		err = exact.Unmarshal(text, &sum, money.In(in.Currency))
	}
	if err != nil {
		return Summary{}, fmt.Errorf("not a JSON report: %w", err)
	}
	return sum, nil
}

// readMember returns the value of a member of the JSON object that a reader holds.
func readMember(r io.Reader, name string) ([]byte, error) {
	decoder := jsontext.NewDecoder(r)
	if _, err := decoder.ReadToken(); err != nil {
		return nil, err
	}
	for decoder.PeekKind() == '"' {
		key, err := decoder.ReadToken()
		if err != nil {
			return nil, err
		}
		if key.String() == name {
			return decoder.ReadValue()
		}
		if err := decoder.SkipValue(); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("no member %q", name)
}
