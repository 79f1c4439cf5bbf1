// Command mutants shows which lines of a package no test holds: it changes one operator or
// condition at a time and runs the tests that reach it.
//
// All mutants of a package are compiled into one test binary, in which an environment
// variable chooses one, so that a mutant costs the tests that reach it and no compiler. The
// working tree stays as it is: the changed files are an overlay.
//
//	mutants [-short] [-run REGEXP] [-skip REGEXP] [-only REGEXP] [-every N] [-tests PACKAGE] PACKAGE…
//
// It prints what lived and what had no end, with its line, and how many of how many were killed. A mutant that
// lives is no error.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"slices"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	var by judge
	short := flags.Bool("short", false, "run the short tests")
	flags.StringVar(&by.which, "run", "", "run the tests only of which the name matches")
	flags.StringVar(&by.skip, "skip", "", "leave out the tests of which the name matches")
	flags.IntVar(&by.workers, "workers", runtime.NumCPU(), "how many mutants are tried at once")
	flags.StringVar(&by.only, "only", "", "try the mutants only whose line in the output matches")
	flags.IntVar(&by.every, "every", 1, "try each so-many-th mutant, for a sample")
	tests := flags.String("tests", "", "the package whose tests are run, if not the mutated one's")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *short {
		by.args = append(by.args, "-test.short")
	}
	for _, pattern := range flags.Args() {
		if err := try(ctx, &by, pattern, *tests, out); err != nil {
			return fmt.Errorf("%s: %w", pattern, err)
		}
	}
	return nil
}

// progressEvery is after how many mutants the error output says how far it is.
const progressEvery = 25

// try mutates one package and tells what became of its mutants.
func try(ctx context.Context, by *judge, pattern, tests string, out io.Writer) error {
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	m, err := mutate(ctx, pattern)
	if err != nil {
		return err
	}
	if tests == "" {
		tests = pattern
	}
	if by.binary, by.folder, err = build(ctx, dir, m, tests); err != nil {
		return err
	}
	fmt.Fprintf(out, "\n== %s: %d mutants\n", m.path, len(m.mutants))
	if err := by.measure(ctx, dir); err != nil {
		return err
	}
	only, err := regexp.Compile(by.only)
	if err != nil {
		return err
	}
	mutants := slices.DeleteFunc(m.mutants, func(one mutant) bool {
		return !only.MatchString(one.String()) || one.id%max(by.every, 1) != 0
	})
	ends := map[end]int{}
	done := 0
	for tried, e := range by.tryAll(ctx, mutants) {
		ends[e]++
		if done++; done%progressEvery == 0 {
			fmt.Fprintf(os.Stderr, "%s: %d of %d\n", m.name, done, len(mutants))
		}
		if e != killed {
			fmt.Fprintf(out, "%-9s %s\n", e, tried)
		}
	}
	fmt.Fprintf(out, "%s: %d of %d killed, %d of them without an end; %d lived, of which no test reaches %d and %d failed by chance\n",
		m.path, ends[killed]+ends[endless], len(mutants), ends[endless],
		ends[lived]+ends[unreached]+ends[chance], ends[unreached], ends[chance])
	return ctx.Err()
}
