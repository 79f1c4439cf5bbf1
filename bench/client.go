package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"payrun/provider/sandbox"
)

// The credentials of payrun sandbox.
const (
	apiKey    = sandbox.DefaultAPIKey
	apiSecret = sandbox.DefaultAPISecret
)

// errNotPaid is returned by the bare client for an answer that is not a payment.
var errNotPaid = errors.New("not paid")

// runClient is the yardstick: it posts transfers as fast as net/http can with so
// many workers, reads each answer, and keeps no record of anything.
func runClient(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("client", flag.ContinueOnError)
	url := flags.String("url", "", "the provider's `URL`")
	rows := flags.Int("rows", 20_000, "how many transfers")
	workers := flags.Int("workers", 64, "requests under way at once")
	cpuProfile := flags.String("cpuprofile", "", "write the CPU profile to `FILE`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	stop, err := startProfile(*cpuProfile)
	if err != nil {
		return err
	}
	started := time.Now()
	if err := errors.Join(post(ctx, *url, *rows, *workers), stop()); err != nil {
		return err
	}
	took := time.Since(started)
	fmt.Printf("%d transfers in %.3f s: %.0f a second\n", *rows, took.Seconds(), float64(*rows)/took.Seconds())
	return nil
}

func post(ctx context.Context, url string, rows, workers int) error {
	client := &http.Client{
		Timeout:   30 * time.Second,
		Transport: &http.Transport{MaxIdleConns: workers, MaxIdleConnsPerHost: workers},
	}
	token, err := authenticate(ctx, client, url)
	if err != nil {
		return err
	}
	numbers := make(chan int)
	group, ctx := errgroup.WithContext(ctx)
	for range workers {
		group.Go(func() error {
			for n := range numbers {
				if err := postOne(ctx, client, url, token, n); err != nil {
					return err
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		defer close(numbers)
		for n := range rows {
			select {
			case numbers <- n:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return group.Wait()
}

// authenticate asks for the token that one run needs.
func authenticate(ctx context.Context, client *http.Client, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/auth", http.NoBody)
	if err != nil {
		return "", err
	}
	request.SetBasicAuth(apiKey, apiSecret)
	request.Header.Set("X-Environment", "Sandbox")
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close() //nolint:errcheck // it is read to its end
	var answer struct {
		Data struct {
			Token string `json:"token"`
		} `json:"data"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return "", fmt.Errorf("authenticate: %w", err)
	}
	return answer.Data.Token, nil
}

// transfer is a transfer of the v2 dialect.
type transfer struct {
	Country  string `json:"code_country"`
	Currency string `json:"currency"`
	Number   string `json:"customer_id"`
	Name     string `json:"name"`
	Amount   int64  `json:"amount"`
	Operator string `json:"operator"`
	ID       string `json:"transaction_id"`
}

func postOne(ctx context.Context, client *http.Client, url, token string, n int) error {
	beneficiary := payroll{}.person(n)
	body, err := json.Marshal(transfer{
		Country: "CI", Currency: "XOF", Number: beneficiary.number, Name: beneficiary.name, Amount: beneficiary.amount,
		Operator: beneficiary.operator + "_MONEY_CI", ID: fmt.Sprintf("BENCH-%010d", n),
	})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v2/transfers/mobile-money", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("X-Environment", "Sandbox")
	response, err := client.Do(request)
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
		return fmt.Errorf("transfer %d: %w: %s", n, errNotPaid, text)
	}
	return nil
}
