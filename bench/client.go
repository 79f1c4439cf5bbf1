package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"payrun/bench/bare"
	"payrun/provider/sandbox"
)

// The credentials of payrun sandbox.
const (
	apiKey    = sandbox.DefaultAPIKey
	apiSecret = sandbox.DefaultAPISecret
)

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
	client, err := bare.New(ctx, url, apiKey, apiSecret, workers)
	if err != nil {
		return err
	}
	numbers := make(chan int)
	group, ctx := errgroup.WithContext(ctx)
	for range workers {
		group.Go(func() error {
			for n := range numbers {
				who := payroll{}.person(n)
				if err := client.Post(ctx, bare.To(fmt.Sprintf("BENCH-%010d", n), who.number, who.name, who.operator, who.amount)); err != nil {
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
