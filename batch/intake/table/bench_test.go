package table

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/xuri/excelize/v2"
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

// BenchmarkXLSX reads a tenth of that, as a workbook.
func BenchmarkXLSX(b *testing.B) {
	const rows = benchmarkRows / 10
	file, err := Open(writeXLSX(b, rows), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	b.ReportAllocs()
	for b.Loop() {
		if read := len(collect(b, file)); read != rows {
			b.Fatalf("rows = %d, want %d", read, rows)
		}
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func writeXLSX(tb testing.TB, rows int) string {
	tb.Helper()
	file := excelize.NewFile()
	sheet, err := file.NewStreamWriter("Sheet1")
	if err != nil {
		tb.Fatal(err)
	}
	write := func(row int, cells ...any) {
		at, err := excelize.CoordinatesToCellName(1, row)
		if err == nil {
			err = sheet.SetRow(at, cells)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	write(1, "transaction_id", "customer_id", "name", "amount", "operator", "note")
	for i := range rows {
		write(i+2, fmt.Sprintf("PAY-%08d", i), fmt.Sprintf("07%08d", i), "Kouassi Aya", 100+i%999_900, "ORANGE", "Salaire")
	}
	path := filepath.Join(tb.TempDir(), "payroll.xlsx")
	if err := errors.Join(sheet.Flush(), file.SaveAs(path), file.Close()); err != nil {
		tb.Fatal(err)
	}
	return path
}
