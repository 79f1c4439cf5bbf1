package input

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// benchmarkRows is the size the project's performance targets are stated for.
const benchmarkRows = 1_000_000

func BenchmarkCSVMillionRows(b *testing.B) {
	path := writeCSV(b, benchmarkRows)
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	file, err := Open(path, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	b.SetBytes(info.Size())
	b.ReportAllocs()
	for b.Loop() {
		rows := 0
		for _, err := range file.Rows(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
			rows++
		}
		if rows != benchmarkRows {
			b.Fatalf("rows = %d, want %d", rows, benchmarkRows)
		}
	}
}

func writeCSV(tb testing.TB, rows int) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "payroll.csv")
	file, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	out := bufio.NewWriter(file)
	fmt.Fprintln(out, "transaction_id,customer_id,name,amount,operator,currency,code_country,note")
	for i := range rows {
		fmt.Fprintf(out, "PAY-%08d,07%08d,Kouassi Aya,%d,ORANGE,XOF,CI,Salaire de novembre\n", i, i, 100+i%999_900)
	}
	if err := out.Flush(); err != nil {
		tb.Fatal(err)
	}
	if err := file.Close(); err != nil {
		tb.Fatal(err)
	}
	return path
}
