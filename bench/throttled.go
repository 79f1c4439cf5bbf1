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
	for _, day := range []throttledDay{
		{rows: fewThrottled, name: "600"},
		{rows: fewThrottled, name: "600, no pause asked for", more: []string{"retry_after: {min: 0s, max: 0s}"}},
		{rows: fewRows, name: "4,000"},
	} {
		if err := w.write("throttled.csv", payroll{rows: day.rows, month: 1}); err != nil {
			return err
		}
		if err := w.compareThrottled(ctx, day, *workers, *rounds); err != nil {
			return err
		}
	}
	return nil
}

// fewThrottled is a payroll that ends before a pause that is asked for near its middle.
const fewThrottled = 600

// throttledDay is a payroll before a provider that turns some of it away.
type throttledDay struct {
	name string
	rows int
	// more are lines of the provider's scenario.
	more []string
}

// compareThrottled measures one after the other, in turns, at providers of their own that
// take 50 ms for an answer.
func (w workplace) compareThrottled(ctx context.Context, day throttledDay, workers, rounds int) error {
	const latency = 50 * time.Millisecond
	scenarios := [2][]string{nil, append([]string{"faults: {throttle: 1}"}, day.more...)}
	var took [2][]float64
	var ratios []float64
	for round := range rounds {
		turns := []int{0, 1}
		if round%2 == 1 {
			slices.Reverse(turns)
		}
		for _, turn := range turns {
			lines := append(slices.Clone(scenarios[turn]), fmt.Sprintf("seed: %d", round+1))
			url, stop, err := w.simulate(ctx, latency, lines...)
			if err != nil {
				return err
			}
			c, err := w.run(ctx, laterPayday, "throttled.csv", url, "--rate", "0", "--workers", strconv.Itoa(workers))
			stop()
			if err != nil {
				return err
			}
			took[turn] = append(took[turn], c.wall.Seconds())
		}
		ratios = append(ratios, took[0][round]/took[1][round])
	}
	fmt.Printf("| %s | %.1f s | %.1f s | %.2f | %.2f | %.2f |\n",
		day.name, median(took[0]), median(took[1]), median(ratios), slices.Min(ratios), slices.Max(ratios))
	return nil
}
