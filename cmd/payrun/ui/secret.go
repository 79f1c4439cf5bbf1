package ui

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"
)

// ErrNoTerminal is returned where a secret would have to be typed and nobody is there.
var ErrNoTerminal = errors.New("nobody is there to type it")

// ConfirmWord shows what is about to be signed and goes on for a person who types a word.
func (u *UI) ConfirmWord(about, word string) error {
	if !u.StdinTerminal {
		return Usage(u.Text("confirm.nobody"), u.Text("confirm.nobody_hint"))
	}
	WriteLine(u.Stderr, about)
	_, _ = fmt.Fprint(u.Stderr, u.Text("sign.type", "word", word))
	line, err := u.Answer()
	if err != nil {
		return err
	}
	if strings.TrimSpace(line) != word {
		return UsageOf(Worded(u.Text("sign.none"), ErrDeclined))
	}
	return nil
}

// AskSecret reads a secret that is not shown while it is typed.
func (u *UI) AskSecret(question string) ([]byte, error) {
	terminal, is := u.Stdin.(*os.File)
	if !is || !u.StdinTerminal {
		return nil, ErrNoTerminal
	}
	_, _ = fmt.Fprint(u.Stderr, question)
	secret, err := term.ReadPassword(int(terminal.Fd()))
	WriteLine(u.Stderr, "")
	return secret, err
}
