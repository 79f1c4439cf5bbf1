package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"payrun/ledger/canonical"
	"payrun/ledger/money"
)

// ErrLine is the kind of every complaint about a line of a log that is read again: it is
// not byte for byte as payrun writes it.
var ErrLine = errors.New("not a line of an audit log as payrun writes it")

// ParseLine reads a line of a batch's chain, or of the ledger's own, as AppendLine writes
// it, and nothing else. The event has no number and no hash, which are the chain of
// heads' to say; previous is the hash of the line before.
func ParseLine(line []byte) (event Event, previous [sha256.Size]byte, err error) {
	var read eventLine
	if err := json.Unmarshal(line, &read); err != nil {
		return Event{}, previous, fmt.Errorf("%w: %w", ErrLine, err)
	}
	if err := decodeHash(&previous, read.Previous); err != nil {
		return Event{}, previous, err
	}
	if event, err = read.event(); err != nil {
		return Event{}, previous, err
	}
	return event, previous, asWritten(line, event.AppendLine(nil, previous))
}

// ParseHeadLine reads a line of the chain of heads as AppendLine writes it, and nothing
// else.
func ParseHeadLine(line []byte) (HeadLine, error) {
	var read struct {
		Event    uint64  `json:"event"`
		Batch    BatchID `json:"batch"`
		Place    uint64  `json:"place"`
		Line     string  `json:"line"`
		Previous string  `json:"previous"`
	}
	if err := json.Unmarshal(line, &read); err != nil {
		return HeadLine{}, fmt.Errorf("%w: %w", ErrLine, err)
	}
	head := HeadLine{Event: read.Event, Batch: read.Batch, Place: read.Place}
	if err := errors.Join(decodeHash(&head.Line, read.Line), decodeHash(&head.Previous, read.Previous)); err != nil {
		return HeadLine{}, err
	}
	return head, asWritten(line, head.AppendLine(nil))
}

// Follow takes in the next line of a chain that names the hash of the line before, and
// reports whether it is the next.
func (c *Chain) Follow(line []byte, previous [sha256.Size]byte) bool {
	if previous != c.Hash {
		return false
	}
	c.add(line)
	return true
}

func asWritten(line, written []byte) error {
	if !bytes.Equal(line, written) {
		return fmt.Errorf("%w: another spelling", ErrLine)
	}
	return nil
}

func decodeHash(into *[sha256.Size]byte, text string) error {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(into) {
		return fmt.Errorf("%w: a hash that is none", ErrLine)
	}
	copy(into[:], raw)
	return nil
}

// eventLine is a line as JSON has it. What its keys leave open, such as their order, the
// comparison with the written line settles.
type eventLine struct {
	Batch      BatchID         `json:"batch"`
	Place      uint64          `json:"place"`
	At         time.Time       `json:"at"`
	Actor      string          `json:"actor"`
	Payout     TransactionID   `json:"transaction_id"`
	From       State           `json:"from"`
	To         State           `json:"to"`
	Attempt    int             `json:"attempt"`
	Reference  Reference       `json:"reference"`
	Answer     answerLine      `json:"answer"`
	Said       Said            `json:"said"`
	About      Reference       `json:"about"`
	Unused     bool            `json:"unused"`
	Terms      json.RawMessage `json:"terms"`
	Difference *differenceLine `json:"difference"`
	Resolution *Resolution     `json:"resolution"`
	Worker     string          `json:"worker"`
	Epoch      uint64          `json:"epoch"`
	Enrolled   int             `json:"enrolled"`
	First      int             `json:"first"`
	Digest     string          `json:"digest"`
	Act        ActCode         `json:"act"`
	By         Person          `json:"by"`
	Count      countLine       `json:"count"`
	Text       string          `json:"text"`
	Signature  string          `json:"signature"`
	Previous   string          `json:"previous"`
}

type answerLine struct {
	ProviderRef string `json:"provider_ref"`
	Code        string `json:"code"`
	Message     string `json:"message"`
	Fees        *struct {
		Hundredths int64          `json:"hundredths,string"`
		Currency   money.Currency `json:"currency"`
	} `json:"fees"`
}

type amountLine struct {
	Minor    int64          `json:"minor,string"`
	Currency money.Currency `json:"currency"`
}

func (a amountLine) amount() money.Amount { return a.Currency.Of(a.Minor) }

type countLine struct {
	Count int `json:"count"`
	amountLine
}

type differenceLine struct {
	Code         string     `json:"code"`
	Recorded     State      `json:"recorded"`
	Said         string     `json:"said"`
	ProviderCode string     `json:"provider_code"`
	ProviderRef  string     `json:"provider_ref"`
	Reference    Reference  `json:"reference"`
	Amount       amountLine `json:"amount"`
	At           time.Time  `json:"at"`
}

func (l *eventLine) event() (Event, error) {
	event := Event{
		Batch: l.Batch, Place: l.Place, At: l.At, Actor: l.Actor,
		Payout: l.Payout, From: l.From, To: l.To, Attempt: l.Attempt, Reference: l.Reference,
		Answer: l.Answer.answer(), Said: l.Said, About: l.About, Unused: l.Unused, Resolution: l.Resolution,
		Worker: l.Worker, Epoch: l.Epoch, Enrolled: l.Enrolled, First: l.First, Digest: l.Digest,
		Act: l.Act, By: l.By, Count: Total{Count: l.Count.Count, Amount: l.Count.amount()}, Text: l.Text, Signature: l.Signature,
	}
	if l.Terms != nil {
		payout, err := canonical.ParseLine(append(l.Terms, '\n'))
		if err != nil {
			return Event{}, fmt.Errorf("%w: %w", ErrLine, err)
		}
		terms := TermsOf(payout)
		event.Terms = &terms
	}
	if d := l.Difference; d != nil {
		event.Difference = &Difference{
			Code: d.Code, Recorded: d.Recorded, Said: d.Said, ProviderCode: d.ProviderCode,
			ProviderRef: d.ProviderRef, Reference: d.Reference, Amount: d.Amount.amount(), At: d.At,
		}
	}
	return event, nil
}

func (a answerLine) answer() Answer {
	answer := Answer{ProviderRef: a.ProviderRef, Code: a.Code, Message: a.Message}
	if a.Fees != nil {
		answer.Fees, answer.FeesKnown = a.Fees.Currency.Fine(a.Fees.Hundredths), true
	}
	return answer
}
