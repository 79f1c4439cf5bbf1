package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"payrun/ledger/pgledger/pgtest"
)

// shared is a workplace with a PostgreSQL server of its own, which keeps what it answers.
type shared struct {
	workplace
	server  *pgtest.Server
	workers int
	// river is the program of the peer, empty without.
	river   string
	schemas int
}

// runCluster measures payrun over PostgreSQL against the bare client, three processes against
// one, and the same posts by River over the same server; and what a window costs when the
// ledger holds much.
func runCluster(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("cluster", flag.ContinueOnError)
	rows := flags.Int("rows", 20_000, "how many payouts where the provider answers at once")
	few := flags.Int("few", fewRows, "how many where it takes 50 ms")
	rounds := flags.Int("rounds", 3, "how often each is measured")
	workers := flags.Int("workers", 64, "requests under way at once, of each process")
	grown := flags.Int("grown", 1_000_000, "how many finished payouts the ledger holds at last; 0 leaves it out")
	peer := flags.Bool("river", true, "measure River as well")
	if err := flags.Parse(args); err != nil {
		return err
	}
	w, err := newWorkplace(ctx)
	if err != nil {
		return err
	}
	defer w.remove()
	s := shared{workplace: w, workers: *workers}
	if *peer {
		s.river = w.path("river")
		if _, _, err := measure(ctx, "bench/river", "go", "build", "-o", s.river, "."); err != nil {
			return err
		}
	}
	if s.server, err = pgtest.Start("-c", "shared_buffers=256MB", "-c", "max_wal_size=4GB"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.server.Remove()) }()
	const slow = 50 * time.Millisecond
	if *rounds > 0 {
		fmt.Println("| provider | payouts | bare client | one process | to bare | three processes | to one | River | payrun to River |\n|---|---|---|---|---|---|---|---|---|")
	}
	for _, p := range []pairing{{name: "answers at once", rows: *rows}, {name: "answers after 50 ms", rows: *few, latency: slow}} {
		if err := s.compare(ctx, p, *rounds); err != nil {
			return err
		}
	}
	if *grown > 0 {
		return s.compareGrown(ctx, *grown)
	}
	return nil
}

// way is one of the ways to pay a file. It returns how long that took.
type way func(ctx context.Context, p pairing, url string) (time.Duration, error)

// compare measures each way with a provider of its own, in turns that begin elsewhere each
// round, and prints the medians.
func (s *shared) compare(ctx context.Context, p pairing, rounds int) error {
	if err := s.write("cluster.csv", payroll{rows: p.rows, month: 1, shuffled: true}); err != nil {
		return err
	}
	ways := []way{s.bare, s.one, s.three}
	if s.river != "" {
		ways = append(ways, s.byRiver)
	}
	rates, toBare, toOne, toRiver := make([][]float64, len(ways)), []float64{}, []float64{}, []float64{}
	for round := range rounds {
		at := make([]float64, len(ways))
		for turn := range ways {
			which := (turn + round) % len(ways)
			took, err := s.before(ctx, p, ways[which])
			if err != nil {
				return err
			}
			at[which] = float64(p.rows) / took.Seconds()
			rates[which] = append(rates[which], at[which])
		}
		toBare, toOne = append(toBare, at[1]/at[0]), append(toOne, at[2]/at[1])
		if s.river != "" {
			toRiver = append(toRiver, at[1]/at[3])
		}
	}
	if rounds == 0 {
		return nil
	}
	line := fmt.Sprintf("| %s | %d | %.0f a second | %.0f a second | %s | %.0f a second | %s |",
		p.name, p.rows, median(rates[0]), median(rates[1]), spread(toBare), median(rates[2]), spread(toOne))
	if s.river != "" {
		line += fmt.Sprintf(" %.0f a second | %s |", median(rates[3]), spread(toRiver))
	}
	fmt.Println(line)
	return nil
}

// spread is the median of ratios, and the least and the most beside it.
func spread(ratios []float64) string {
	return fmt.Sprintf("%.2f (%.2f to %.2f)", median(ratios), slices.Min(ratios), slices.Max(ratios))
}

