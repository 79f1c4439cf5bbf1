package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"
	"os"
	"slices"
	"strconv"
	"time"

	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
)

// fewPaid is a small payroll, as most are.
const fewPaid = 200

// runGrown measures what commands cost on a ledger that holds much, beside one that holds
// next to nothing, in turns.
func runGrown(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("grown", flag.ContinueOnError)
	payouts := flags.Int("payouts", 1_000_000, "how many payouts the ledger holds")
	rounds := flags.Int("rounds", 5, "how often each pair is measured")
	if err := flags.Parse(args); err != nil {
		return err
	}
	w, err := newWorkplace(ctx)
	if err != nil {
		return err
	}
	defer w.remove()
	var houses [2]house
	for i, name := range []string{"small", "grown"} {
		stop, err := houses[i].open(ctx, w, name)
		if err != nil {
			return err
		}
		defer stop()
	}
	grown := houses[1]
	c, _, err := measure(ctx, grown.folder, w.self, "grow", "-ledger", "run.db", "-payouts", strconv.Itoa(*payouts))
	if err != nil {
		return err
	}
	info, err := os.Stat(grown.path("run.db"))
	if err != nil {
		return err
	}
	fmt.Printf("A ledger of %d payouts, %d MiB, made in %.0f s:\n\n", *payouts, info.Size()>>20, c.wall.Seconds())
	// What came since the last payment is checked before the next one, once.
	if c, err = grown.pay(ctx, "begin.csv", grown.url, "--rate", "0"); err != nil {
		return err
	}
	fmt.Printf("The next run checks what came: %.1f s, %d MiB.\n\n", c.wall.Seconds(), c.resident)
	fmt.Println("| command | small ledger | grown ledger | ratio | processor | memory (its own), small | memory (its own), grown |\n|---|---|---|---|---|---|---|")
	if err := compareGrown(ctx, houses, *rounds); err != nil {
		return err
	}
	c, _, err = measure(ctx, grown.folder, w.payrun, "ledger", "verify", "--ledger", "run.db")
	if err != nil {
		return err
	}
	fmt.Printf("| ledger verify | | %.2f s | | | | %d MiB |\n", c.wall.Seconds(), c.resident)
	return nil
}

// house is a company with a ledger, an account and a provider of its own.
type house struct {
	workplace
	url string
}

// open begins a house's ledger by paying a few people.
func (h *house) open(ctx context.Context, w workplace, name string) (stop func(), err error) {
	h.workplace = w
	h.folder = w.path(name)
	if err := os.Mkdir(h.folder, 0o700); err != nil {
		return nil, err
	}
	if h.url, stop, err = h.simulate(ctx, 0); err != nil {
		return nil, err
	}
	if err = h.write("begin.csv", payroll{rows: fewPaid}); err == nil {
		_, err = h.pay(ctx, "begin.csv", h.url, "--rate", "0")
	}
	if err != nil {
		stop()
		return nil, err
	}
	return stop, nil
}

func (h *house) tell(ctx context.Context, args ...string) (cost, error) {
	c, _, err := measure(ctx, h.folder, h.payrun, append(args, "--ledger", "run.db")...)
	return c, err
}

// compareGrown measures commands in two houses, in turns.
func compareGrown(ctx context.Context, houses [2]house, rounds int) error {
	plan := func(h house, file string) (cost, error) { return h.tell(ctx, "plan", file, "--api-url", h.url) }
	pay := func(h house, file string) (cost, error) { return h.pay(ctx, file, h.url, "--rate", "0") }
	month := 1
	for _, command := range []struct {
		name      string
		strangers bool
		run       func(h house, file string) (cost, error)
	}{
		{"status", true, func(h house, _ string) (cost, error) { return h.tell(ctx, "status") }},
		{"status of a batch", true, func(h house, _ string) (cost, error) { return h.tell(ctx, "status", "begin") }},
		{"plan of 200 rows, new people", true, plan},
		{"run of 200 rows, new people", true, pay},
		{"plan of 200 rows, people paid 25 times", false, plan},
		{"run of 200 rows, people paid 25 times", false, pay},
	} {
		var took [2][]float64
		var ratios, processor []float64
		var most, own [2]int
		for round := range rounds {
			month++
			costs, err := inTurns(houses, payroll{rows: fewPaid, month: month, strangers: command.strangers}, round%2 == 1, command.run)
			if err != nil {
				return err
			}
			for i, c := range costs {
				took[i] = append(took[i], c.wall.Seconds())
				most[i], own[i] = max(most[i], c.resident), max(own[i], c.anonymous)
			}
			ratios = append(ratios, costs[1].wall.Seconds()/costs[0].wall.Seconds())
			processor = append(processor, costs[1].processor.Seconds()/costs[0].processor.Seconds())
		}
		fmt.Printf("| %s | %.3f s | %.3f s | %.2f (%.2f to %.2f) | %.2f | %d (%d) MiB | %d (%d) MiB |\n", command.name,
			median(took[0]), median(took[1]), median(ratios), slices.Min(ratios), slices.Max(ratios), median(processor),
			most[0], own[0], most[1], own[1])
	}
	return nil
}

