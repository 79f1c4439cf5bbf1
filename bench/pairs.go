package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"
)

// pairing is one comparison of payrun run, as a whole process, with the bare
// client, before the same provider.
type pairing struct {
	name     string
	latency  time.Duration
	shuffled bool
	day      payday
	// rows are fewer than those of the others, 0 for as many.
	rows int
}

// fewRows is a payroll that shows what a run costs once, however long it is.
const fewRows = 4_000

// runPairs measures each pairing several times, turn by turn, and prints the
// medians, and how far the ratios lie apart.
func runPairs(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("pairs", flag.ContinueOnError)
	rows := flags.Int("rows", 20_000, "how many payouts")
	rounds := flags.Int("rounds", 5, "how often each pair is measured")
	workers := flags.Int("workers", 64, "requests under way at once")
	if err := flags.Parse(args); err != nil {
		return err
	}
	w, err := newWorkplace(ctx)
	if err != nil {
		return err
	}
	defer w.remove()
	if err := w.writePayrolls(*rows); err != nil {
		return err
	}
	fmt.Println("| provider | ids | bare client | payrun run | ratio | least | most |\n|---|---|---|---|---|---|---|")
	const slow = 50 * time.Millisecond
	for _, p := range []pairing{
		{name: "answers at once", day: laterPayday},
		{name: "answers at once", day: laterPayday, shuffled: true},
		{name: "answers at once, new ledger", day: firstPayday},
		{name: "answers after 50 ms", latency: slow, day: laterPayday},
		{name: fmt.Sprintf("answers after 50 ms, %d payouts", fewRows), latency: slow, day: laterPayday, rows: fewRows},
	} {
		if err := w.compare(ctx, p, cmp.Or(p.rows, *rows), *workers, *rounds); err != nil {
			return err
		}
	}
	return w.compareStores(ctx, *workers, *rounds)
}

// writePayrolls writes the files that are paid.
func (w workplace) writePayrolls(rows int) error {
	for _, p := range []pairing{{}, {shuffled: true}, {rows: fewRows}} {
		if err := w.write(p.file(), payroll{rows: cmp.Or(p.rows, rows), month: 1, shuffled: p.shuffled}); err != nil {
			return err
		}
	}
	return nil
}

// file names the payroll that is paid.
func (p pairing) file() string {
	switch {
	case p.rows > 0:
		return "few.csv"
	case p.shuffled:
		return "shuffled.csv"
	default:
		return "ordered.csv"
	}
}

func (w workplace) compare(ctx context.Context, p pairing, rows, workers, rounds int) error {
	var bare, whole, ratios []float64
	for round := range rounds {
		b, r, err := w.pair(ctx, p, rows, workers, round%2 == 1)
		if err != nil {
			return err
		}
		bare, whole, ratios = append(bare, b), append(whole, r), append(ratios, r/b)
	}
	ids := "in order"
	if p.shuffled {
		ids = "random"
	}
	fmt.Printf("| %s | %s | %.0f a second | %.0f a second | %.2f | %.2f | %.2f |\n",
		p.name, ids, median(bare), median(whole), median(ratios), slices.Min(ratios), slices.Max(ratios))
	return nil
}

// pair measures one client after the other against a provider of their own, and
// returns their rates. The provider has answered as many transfers before: to the
// first it answers a little more slowly.
func (w workplace) pair(
	ctx context.Context, p pairing, rows, workers int, runFirst bool,
) (bare, whole float64, err error) {
	url, stop, err := w.simulate(ctx, p.latency)
	if err != nil {
		return 0, 0, err
	}
	defer stop()
	client := func() (cost, error) {
		c, _, err := measure(ctx, w.folder, w.self, "client",
			"-url", url, "-rows", strconv.Itoa(rows), "-workers", strconv.Itoa(workers))
		return c, err
	}
	if _, err := client(); err != nil {
		return 0, 0, err
	}
	turns := []struct {
		measure func() (cost, error)
		rate    *float64
	}{
		{client, &bare},
		{func() (cost, error) {
			return w.run(ctx, p.day, p.file(), url, "--rate", "0", "--workers", strconv.Itoa(workers))
		}, &whole},
	}
	if runFirst {
		slices.Reverse(turns)
	}
	for _, turn := range turns {
		took, err := turn.measure()
		if err != nil {
			return 0, 0, err
		}
		*turn.rate = float64(rows) / took.wall.Seconds()
	}
	return bare, whole, nil
}

// payday is a ledger's past when a run is measured.
type payday bool

const (
	// firstPayday is that of a new ledger, which is probed.
	firstPayday payday = false
	// laterPayday is any other: a small payroll of the month before was paid, so that
	// the ledger is vouched for.
	laterPayday payday = true
)

// monthBefore is how many people the payroll of the month before pays.
const monthBefore = 200

// run pays a payroll whole, with all reports, into a ledger of its own.
func (w workplace) run(ctx context.Context, day payday, file, url string, more ...string) (cost, error) {
	for _, old := range []string{"run.db", "report"} {
		if err := os.RemoveAll(w.path(old)); err != nil {
			return cost{}, err
		}
	}
	if day == laterPayday {
		if err := w.write("before.csv", payroll{rows: monthBefore}); err != nil {
			return cost{}, err
		}
		if _, err := w.pay(ctx, "before.csv", url, more...); err != nil {
			return cost{}, err
		}
	}
	return w.pay(ctx, file, url, more...)
}

func (w workplace) pay(ctx context.Context, file, url string, more ...string) (cost, error) {
	args := append([]string{
		"run", file, "--api-url", url, "--yes", "--no-progress", "--ledger", "run.db", "--report", "report",
	}, more...)
	c, _, err := measure(ctx, w.folder, w.payrun, args...)
	return c, err
}

// compareStores measures the same path over the ledger and over memory.
func (w workplace) compareStores(ctx context.Context, workers, rounds int) error {
	var ratios []float64
	for range rounds {
		var took [2]time.Duration
		for i, store := range []string{"memory", "bolt"} {
			url, stop, err := w.simulate(ctx, 0)
			if err != nil {
				return err
			}
			if err := os.RemoveAll(w.path("bench.db")); err != nil {
				return err
			}
			c, _, err := measure(ctx, w.folder, w.self, "pay", "-file", pairing{}.file(), "-url", url,
				"-store", store, "-workers", strconv.Itoa(workers))
			stop()
			if err != nil {
				return err
			}
			took[i] = c.wall
		}
		ratios = append(ratios, took[0].Seconds()/took[1].Seconds())
	}
	fmt.Printf("\nThe same over the ledger, against over memory: %.2f (%.2f to %.2f)\n",
		median(ratios), slices.Min(ratios), slices.Max(ratios))
	return nil
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
