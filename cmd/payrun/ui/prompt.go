package ui

import (
	"bufio"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/ledger/money"
)

// Answer reads a line from the person, who may interrupt instead.
func (u *UI) Answer() (string, error) {
	if u.lines == nil {
		u.lines = bufio.NewReader(u.Stdin)
	}
	lines, typed := u.lines, make(chan string, 1)
	// Nothing can end this read but the person; the process may end first.
	go func() {
		line, _ := lines.ReadString('\n') // what was typed before an error counts
		typed <- line
	}()
	select {
	case line := <-typed:
		lineTyped(u.Stderr)
		return line, nil
	case <-u.Accepting.Done():
		return "", engine.ErrInterrupted
	}
}

// ErrDeclined is the error for a person who was asked and did not type the total.
var ErrDeclined = errors.New("not confirmed")

// Confirm asks a person to type the total before money moves, some of which may be in
// doubt. Without a person it wants --yes.
func (u *UI) Confirm(yes bool, total, inDoubt ledger.Total, where string) error {
	about := u.Text("confirm.about", "count", strconv.Itoa(total.Count), "amount", total.Amount.String(), "environment", where)
	return u.ConfirmTotal(yes, total.Amount, about+u.doubt(inDoubt))
}

// doubt says, in a line of its own, how much of what is confirmed is in doubt, if any is.
func (u *UI) doubt(inDoubt ledger.Total) string {
	if inDoubt.Count == 0 {
		return ""
	}
	return "\n" + u.Text("confirm.in_doubt", "count", strconv.Itoa(inDoubt.Count), "amount", inDoubt.Amount.String())
}

// ConfirmTotal is Confirm for a payment that is described otherwise.
func (u *UI) ConfirmTotal(yes bool, total money.Amount, about string) error {
	if yes {
		return nil
	}
	declined := func(sentence string) error { return UsageOf(Worded(sentence, ErrDeclined)) }
	return u.TypeTotal(total, Question{
		About:  about,
		Nobody: Usage(u.Text("confirm.nobody"), u.Text("confirm.nobody_hint")),
		None:   declined(u.Text("confirm.none")),
		Wrong: func(typed string) error {
			return declined(u.Text("confirm.wrong", "typed", typed, "amount", total.String()))
		},
	})
}

// Question is put to a person before money moves.
type Question struct {
	// About says what is about to happen.
	About string
	// Nobody is the error where no person is there to ask, None that of an empty answer,
	// and Wrong that of another answer.
	Nobody, None error
	Wrong        func(typed string) error
}

// TypeTotal shows what is about to happen and goes on for a person who types what
// it comes to.
func (u *UI) TypeTotal(total money.Amount, q Question) error {
	if !u.StdinTerminal {
		return q.Nobody
	}
	WriteLine(u.Stderr, q.About)
	for left := AnswersTaken - 1; ; left-- {
		_, _ = fmt.Fprint(u.Stderr, u.askTotal(total.Currency))
		line, err := u.Answer()
		switch {
		case errors.Is(err, engine.ErrInterrupted):
			return err
		case strings.TrimSpace(line) == "":
			return q.None
		case isTotal(line, total):
			return nil
		case left == 0, IsNo(line):
			return q.Wrong(strings.TrimSpace(line))
		}
		WriteLine(u.Stderr, u.Text("confirm.again", "typed", strings.TrimSpace(line), "amount", total.String(), "count", strconv.Itoa(left)))
	}
}

// AnswersTaken is the number of answers that a person has: who types "yes" or mistypes a figure
// means to go on, and has seen everything already.
const AnswersTaken = 3

// IsNo reports whether an answer says no, which is not asked again.
func IsNo(line string) bool {
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "n", "no", "non", "q":
		return true
	default:
		return false
	}
}

// askTotal asks for a sum in a currency.
func (u *UI) askTotal(c money.Currency) string {
	if c == money.XOF {
		return u.Text("confirm.type")
	}
	return u.Text("confirm.type_currency", "currency", string(c))
}

// isTotal reports whether an answer is the total: its digits, and where the currency has
// decimals, all of them behind a point or comma.
func isTotal(line string, total money.Amount) bool {
	if total.Currency.Digits() == 0 {
		return digitsOf(line) == total.Plain()
	}
	typed := strings.TrimSuffix(strings.ToUpper(strings.Join(strings.Fields(line), "")), string(total.Currency))
	return strings.Replace(typed, ",", ".", 1) == total.Plain()
}

func digitsOf(line string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, line)
}

// AskRepeats has a person type how many rows repeat a payment, until an answer is right.
func (u *UI) AskRepeats(count int, right func(answer string) bool) error {
	WriteLine(u.Stderr, u.Text("repeat.about", "count", strconv.Itoa(count)))
	for left := AnswersTaken - 1; ; left-- {
		_, _ = fmt.Fprint(u.Stderr, u.Text("repeat.type"))
		line, err := u.Answer()
		if err != nil {
			return err
		}
		if right(line) {
			return nil
		}
		if left == 0 || strings.TrimSpace(line) == "" || IsNo(line) {
			return Usage(u.Text("repeat.none", "count", strconv.Itoa(count)))
		}
		WriteLine(u.Stderr, u.Text("repeat.again", "typed", strings.TrimSpace(line), "count", strconv.Itoa(left)))
	}
}
