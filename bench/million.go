package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// runMillion measures a long file in each part of its way.
func runMillion(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("million", flag.ContinueOnError)
	rows := flags.Int("rows", 1_000_000, "how many rows")
	if err := flags.Parse(args); err != nil {
		return err
	}
	w, err := newWorkplace(ctx)
	if err != nil {
		return err
	}
	defer w.remove()
	tenth := *rows / 10
	for name, p := range map[string]payroll{
		"long.csv": {rows: *rows, month: 1}, "random.csv": {rows: *rows, month: 1, shuffled: true},
		"tenth.csv": {rows: tenth, month: 2},
	} {
		if err := w.write(name, p); err != nil {
			return err
		}
	}
	fmt.Printf("| %d rows | took | memory | of which not the ledger's file |\n|---|---|---|---|\n", *rows)
	c, _, err := measure(ctx, w.folder, w.payrun, "validate", "long.csv")
	if err != nil {
		return err
	}
	printCost("validate", c)
	for _, part := range []func(context.Context) error{
		w.measureEnrolments,
		func(ctx context.Context) error { return w.measureRuns(ctx, tenth) },
		func(ctx context.Context) error { return w.measureBooks(ctx, payroll{rows: *rows, month: 1}) },
		w.measureRehearsal,
	} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

func printCost(what string, c cost) {
	fmt.Printf("| %s | %.2f s | %d MiB | %d MiB |\n", what, c.wall.Seconds(), c.resident, c.anonymous)
}

// nowhere is the address of a provider that is never asked.
const nowhere = "http://127.0.0.1:9"

// measureEnrolments enters the file into a new ledger, after the look at it that
// comes before.
func (w workplace) measureEnrolments(ctx context.Context) error {
	for _, file := range []struct{ name, ids string }{{"long.csv", "in order"}, {"random.csv", "random"}} {
		if err := os.RemoveAll(w.path("bench.db")); err != nil {
			return err
		}
		c, out, err := measure(ctx, w.folder, w.self, "pay", "-file", file.name, "-until", "enrol", "-url", nowhere)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(out)) {
			if rest, found := strings.CutPrefix(line, "enrol"); found {
				seconds, _, _ := strings.Cut(strings.TrimSpace(rest), ",")
				fmt.Printf("| enrol, ids %s | %s | %d MiB | %d MiB |\n", file.ids, seconds, c.resident, c.anonymous)
			}
		}
	}
	return nil
}

// measureRuns pays a tenth of the file and then all of it: what they differ by in
// memory should be the index of ids and payments, about 100 bytes a row.
func (w workplace) measureRuns(ctx context.Context, tenth int) error {
	for _, run := range []struct{ file, name string }{
		{"tenth.csv", "run, " + strconv.Itoa(tenth) + " rows"}, {"long.csv", "run"},
	} {
		// Of its own: a provider that was paid through from another ledger is not paid through.
		url, stop, err := w.simulate(ctx, 0)
		if err != nil {
			return err
		}
		c, err := w.run(ctx, laterPayday, run.file, url, "--rate", "0", "--workers", "64")
		stop()
		if err != nil {
			return err
		}
		printCost(run.name, c)
	}
	for _, report := range []struct {
		name string
		args []string
	}{{"report, CSV and JSON", []string{"--format", "csv,json"}}, {"report, four formats", nil}} {
		args := append([]string{"report", "long", "--ledger", "run.db", "--report", "report"}, report.args...)
		c, _, err := measure(ctx, w.folder, w.payrun, args...)
		if err != nil {
			return err
		}
		printCost(report.name, c)
	}
	return nil
}

// measureBooks measures what goes through all of a ledger that measureRuns left behind: its
// export, and a comparison with a statement of as many rows, and with one of another month,
// from which every payout differs.
func (w workplace) measureBooks(ctx context.Context, paid payroll) error {
	c, _, err := measure(ctx, w.folder, w.payrun, "ledger", "export", "--ledger", "run.db")
	if err != nil {
		return err
	}
	printCost("ledger export", c)
	other := paid
	other.month++
	for _, statement := range []struct {
		name string
		of   payroll
		exit int
	}{{"reconcile, statement of the month", paid, 0}, {"reconcile, statement of another", other, differs}} {
		if err := w.writeWith("statement.csv", statement.of.writeStatement); err != nil {
			return err
		}
		c, _, err := measure(ctx, w.folder, w.payrun, "reconcile", "long", "--ledger", "run.db", "--report", "report",
			"--statement", "statement.csv")
		if err := expect(err, statement.exit); err != nil {
			return err
		}
		printCost(statement.name, c)
	}
	return nil
}

// differs is payrun's exit code for differences that nobody has resolved.
const differs = 7

// errDiffers is returned where a program did not end as it should.
var errDiffers = errors.New("it ended otherwise")

// expect passes over the error of a program that ended with the exit code.
func expect(err error, code int) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == code {
		return nil
	}
	if err == nil && code != 0 {
		return fmt.Errorf("%w: exit code 0, not %d", errDiffers, code)
	}
	return err
}

// measureRehearsal pays the file to the simulator in payrun's own process, and then once more,
// when everything was paid already.
func (w workplace) measureRehearsal(ctx context.Context) error {
	for _, name := range []string{"rehearsal", "rehearsal, again"} {
		c, _, err := measure(ctx, w.folder, w.payrun, "run", "long.csv", "--sandbox", "--ledger", "rehearsal.db", "--yes",
			"--no-progress", "--report", "rehearsal", "--rate", "0", "--workers", "64")
		if err != nil {
			return err
		}
		printCost(name, c)
	}
	return nil
}
