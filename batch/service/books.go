package service

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"payrun/batch/audit"
	"payrun/ledger"
	"payrun/ledger/anchor"
	"payrun/ledger/money"
	"payrun/reports"
)

// PastHead is where a ledger's log stood once, as somebody else kept it.
type PastHead = audit.Past

// ReadPastHead takes a past head from a JSON report, which source names. It is
// reports.ErrNoHead for one that has none, and anchor.ErrCheckpoint for a checkpoint that
// does not hold.
func ReadPastHead(report io.Reader, source string) (PastHead, error) {
	said, err := reports.ReadLogHead(report)
	if err != nil {
		return PastHead{}, err
	}
	known := PastHead{Source: source, Head: anchor.Head{Events: said.Events, Hash: said.Hash}}
	if said.Checkpoint == "" {
		return known, nil
	}
	known.Key = said.Key
	if known.Ledger, known.Head, err = anchor.Verify(said.Checkpoint, said.Key); err != nil {
		return PastHead{}, err
	}
	if known.Head.Events != said.Events || known.Head.Hash != said.Hash {
		return PastHead{}, fmt.Errorf("%w: it names another head than its checkpoint", anchor.ErrCheckpoint)
	}
	return known, nil
}

// RewrittenError names a past head that a ledger's log does not hold.
type RewrittenError struct{ PastHead }

func (e *RewrittenError) Error() string {
	return fmt.Sprintf("the ledger is not the one of which that was written: %s has %s after %d events", e.Source, e.Head.Hash, e.Head.Events)
}

// Anchored returns the head that the ledger's own anchor has: the one of the last window
// that was sent. It is known if there is one. An older ledger, such as a backup, does not
// reach that far: that is no damage.
func (s *Service) Anchored(ctx context.Context) (own PastHead, known, older bool, err error) {
	identity, err := s.config.Ledger.Identity(ctx)
	if err != nil || s.config.Anchors == nil {
		return own, false, false, err
	}
	found, known, _, err := s.config.Anchors.Of(identity.ID)
	if err != nil || !known {
		return own, false, false, err
	}
	events, _, err := s.config.Ledger.Head(ctx)
	return PastHead{Source: s.config.Anchors.File(identity.ID), Head: found.Head, Ledger: identity.ID}, true, found.Head.Events > events, err
}

// Verify proves that the ledger holds together, and holds past heads against its log: a
// *RewrittenError names the first that is not in it, a *ledger.CorruptError is damage.
func (s *Service) Verify(ctx context.Context, past ...PastHead) (ledger.Verification, error) {
	found, err := s.config.Ledger.Verify(ctx)
	if err != nil {
		return found, fmt.Errorf("verify the ledger: %w", err)
	}
	identity, err := s.config.Ledger.Identity(ctx)
	if err != nil {
		return found, err
	}
	for _, known := range past {
		hash, err := s.config.Ledger.HashAt(ctx, known.Head.Events)
		if err != nil {
			return found, err
		}
		if hash != known.Head.Hash || (known.Ledger != "" && known.Ledger != identity.ID) {
			return found, &RewrittenError{known}
		}
	}
	return found, nil
}

// Export writes every batch, payout, rejected row and event of the ledger, a JSON object a
// line, whose key "kind" says which. Amounts are in the form of money.Exact.
func (s *Service) Export(ctx context.Context, w io.Writer) error {
	options := json.JoinOptions(jsonv1.DefaultOptionsV1(), jsontext.EscapeForHTML(false), money.Exact())
	write := func(line any) error {
		text, err := json.Marshal(line, options)
		if err == nil {
			_, err = w.Write(append(text, '\n'))
		}
		return err
	}
	store := s.config.Ledger
	batches, err := store.Batches(ctx)
	if err != nil {
		return err
	}
	for _, b := range batches {
		if err := write(batchLine{"batch", b}); err != nil {
			return err
		}
		for payout, err := range store.Payouts(ctx, b.ID) {
			if err := errors.Join(err, write(payoutLine{"payout", b.ID, payout})); err != nil {
				return err
			}
		}
		for entry, err := range store.RejectedRows(ctx, b.ID, 0) {
			if err := errors.Join(err, write(rejectedLine{"rejected", b.ID, entry})); err != nil {
				return err
			}
		}
	}
	for event, err := range store.Events(ctx, 0) {
		if err := errors.Join(err, write(eventLine{"event", event})); err != nil {
			return err
		}
	}
	return nil
}

type batchLine struct {
	Kind string `json:"kind"`
	ledger.Batch
}

type payoutLine struct {
	Kind     string         `json:"kind"`
	MemberOf ledger.BatchID `json:"member_of"`
	ledger.Payout
}

type rejectedLine struct {
	Kind     string         `json:"kind"`
	MemberOf ledger.BatchID `json:"member_of"`
	ledger.Entry
}

type eventLine struct {
	Kind string `json:"kind"`
	ledger.Event
}
