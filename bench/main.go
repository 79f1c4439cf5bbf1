// Command bench measures payrun against what the machine can do: a bare client
// without a ledger, in pairs within one run. docs/performance.md says what is
// measured, how, and what came out.
//
//	go run ./bench pairs      payrun run against the bare client
//	go run ./bench million    a million rows: validated, enrolled, paid, reported, reconciled, rehearsed
//	go run ./bench grown      commands on a ledger that holds much
//	go run ./bench throttled  what a few "too many requests" cost
//	go run ./bench cluster    payrun over PostgreSQL, on one machine and on three, and River
//	go run ./bench rate       the rate that is kept, as the provider sees it
//	go run ./bench client     the bare client
//	go run ./bench file       a payroll of any length
//	go run ./bench grow       a ledger of any length
//	go run ./bench pay        the path of payrun run over a chosen ledger
//
// It sends to this machine only.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
)

// errUsage is returned for a command line that makes no sense.
var errUsage = errors.New("usage")

// command is one of the things that bench does.
type command struct {
	name string
	run  func(ctx context.Context, args []string) error
}

func commands() []command {
	return []command{
		{"pairs", runPairs},
		{"throttled", runThrottled},
		{"million", runMillion},
		{"grown", runGrown},
		{"grow", runGrow},
		{"cluster", runCluster},
		{"rate", runRate},
		{"client", runClient},
		{"file", runFile},
		{"pay", runPay},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1) //nolint:forbidigo // the end of this program
	}
}

func run(ctx context.Context, args []string) error {
	known := commands()
	if len(args) > 0 {
		if at := slices.IndexFunc(known, func(c command) bool { return c.name == args[0] }); at >= 0 {
			return known[at].run(ctx, args[1:])
		}
	}
	names := make([]string, 0, len(known))
	for _, c := range known {
		names = append(names, c.name)
	}
	return fmt.Errorf("%w: go run ./bench %s", errUsage, strings.Join(names, "|"))
}
