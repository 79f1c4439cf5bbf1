package ui

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"payrun/internal/catalogue"
	"payrun/ledger/money"
)

// Options say how a command talks. They are settings of every command.
type Options struct {
	Output    string
	LogFormat string
	LogLevel  string
	LogFile   string
	Lang      string
	// TimeZone names the zone in which times of payment are given and shown.
	TimeZone string
	zone     *time.Location

	NoProgress bool
}

// The values of Output and LogFormat.
const (
	OutputTable = "table"
	OutputJSON  = "json"
	LogConsole  = "console"
)

// JSON reports whether results are printed for scripts.
func (o *Options) JSON() bool { return o.Output == OutputJSON }

// UI talks to one person, or to a script in their place. Its streams are those of New;
// Language and Words may be set once the options are known.
type UI struct {
	*Options

	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// StdinTerminal and StderrTerminal say whether a person is there to answer and to
	// watch.
	StdinTerminal, StderrTerminal bool
	// Accepting ends when the person asks to stop.
	Accepting context.Context //nolint:containedctx // there is one for the whole invocation
	// Notices tell the person something at any moment.
	Notices *NoticeBoard
	// Commands word what the person can type next.
	Commands Commands

	Language catalogue.Language
	Words    *catalogue.Catalogue

	// printed tells that a result for scripts was printed.
	printed bool
	// lines read what a person types, nil before the first question.
	lines *bufio.Reader
	// logFile takes the log instead of standard error; nil if there is none.
	logFile *logFile
}

// Speak chooses the language of words for people.
func (u *UI) Speak(language catalogue.Language) (err error) {
	u.Language = language
	u.Words, err = catalogue.New(language)
	return err
}

// Text returns the words of a key in the person's language.
func (u *UI) Text(key string, args ...string) string { return u.Words.Text(key, args...) }

// Fees writes what may have decimals, without its currency, as the person's language does.
func (u *UI) Fees(c money.Fine) string {
	if u.Language == catalogue.French {
		return strings.Replace(c.Grouped(), ".", ",", 1)
	}
	return c.Grouped()
}

// sum writes an amount with its currency; nothing is in that of what it belongs to.
func sum(a money.Amount, in money.Currency) string {
	if a.Currency == "" {
		a = in.Of(a.Minor)
	}
	return a.Grouped() + " " + string(a.Currency)
}

// amountColumn is the title of a column of amounts. Each has its currency beside it where
// they are in several, and nothing is in none.
func (u *UI) amountColumn(c money.Currency) string {
	if c == money.Mixed {
		c = ""
	}
	return strings.TrimSpace(u.Text("column.amount", "currency", string(c)))
}

// Separator is the separator of CSV that a spreadsheet in the person's language expects.
func (u *UI) Separator() rune {
	if u.Language == catalogue.French {
		return ';'
	}
	return ','
}

// PrintObject prints a result for scripts: one object, indented, with a first key that says
// of which kind it is. The value is an object without one, whose type says all of its keys:
// the schema of the kind is held against it.
func (u *UI) PrintObject(kind string, value any) error {
	object, err := withKind(kind, value)
	if err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	u.printed = true
	encoder := json.NewEncoder(Verbatim(u.Stdout))
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(object); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

func withKind(kind string, value any) (json.RawMessage, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	rest, isObject := bytes.CutPrefix(bytes.TrimSpace(text.Bytes()), []byte("{"))
	if !isObject {
		return nil, fmt.Errorf("%T is no object", value)
	}
	first := `{"kind":` + strconv.Quote(kind)
	if len(rest) > 1 {
		first += ","
	}
	return append(json.RawMessage(first), rest...), nil
}

// labelled words what is the value of what.
func (u *UI) labelled(label, value string) string {
	return u.Text("label", "label", label, "value", value)
}

// PrintTable prints a table of the result, in a form that fits the terminal.
func (u *UI) PrintTable(t Table) error {
	if _, err := io.WriteString(u.Stdout, t.Fit(columnsOf(u.Stdout), u.labelled)); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// Say prints a line of the result.
func (u *UI) Say(format string, args ...any) error {
	if _, err := fmt.Fprintf(u.Stdout, format+"\n", args...); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// SayLines prints lines of the result, if there are any.
func (u *UI) SayLines(lines []string) error {
	if len(lines) == 0 {
		return nil
	}
	return u.Say("%s", strings.Join(lines, "\n"))
}

// SayNext names the command that goes on, if there is one.
func (u *UI) SayNext(command string) error {
	if command == "" {
		return nil
	}
	return u.Say("%s", u.Text("end.next", "command", command))
}

// Remark tells a person something beside the results. It goes to the log where
// standard error holds nothing but logs.
func (u *UI) Remark(line string) {
	if u.LogFormat == OutputJSON && u.logFile == nil {
		u.Logger().Info().Msg(line)
		return
	}
	u.Notices.Say("payrun: " + line)
}

// WriteLine writes to a stream where nobody could be told that it failed.
func WriteLine(w io.Writer, line string) {
	_, _ = io.WriteString(w, line+"\n")
}