// inTurns runs a command in both houses, with the same payroll.
func inTurns(houses [2]house, p payroll, lastFirst bool, run func(h house, file string) (cost, error)) (costs [2]cost, err error) {
	turns := []int{0, 1}
	if lastFirst {
		slices.Reverse(turns)
	}
	file := fmt.Sprintf("month-%d.csv", p.month)
	for _, turn := range turns {
		if err := houses[turn].write(file, p); err != nil {
			return costs, err
		}
		if costs[turn], err = run(houses[turn], file); err != nil {
			return costs, err
		}
	}
	return costs, nil
}

// runGrow adds paid payouts to a ledger, as months of payrolls would, without a provider.
func runGrow(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("grow", flag.ContinueOnError)
	path := flags.String("ledger", "", "the ledger's `FILE`, which holds a batch")
	payouts := flags.Int("payouts", 1_000_000, "how many payouts to add")
	months := flags.Int("months", 25, "over how many `MONTHS`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	now, size := time.Now(), (*payouts+*months-1) / *months
	store, err := boltledger.Open(*path, boltledger.Options{NoSync: true, Clock: func() time.Time { return now }})
	if err != nil {
		return err
	}
	batches, err := store.Batches(ctx)
	if err == nil && len(batches) == 0 {
		err = errors.New("the ledger holds no batch")
	}
	for month := 0; err == nil && month*size < *payouts; month++ {
		now = batches[0].CreatedAt.AddDate(0, -month-1, 0)
		b := batches[0]
		b.ID, b.File = ledger.BatchID(fmt.Sprintf("old-%05d", month)), fmt.Sprintf("old-%05d.csv", month)
		b.CreatedAt, b.Release = now, nil
		p := payroll{rows: min(size, *payouts-month*size), month: 100 + month}
		if _, err = store.Enrol(ctx, b, p.entries(ctx)); err == nil {
			err = payAll(ctx, store, b.ID, p, now)
		}
	}
	return errors.Join(err, store.Close())
}

// oldID is that of the nth payout.
func (p payroll) oldID(n int) ledger.TransactionID {
	return ledger.TransactionID(fmt.Sprintf("OLD-%05d-%08d", p.month, n))
}

// entries are the rows of a payroll as a ledger takes them.
func (p payroll) entries(ctx context.Context) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		for n := range p.rows {
			who := p.person(n)
			entry := ledger.Entry{Row: n + 2, Terms: ledger.Terms{
				ID: p.oldID(n), Number: phone.E164("+225" + who.number), Name: who.name, Amount: money.XOF.Of(who.amount),
				Country: "CI", Operator: ledger.Operator(who.operator), Note: "Salaire",
			}}
			if !yield(entry, ctx.Err()) {
				return
			}
		}
	}
}

// payAll has every payout of a batch sent and paid, and closes it.
func payAll(ctx context.Context, store ledger.Store, batch ledger.BatchID, p payroll, at time.Time) error {
	if err := store.Record(ctx, ledger.Act{Code: ledger.ActReleased, Batch: batch, At: at}); err != nil {
		return err
	}
	const window = 1000
	for from := 0; from < p.rows; from += window {
		var changes []ledger.Change
		for n := from; n < min(from+window, p.rows); n++ {
			change := ledger.Change{ID: p.oldID(n), From: ledger.Queued, To: ledger.Submitting, At: at, Actor: "bench"}
			paid := change
			paid.From, paid.To = ledger.Submitting, ledger.Successful
			paid.Answer.ProviderRef = fmt.Sprintf("REF-%d-%d", p.month, n)
			changes = append(changes, change, paid)
		}
		if _, err := store.Apply(ctx, changes); err != nil {
			return err
		}
	}
	return store.Record(ctx, ledger.Act{Code: ledger.ActClosed, Batch: batch, At: at})
}
