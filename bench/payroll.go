package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
)

// beneficiary is somebody on the payroll.
type beneficiary struct {
	number, name, operator string
	amount                 int64
}

// person is the nth beneficiary, the same at each call.
func person(n int) beneficiary {
	operators := [...]struct{ name, prefix string }{{"ORANGE", "07"}, {"MTN", "05"}, {"MOOV", "01"}, {"WAVE", "07"}}
	names := [...]string{"Kouassi Aya", "Koné Ibrahim", "Traoré Fatou", "Yao N'Guessan", "Bamba Salif", "Konan Adjoua"}
	operator := operators[n%len(operators)]
	return beneficiary{
		number: fmt.Sprintf("%s%08d", operator.prefix, n), name: names[n%len(names)], operator: operator.name,
		amount: int64(1_000 + 5*(n%40_000)),
	}
}

// runFile writes a payroll as CSV to standard output.
func runFile(_ context.Context, args []string) error {
	flags := flag.NewFlagSet("file", flag.ContinueOnError)
	rows := flags.Int("rows", 20_000, "how many rows")
	shuffled := flags.Bool("shuffled", false, "ids in no order")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return writePayroll(os.Stdout, *rows, *shuffled)
}

// writePayroll writes a payroll of eight columns. Shuffled ids are random, so
// that each falls anywhere among the others, and the same each time.
func writePayroll(w io.Writer, rows int, shuffled bool) error {
	out := bufio.NewWriterSize(w, 1<<20)
	random := rand.New(rand.NewPCG(1, uint64(rows))) //nolint:gosec // the same file each time
	if _, err := fmt.Fprintln(out, "transaction_id,customer_id,name,amount,operator,currency,code_country,note"); err != nil {
		return err
	}
	for n := range rows {
		p := person(n)
		id := fmt.Sprintf("PAY-%010d", n)
		if shuffled {
			id = fmt.Sprintf("%016x", random.Uint64())
		}
		if _, err := fmt.Fprintf(out, "%s,%s,%s,%d,%s,XOF,CI,November\n", id, p.number, p.name, p.amount, p.operator); err != nil {
			return err
		}
	}
	return out.Flush()
}
