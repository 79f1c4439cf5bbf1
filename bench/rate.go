package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"strconv"
	"time"

	"payrun/provider/sandbox"
)

// runRate pays at several rates in real time and has the simulator say how many
// transfers came in each second.
func runRate(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("rate", flag.ContinueOnError)
	seconds := flags.Int("seconds", 12, "how long each rate is kept")
	if err := flags.Parse(args); err != nil {
		return err
	}
	w, err := newWorkplace(ctx)
	if err != nil {
		return err
	}
	defer w.remove()
	fmt.Println("| --rate | transfers in any 5 s, the least | the most | furthest off |\n|---|---|---|---|")
	for _, rate := range []int{1, 10, 100, 500, 1000} {
		if err := w.measureRate(ctx, rate, *seconds); err != nil {
			return err
		}
	}
	return nil
}

func (w workplace) measureRate(ctx context.Context, rate, seconds int) error {
	if err := w.write("rate.csv", payroll{rows: rate * seconds}); err != nil {
		return err
	}
	url, stop, err := w.simulate(ctx, 0)
	if err != nil {
		return err
	}
	defer stop()
	if _, err := w.run(ctx, firstPayday, "rate.csv", url, "--rate", strconv.Itoa(rate), "--workers", "16"); err != nil {
		return err
	}
	text, err := get(ctx, url+"/_sandbox/requests")
	if err != nil {
		return err
	}
	var seen sandbox.Requests
	if err := json.Unmarshal(text, &seen); err != nil {
		return err
	}
	least, most := windows(seen.TransfersPerSecond)
	want := float64(rate * windowSeconds)
	off := max(math.Abs(float64(least)-want), math.Abs(float64(most)-want)) / want
	fmt.Printf("| %d | %d | %d | %.1f %% |\n", rate, least, most, 100*off)
	return nil
}

const windowSeconds = 5

// windows returns the least and the most transfers in five seconds in a row, the
// first and the last second left out, which are not whole.
func windows(seconds []sandbox.Second) (least, most int) {
	counts := map[int64]int{}
	for _, s := range seconds {
		counts[s.At.Unix()] = s.Transfers
	}
	first, last := seconds[0].At.Add(time.Second).Unix(), seconds[len(seconds)-1].At.Unix()-1
	least = math.MaxInt
	for begin := first; begin+windowSeconds-1 <= last; begin++ {
		sum := 0
		for at := begin; at < begin+windowSeconds; at++ {
			sum += counts[at]
		}
		least, most = min(least, sum), max(most, sum)
	}
	return least, most
}
