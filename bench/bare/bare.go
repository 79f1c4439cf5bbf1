// Package bare is the yardstick: it posts transfers to the provider as fast as net/http can,
// reads each answer, and keeps no record of anything. What is held against payrun posts by it
// as well.
package bare

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// ErrNotPaid is returned for an answer that is not a payment.
var ErrNotPaid = errors.New("not paid")

// Client posts transfers. It is safe for concurrent use.
type Client struct {
	http       *http.Client
	url, token string
}

// New returns a client of the provider at a URL, with a token, for so many requests under way
// at once.
func New(ctx context.Context, url, key, secret string, workers int) (*Client, error) {
	c := &Client{url: url, http: &http.Client{
		Timeout:   30 * time.Second,
		Transport: &http.Transport{MaxIdleConns: workers, MaxIdleConnsPerHost: workers},
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/auth", http.NoBody)
	if err != nil {
		return nil, err
	}
	request.SetBasicAuth(key, secret)
	request.Header.Set("X-Environment", "Sandbox")
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() //nolint:errcheck // it is read to its end
	var answer struct {
		Data struct {
			Token string `json:"token"`
		} `json:"data"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return nil, fmt.Errorf("authenticate: %w", err)
	}
	c.token = answer.Data.Token
	return c, nil
}

// Transfer is a transfer of the v2 dialect.
type Transfer struct {
	Country  string `json:"code_country"`
	Currency string `json:"currency"`
	Number   string `json:"customer_id"`
	Name     string `json:"name"`
	Amount   int64  `json:"amount"` // whole francs
	Operator string `json:"operator"`
	ID       string `json:"transaction_id"`
}

// To returns a transfer in the provider's words to a customer of an operator of the rules, such
// as ORANGE.
func To(id, number, name, operator string, amount int64) Transfer {
	return Transfer{
		Country: "CI", Currency: "XOF", Number: number, Name: name, Amount: amount, Operator: operator + "_MONEY_CI", ID: id,
	}
}

// Post posts a transfer and returns ErrNotPaid unless it is paid.
func (c *Client) Post(ctx context.Context, t Transfer) error {
	body, err := json.Marshal(t)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/v2/transfers/mobile-money", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("X-Environment", "Sandbox")
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // it is read to its end
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	var answer struct {
		Data struct {
			ID     string `json:"transaction_id"`
			Status string `json:"status"`
		} `json:"data"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return err
	}
	if answer.Data.Status != "SUCCESSFUL" {
		return fmt.Errorf("transfer %s: %w: %s", t.ID, ErrNotPaid, text)
	}
	return nil
}
