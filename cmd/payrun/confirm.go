package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"payrun/batch/engine"
	"payrun/ledger"
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
	if !a.stdinTerminal {
		return usage(a.text("confirm.nobody"), a.text("confirm.nobody_hint"))
	}
	writeLine(a.stderr, a.text("confirm.about", "count", number(toPay.Count), "amount", toPay.Amount.String(), "environment", where))
	_, _ = fmt.Fprint(a.stderr, a.text("confirm.type"))
	line, err := a.answer()
	switch {
	case errors.Is(err, engine.ErrInterrupted):
		return err
	case line == "":
		return usage(a.text("confirm.none"))
	}
	typed := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, line)
	if typed != toPay.Amount.Plain() {
		return usage(a.text("confirm.wrong", "typed", strings.TrimSpace(line)))
	}
	return nil
}