// before has a way pay at a provider that has answered as many transfers before.
func (s *shared) before(ctx context.Context, p pairing, pay way) (time.Duration, error) {
	url, stop, err := s.simulate(ctx, p.latency)
	if err != nil {
		return 0, err
	}
	defer stop()
	if _, err := s.bare(ctx, p, url); err != nil {
		return 0, err
	}
	if err := s.exec(ctx, "checkpoint"); err != nil {
		return 0, err
	}
	return pay(ctx, p, url)
}

func (s *shared) exec(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, s.server.Address("public"))
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, sql)
	return errors.Join(err, conn.Close(ctx))
}

// bare is the bare client.
func (s *shared) bare(ctx context.Context, p pairing, url string) (time.Duration, error) {
	c, _, err := measure(ctx, s.folder, s.self, "client", "-url", url, "-rows", strconv.Itoa(p.rows), "-workers", strconv.Itoa(s.workers))
	return c.wall, err
}

// schema returns a new one, and what removes it.
func (s *shared) schema() (address string, drop func(context.Context) error) {
	s.schemas++
	name := "bench" + strconv.Itoa(s.schemas)
	return s.server.Address(name), func(ctx context.Context) error {
		return s.exec(ctx, "drop schema if exists "+name+" cascade")
	}
}

// ledger begins one that is vouched for by a small payroll of the month before.
func (s *shared) ledger(ctx context.Context, url string) (flags []string, drop func(context.Context) error, err error) {
	address, drop := s.schema()
	flags = []string{"--ledger", address, "--rate", "0", "--workers", strconv.Itoa(s.workers)}
	if err := s.write("before.csv", payroll{rows: monthBefore}); err != nil {
		return nil, drop, err
	}
	if _, _, err := measure(ctx, s.folder, s.payrun, "ledger", "init", "--ledger", address); err != nil {
		return nil, drop, err
	}
	_, err = s.pay(ctx, "before.csv", url, flags...)
	return flags, drop, err
}

// one is payrun run, as a whole process, with all reports.
func (s *shared) one(ctx context.Context, _ pairing, url string) (took time.Duration, err error) {
	flags, drop, err := s.ledger(ctx, url)
	defer func() { err = errors.Join(err, drop(ctx)) }()
	if err != nil {
		return 0, err
	}
	c, err := s.pay(ctx, "cluster.csv", url, flags...)
	return c.wall, err
}

// three is payrun run beside two payrun work that wait for something to do.
func (s *shared) three(ctx context.Context, _ pairing, url string) (took time.Duration, err error) {
	flags, drop, err := s.ledger(ctx, url)
	defer func() { err = errors.Join(err, drop(ctx)) }()
	if err != nil {
		return 0, err
	}
	for range 2 {
		cmd := exec.CommandContext(ctx, s.payrun, append([]string{"work", "--api-url", url}, flags...)...) //nolint:gosec // our own
		cmd.Dir, cmd.Env = s.folder, environment(s.folder)
		var out strings.Builder
		cmd.Stderr = &out
		if err := cmd.Start(); err != nil {
			return 0, err
		}
		defer func() {
			ended := errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait())
			if ended != nil {
				err = errors.Join(err, fmt.Errorf("payrun work: %w\n%s", ended, out.String()))
			}
		}()
	}
	const begin = time.Second // they open the ledger meanwhile
	select {
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(begin):
	}
	c, err := s.pay(ctx, "cluster.csv", url, flags...)
	return c.wall, err
}

// byRiver enters the file as jobs of River and has them worked off. Its own tables are made
// before that.
func (s *shared) byRiver(ctx context.Context, _ pairing, url string) (took time.Duration, err error) {
	address, drop := s.schema()
	defer func() { err = errors.Join(err, drop(ctx)) }()
	_, out, err := measure(ctx, s.folder, s.river, "-url", url, "-file", s.path("cluster.csv"), "-database", address,
		"-key", apiKey, "-secret", apiSecret, "-workers", strconv.Itoa(s.workers))
	if err != nil {
		return 0, err
	}
	var count int
	var seconds float64
	if _, err := fmt.Sscanf(string(out), "%d jobs in %f s", &count, &seconds); err != nil {
		return 0, fmt.Errorf("river said %q: %w", out, err)
	}
	return time.Duration(cmp.Or(seconds, 1e-9) * float64(time.Second)), nil
}
