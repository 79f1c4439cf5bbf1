// Package webhook tells a URL what happened to batches, signed as Standard Webhooks has it, so
// that whoever receives a call knows who made it, and that nobody changed or replayed it.
//
// It follows no redirect and keeps no answer. Whatever address it is given it calls: which ones it
// may reach is a matter of the machine's network.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"payrun/batch/outbox"
	"payrun/ledger"
	"payrun/provider"
)

// secretPrefix begins a secret, as Standard Webhooks has it.
const secretPrefix = "whsec_"

// The bounds of a secret's length, in bytes.
const (
	secretMin = 24
	secretMax = 64
)

// The errors of settings.
var (
	ErrURL    = errors.New("not an address with https, or of this machine")
	ErrSecret = errors.New("not a secret of 24 to 64 bytes in base64 behind " + secretPrefix)
)

// Sender calls one URL. It is safe for concurrent use.
type Sender struct {
	url     string
	secrets [][]byte
	client  *http.Client
	clock   func() time.Time
}

// New returns a sender. Secrets are separated by spaces: a call is signed with each, so that one
// can follow another while both are believed. The error is ErrURL or ErrSecret.
func New(address, secrets string, clock func() time.Time) (*Sender, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "https" && (u.Scheme != "http" || !provider.IsLoopback(u.Hostname()))) {
		return nil, ErrURL
	}
	s := &Sender{url: address, clock: clock, client: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	for text := range strings.FieldsSeq(secrets) {
		secret, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, secretPrefix))
		if err != nil || len(secret) < secretMin || len(secret) > secretMax {
			return nil, ErrSecret
		}
		s.secrets = append(s.secrets, secret)
	}
	if len(s.secrets) == 0 {
		return nil, ErrSecret
	}
	return s, nil
}

// message is the body of a call.
type message struct {
	Type      ledger.ActCode `json:"type"`
	Timestamp time.Time      `json:"timestamp"`
	Data      data           `json:"data"`
}

type data struct {
	Event    uint64            `json:"event"`
	Batch    ledger.BatchID    `json:"batch"`
	State    ledger.BatchState `json:"state"`
	Currency string            `json:"currency"`
	By       string            `json:"by,omitempty"`
	Count    int               `json:"count,omitempty"`
	Amount   json.Number       `json:"amount,omitempty"`
	Code     string            `json:"code,omitempty"`
	// Payouts are those of the batch by state when the call is made.
	Payouts map[string]total `json:"payouts"`
}

type total struct {
	Count  int         `json:"count"`
	Amount json.Number `json:"amount"`
}

func messageOf(f outbox.Fact) message {
	d := data{
		Event: f.Event, Batch: f.Batch.ID, State: f.Batch.State, Currency: string(f.Batch.Currency), By: f.By, Code: f.Code, Payouts: map[string]total{},
	}
	if f.Count.Count > 0 {
		d.Count, d.Amount = f.Count.Count, json.Number(f.Count.Amount.Plain())
	}
	for state, one := range f.States.Present() {
		d.Payouts[state.String()] = total{one.Count, json.Number(one.Amount.Plain())}
	}
	return message{Type: f.Kind, Timestamp: f.At, Data: d}
}

// answerMax bounds what is read of an answer.
const answerMax = 4 << 10

// Send implements outbox.Sender.
func (s *Sender) Send(ctx context.Context, fact outbox.Fact) error {
	body, err := json.Marshal(messageOf(fact))
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return errors.New("the address cannot be called")
	}
	at := strconv.FormatInt(s.clock().Unix(), 10)
	signatures := make([]string, 0, len(s.secrets))
	for _, secret := range s.secrets {
		signatures = append(signatures, sign(secret, fact.ID, at, body))
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "payrun")
	request.Header.Set("Webhook-Id", fact.ID)
	request.Header.Set("Webhook-Timestamp", at)
	request.Header.Set("Webhook-Signature", strings.Join(signatures, " "))
	response, err := s.client.Do(request)
	if err != nil {
		return withoutAddress(err)
	}
	defer response.Body.Close() //nolint:errcheck // only read
	_, _ = io.CopyN(io.Discard, response.Body, answerMax)
	switch {
	case response.StatusCode == http.StatusGone:
		return outbox.ErrGone
	case response.StatusCode/100 != 2:
		return fmt.Errorf("answered %d", response.StatusCode)
	}
	return nil
}

// withoutAddress is an error of a call without the address, which may have a secret in it.
func withoutAddress(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}

// sign is the signature of a call as its header has it.
func sign(secret []byte, id, at string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	for _, part := range [][]byte{[]byte(id), []byte("."), []byte(at), []byte("."), body} {
		_, _ = mac.Write(part) // a hash takes everything
	}
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
