package ui

import (
	"errors"
	"strings"

	"payrun/internal/catalogue"
)

// UsageError is an error of the person who typed the command, with what they can do
// about it.
type UsageError struct {
	Err   error
	Hints []string
}

func (e *UsageError) Error() string { return e.Err.Error() }
func (e *UsageError) Unwrap() error { return e.Err }

// Usage is a UsageError in words of the person's language.
func Usage(message string, hints ...string) error { return UsageOf(Worded(message, nil), hints...) }

// UsageOf is a UsageError with a cause.
func UsageOf(err error, hints ...string) error { return &UsageError{Err: err, Hints: hints} }

// MistakeError is an error in what a person typed, which the catalogue words when it is told:
// where it is found, the language is not known. Its remedy has the same key with "_hint"
// behind it, if there is one.
type MistakeError struct {
	Key  string
	Args []string
}

// Mistaken is a UsageError by its key after "usage.".
func Mistaken(key string, args ...string) error {
	return UsageOf(&MistakeError{Key: "usage." + key, Args: args})
}

// Error is in English, as in a log.
func (e *MistakeError) Error() string {
	words, err := catalogue.New(catalogue.English)
	if err != nil {
		return e.Key
	}
	return words.Text(e.Key, e.Args...)
}

// WordMistake words a mistake in the person's language, and its remedy.
func (u *UI) WordMistake(wrong *MistakeError) (sentence string, hints []string) {
	for i, arg := range wrong.Args {
		if _, words := u.Words.Texts[arg]; words && i%2 == 1 && strings.HasPrefix(arg, "usage.") {
			wrong.Args[i] = u.Text(arg, wrong.Args...)
		}
	}
	if _, has := u.Words.Texts[wrong.Key+"_hint"]; has {
		hints = strings.Split(u.Text(wrong.Key+"_hint", wrong.Args...), "\n")
	}
	return u.Text(wrong.Key, wrong.Args...), hints
}

// wordedError is an error in the person's language.
type wordedError struct {
	text string
	err  error
}

func (e *wordedError) Error() string { return e.text }
func (e *wordedError) Unwrap() error { return e.err }

// Worded gives an error the words of the person's language.
func Worded(text string, err error) error { return &wordedError{text, err} }

// foreign puts an error that has no words in the person's language behind some that have:
// words say what kind of error it is.
func (u *UI) foreign(words string, err error) string {
	if _, worded := errors.AsType[*wordedError](err); worded || u.Language == catalogue.English {
		return err.Error()
	}
	return words + " (" + err.Error() + ")"
}
