package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/ledger/money"
)

// answer reads a line from the person, who may interrupt instead.
func (a *app) answer() (string, error) {
	typed := make(chan string, 1)
	// Nothing can end this read but the person; the process may end first.
	go func() {
		line, _ := bufio.NewReader(a.stdin).ReadString('\n') // what was typed before an error counts
		typed <- line
	}()
	select {
	case line := <-typed:
		return line, nil
	case <-a.accepting.Done():
		return "", engine.ErrInterrupted
	}
}

// confirm asks a person to type the total before money moves. Without a person
// it wants --yes.
func (a *app) confirm(yes bool, toPay ledger.Count, where string) error {
	if yes {
		return nil
	}
	return a.typeTotal(toPay.Amount, question{
		about:  a.text("confirm.about", "count", number(toPay.Count), "amount", toPay.Amount.String(), "environment", where),
		nobody: usage(a.text("confirm.nobody"), a.text("confirm.nobody_hint")),
		none:   usage(a.text("confirm.none")),
		wrong: func(typed string) error {
			return usage(a.text("confirm.wrong", "typed", typed, "amount", toPay.Amount.String()))
		},
	})
}

// question is what a person is asked, and what is said of answers that are none.
type question struct {
	about        string
	nobody, none error
	wrong        func(typed string) error
}

// typeTotal shows what is about to happen and goes on for a person who types what
// it comes to.
func (a *app) typeTotal(total money.XOF, q question) error {
	if !a.stdinTerminal {
		return q.nobody
	}
	writeLine(a.stderr, q.about)
	_, _ = fmt.Fprint(a.stderr, a.text("confirm.type"))
	line, err := a.answer()
	switch {
	case errors.Is(err, engine.ErrInterrupted):
		return err
	case strings.TrimSpace(line) == "":
		return q.none
	}
	typed := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, line)
	if typed != total.Plain() {
		return q.wrong(strings.TrimSpace(line))
	}
	return nil
}
