package mapping

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger/money"
)

// samplesKept bounds the cells of a column that are shown to a person.
const samplesKept = 3

// Weight sums up a column's cells.
type Weight struct {
	// Samples are the first different cells that are not blank, three at most.
	Samples []string
	// Filled counts the rows with something in the column, Amounts those among them
	// that can be read as an amount, and Sum adds these up.
	Filled, Amounts int
	Sum             money.Amount
}

// Weigh reads a file to its end and returns what each of its columns holds, from the
// left. Where it is decided which column has the numbers, rows without one do not
// count: they are totals and notes. Read counts all rows as they are read, nil nothing. The error is
// that of File.Records.
func Weigh(ctx context.Context, file *table.File, currency money.Currency, read *atomic.Int64) ([]Weight, error) {
	info := file.Info()
	weights := make([]Weight, len(info.Columns))
	person := slices.Index(info.Fields, table.FieldNumber)
	for record, err := range file.Records(ctx) {
		if err != nil {
			return nil, err
		}
		if read != nil {
			read.Add(1)
		}
		if record.Number <= info.HeaderRow || record.Problem != "" || person >= 0 && cell(record, person) == "" {
			continue
		}
		for i := range weights {
			if text := cell(record, i); text != "" {
				weights[i].add(currency, text)
			}
		}
	}
	return weights, nil
}

func cell(r table.Record, column int) string {
	if column >= len(r.Cells) {
		return ""
	}
	return strings.TrimSpace(r.Cells[column])
}

func (w *Weight) add(currency money.Currency, text string) {
	w.Filled++
	if amount, code := rules.ParseAmount(currency, text); code == "" {
		w.Amounts++
		w.Sum = w.Sum.Plus(amount)
	}
	const longest = 40
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest]) + "…"
	}
	if len(w.Samples) < samplesKept && !slices.Contains(w.Samples, text) {
		w.Samples = append(w.Samples, strings.Clone(text))
	}
}
