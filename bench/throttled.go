package main

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// runThrottled measures what a few "too many requests" cost: a run at a provider that
// answers one request in a hundred so, at random, against the same run without them.
func runThrottled(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("throttled", flag.ContinueOnError)
	rounds := flags.Int("rounds", 5, "how often each pair is measured")
	workers := flags.Int("workers", 16, "requests under way at once")
	if err := flags.Parse(args); err != nil {
		return err
	}
	w, err := newWorkplace(ctx)
	if err != nil {
		return err
	}
	defer w.remove()
	fmt.Println("| payouts | none turned away | 1 % turned away | ratio | least | most |\n|---|---|---|---|---|---|")
	for _, rows := range []int{600, 4_000} {
		if err := w.write("throttled.csv", payroll{rows: rows, month: 1}); err != nil {
			return err
		}
		if err := w.compareThrottled(ctx, rows, *workers, *rounds); err != nil {
			return err
		}
	}
	return nil
}

// compareThrottled measures one after the other, in turns, at providers of their own that
// take 50 ms for an answer.
func (w workplace) compareThrottled(ctx context.Context, rows, workers, rounds int) error {
	const latency = 50 * time.Millisecond
	days := [][]string{nil, {"faults: {throttle: 1}"}}
	var took [2][]float64
	var ratios []float64
	for round := range rounds {
		turns := []int{0, 1}
		if round%2 == 1 {
			slices.Reverse(turns)
		}
		for _, day := range turns {
			url, stop, err := w.simulate(ctx, latency, append(days[day], fmt.Sprintf("seed: %d", round+1))...)
			if err != nil {
				return err
			}
			c, err := w.run(ctx, laterPayday, "throttled.csv", url, "--rate", "0", "--workers", strconv.Itoa(workers))
			stop()
			if err != nil {
				return err
			}
			took[day] = append(took[day], c.wall.Seconds())
		}
		ratios = append(ratios, took[0][round]/took[1][round])
	}
	fmt.Printf("| %d | %.1f s | %.1f s | %.2f | %.2f | %.2f |\n",
		rows, median(took[0]), median(took[1]), median(ratios), slices.Min(ratios), slices.Max(ratios))
	return nil
}
