package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"payrun/ledger"
)

// call is one that changes a batch.
type call struct {
	batch ledger.BatchID
	// key is the caller's name for it, empty for none.
	key string
	// name and asked say which call it is, and with what.
	name  string
	asked []string
}

// answered is the answer to a call as the ledger keeps it.
type answered struct {
	Call string `json:"call"`
	// Asked is the SHA-256 of what was asked.
	Asked  string          `json:"asked"`
	Answer json.RawMessage `json:"answer"`
}

// digest of several texts, which cannot be mistaken for another's.
func digest(texts ...string) string {
	sum := sha256.New()
	for _, text := range texts {
		_, _ = io.WriteString(sum, strconv.Itoa(len(text))+":"+text) // a hash takes everything
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// once does something that changes a batch, and nothing else at the same time. With a key
// it keeps the answer in the ledger, and answers the same the next time, into, without doing
// anything, and says so. What failed is not kept: it changed nothing, or would not again.
func (s *server) once(ctx context.Context, c call, into any, do func() error) (replayed string, err error) {
	err = s.changing(ctx, func() error {
		if replayed, err = s.repeated(ctx, c, into); err != nil || replayed != "" {
			return err
		}
		if err := do(); err != nil || c.key == "" {
			return err
		}
		return s.remember(ctx, c, into)
	})
	return replayed, err
}

// changing does something that changes a batch, or who may sign, and nothing else at the same time.
func (s *server) changing(ctx context.Context, do func() error) error {
	ctx, cancel := context.WithTimeout(ctx, s.Limits.Upload)
	defer cancel()
	select {
	case s.Changing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.Changing }()
	return do()
}

// repeated answers a call as it was answered before under its key, into, and says so. One without a
// key, or with another, is a new one.
func (s *server) repeated(ctx context.Context, c call, into any) (replayed string, err error) {
	if c.key == "" {
		return "", nil
	}
	name, asked := c.digests(ctx)
	before, err := s.answerOf(ctx, c.batch, name)
	switch {
	case err != nil || before == nil:
		return "", err
	case before.Call != c.name || before.Asked != asked:
		return "", problemOf(ctx, codeKeyReused, "")
	}
	return "true", json.Unmarshal(before.Answer, into)
}

// digests are hashes: of a call's key, as the ledger has it, and of what was asked.
func (c call) digests(ctx context.Context) (name, asked string) {
	return digest(callerOf(ctx).ID, c.key), digest(c.asked...)
}

// answerOf is the answer that was given under a key, nil for none.
func (s *server) answerOf(ctx context.Context, batch ledger.BatchID, name string) (*answered, error) {
	var found *answered
	for event, err := range s.Store.Acts(ctx, batch) {
		if err != nil {
			return nil, err
		}
		if event.Act != ledger.ActAnswered || event.Digest != name {
			continue
		}
		found = new(answered)
		if err := json.Unmarshal([]byte(event.Text), found); err != nil {
			return nil, fmt.Errorf("event %d has no answer: %w", event.Sequence, err)
		}
	}
	return found, nil
}

func (s *server) remember(ctx context.Context, c call, answer any) error {
	name, asked := c.digests(ctx)
	body, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	text, err := json.Marshal(answered{Call: c.name, Asked: asked, Answer: body})
	if err != nil {
		return err
	}
	by := s.actor(ctx)
	err = s.Store.Record(context.WithoutCancel(ctx), ledger.Act{
		Code: ledger.ActAnswered, Batch: c.batch, At: s.Clock().UTC(), Digest: name, Text: string(text),
		By: ledger.Person{Name: by.Person, Host: by.Host},
	})
	if err != nil {
		return fmt.Errorf("keep the answer: %w", err)
	}
	return nil
}
