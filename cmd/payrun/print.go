package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/rs/zerolog"
)

// printJSON prints a result for scripts: one object, indented.
func (a *app) printJSON(value any) error {
	encoder := json.NewEncoder(a.stdout)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// table is text in columns, the first aligned to the left and the others to the
// right, so that it can be pasted into a letter.
type table struct {
	rows [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// columnGap is the space between two columns.
const columnGap = "  "

func (t *table) String() string {
	var widths []int
	for _, row := range t.rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, row := range t.rows {
		for i, cell := range row {
			padding := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			switch {
			case i > 0:
				b.WriteString(columnGap + padding + cell)
			case len(row) > 1:
				b.WriteString(cell + padding)
			default:
				b.WriteString(cell)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func (a *app) printTable(t table) error {
	if _, err := io.WriteString(a.stdout, t.String()); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// say prints a line of the result.
func (a *app) say(format string, args ...any) error {
	if _, err := fmt.Fprintf(a.stdout, format+"\n", args...); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// logger writes to standard error in the chosen form.
func (a *app) logger() *zerolog.Logger { return a.loggerTo(a.stderr) }

func (a *app) loggerTo(w io.Writer) *zerolog.Logger {
	level, err := zerolog.ParseLevel(a.global.logLevel)
	if err != nil {
		level = zerolog.InfoLevel
	}
	out := w
	if a.global.logFormat == logConsole {
		out = zerolog.ConsoleWriter{Out: w, NoColor: !a.stderrTerminal, TimeFormat: "15:04:05"}
	}
	logger := zerolog.New(out).Level(level).With().Timestamp().Logger()
	return &logger
}
