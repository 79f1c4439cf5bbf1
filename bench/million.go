package main

import (
	"context"
	"flag"
	"fmt"
	"os"
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
	if err := w.measureEnrolments(ctx); err != nil {
		return err
	}
	return w.measureRuns(ctx, tenth)
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
	url, stop, err := w.simulate(ctx, 0)
	if err != nil {
		return err
	}
	defer stop()
	for _, run := range []struct{ file, name string }{
		{"tenth.csv", "run, " + strconv.Itoa(tenth) + " rows"}, {"long.csv", "run"},
	} {
		c, err := w.run(ctx, laterPayday, run.file, url, "--rate", "0", "--workers", "64")
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
