package money

import (
	"sync"

	"github.com/go-json-experiment/json"
)

// exactAmount and exactFine are the forms of Exact.
type exactAmount struct {
	Minor    int64    `json:"minor"`
	Currency Currency `json:"currency"`
}

type exactFine struct {
	Hundredths int64    `json:"hundredths"`
	Currency   Currency `json:"currency"`
}

// Exact returns options under which JSON has amounts as they are kept, with their
// currency: {"minor":1250,"currency":"EUR"}, and fees {"hundredths":125050,"currency":"EUR"}.
// Without them amounts are numbers for whoever knows the currency from beside them, and
// cannot be read back.
func Exact() json.Options { return exact() }

// exact are the options of Exact, made once: with them, JSON keeps how it writes each type.
//
//nolint:gochecknoglobals // never changes
var exact = sync.OnceValue(func() json.Options {
	return json.JoinOptions(
		json.WithMarshalers(json.JoinMarshalers(
			json.MarshalFunc(func(a Amount) ([]byte, error) { return json.Marshal(exactAmount(a)) }),
			json.MarshalFunc(func(f Fine) ([]byte, error) { return json.Marshal(exactFine(f)) }),
		)),
		json.WithUnmarshalers(json.JoinUnmarshalers(
			json.UnmarshalFunc(func(text []byte, a *Amount) error { return json.Unmarshal(text, (*exactAmount)(a)) }),
			json.UnmarshalFunc(func(text []byte, f *Fine) error { return json.Unmarshal(text, (*exactFine)(f)) }),
		)),
	)
})

// In returns options under which JSON reads amounts that were written as numbers, all of one
// currency: without it they cannot be read back. Nothing is read as nothing, in none.
func In(c Currency) json.Options {
	fine := func(text []byte) (Fine, error) {
		if string(text) == "0" {
			return Fine{}, nil
		}
		return ParseFine(c, string(text))
	}
	return json.WithUnmarshalers(json.JoinUnmarshalers(
		json.UnmarshalFunc(func(text []byte, a *Amount) error {
			read, err := fine(text)
			*a = read.Whole()
			return err
		}),
		json.UnmarshalFunc(func(text []byte, f *Fine) (err error) {
			*f, err = fine(text)
			return err
		}),
	))
}
