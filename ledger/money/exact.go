package money

import "github.com/go-json-experiment/json"

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
func Exact() json.Options {
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
}
