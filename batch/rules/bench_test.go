package rules_test

import (
	"fmt"
	"runtime"
	"testing"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
)

// sheetRows are as many rows as the largest sheet of a workbook holds, roughly.
const sheetRows = 1_000_000

// goodRows returns rows without a problem, as different from each other as those
// of a real file.
func goodRows(count int) []table.Row {
	spellings := []struct{ operator, prefix string }{
		{"ORANGE", "07"}, {"MTN MoMo", "05"}, {"moov money", "01"}, {"Wave CI", "07"},
	}
	rows := make([]table.Row, count)
	for i := range rows {
		spelling := spellings[i%len(spellings)]
		rows[i] = table.Row{
			Number:        i + 2,
			TransactionID: table.Cell{Text: fmt.Sprintf("PAY-2026-%07d", i)},
			Beneficiary:   table.Cell{Text: fmt.Sprintf("%s%08d", spelling.prefix, i*37%100_000_000)},
			Name:          table.Cell{Text: fmt.Sprintf("Kouamé Aminata %d", i)},
			Amount:        table.Cell{Text: fmt.Sprintf("%d 000", 5+i%900)},
			Operator:      table.Cell{Text: spelling.operator},
			Currency:      table.Cell{Text: "XOF"},
		}
	}
	return rows
}

// BenchmarkCheckAMillionRows also tells what the validator has come to remember.
func BenchmarkCheckAMillionRows(b *testing.B) {
	set := builtinRules(b)
	rows := goodRows(sheetRows)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		before := heap()
		b.StartTimer()
		v := rules.NewValidator(set, rules.Options{})
		for _, row := range rows {
			if problems := v.Check(row).Problems; len(problems) > 0 {
				b.Fatalf("row %d: %+v", row.Number, problems)
			}
		}
		b.StopTimer()
		b.ReportMetric(float64(heap()-before)/sheetRows, "remembered-B/row")
		runtime.KeepAlive(v)
		b.StartTimer()
	}
}

func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
