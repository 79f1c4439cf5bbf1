package digitalpaye

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"payrun/ledger/money"
	"payrun/ledger/msisdn"
)

// errTwice makes an answer unreadable that says the same thing twice: there is
// no telling which of the two is meant.
var errTwice = errors.New("the answer has a field twice")

// scalar is a JSON string, number or null, as text: the documents show amounts
// and codes in either form.
type scalar struct {
	text string
	seen bool
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom. It keeps nothing of an
// object, list or boolean, which then counts as missing.
func (s *scalar) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	if s.seen {
		return errTwice
	}
	s.seen = true
	if kind := decoder.PeekKind(); kind != jsontext.KindString && kind != jsontext.KindNumber {
		return decoder.SkipValue()
	}
	token, err := decoder.ReadToken()
	if err != nil {
		return err
	}
	s.text = token.String()
	return nil
}

// transfer is the `data` of an answer, in both dialects.
type transfer struct {
	seen bool
	// described is false if there is none, or not as an object.
	described bool

	Ref        scalar `json:"ref"`
	IDSnake    scalar `json:"transaction_id"`
	IDCamel    scalar `json:"transactionId"`
	NumberUser scalar `json:"number_user"`
	Phone      scalar `json:"phone"`
	Recipient  scalar `json:"recipient"`
	Amount     scalar `json:"amount"`
	Fees       scalar `json:"fees"`
	Status     scalar `json:"status"`
	TypeSnake  scalar `json:"type_transaction"`
	TypeCamel  scalar `json:"typeTransaction"`
	Date       scalar `json:"date"`
	CreatedAt  scalar `json:"createdAt"`
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom. What is not an object counts
// as missing: PHP writes an empty list where it has no data.
func (t *transfer) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	if t.seen {
		return errTwice
	}
	t.seen = true
	if decoder.PeekKind() != jsontext.KindBeginObject {
		return decoder.SkipValue()
	}
	t.described = true
	type fields transfer
	return json.UnmarshalDecode(decoder, (*fields)(t))
}

// body is an answer's envelope, in both dialects.
type body struct {
	// object is false for what is not one JSON object, as a proxy's page.
	object bool

	Status     scalar   `json:"status"`
	Message    scalar   `json:"message"`
	Reason     scalar   `json:"reason"`
	CodeStatus scalar   `json:"code_status"`
	StatusCode scalar   `json:"statusCode"`
	Code       scalar   `json:"code"`
	Data       transfer `json:"data"`
}

// unmarshal reads JSON as leniently as the providers and proxies of the world
// write it: names in any case, text that is not quite UTF-8, and fields given
// twice, which scalar and transfer refuse where it matters.
func unmarshal(text []byte, into any) error {
	return json.Unmarshal(text, into, lenient())
}

func lenient() json.Options {
	return json.JoinOptions(
		json.MatchCaseInsensitiveNames(true),
		jsontext.AllowDuplicateNames(true),
		jsontext.AllowInvalidUTF8(true),
	)
}

// readBody reads an answer. Fields of an unexpected kind count as missing, ones
// that are not known are ignored; anything after the object, or a field given
// twice, makes the whole unreadable.
func readBody(text []byte) body {
	var b body
	if text = bytes.TrimSpace(text); len(text) == 0 || text[0] != '{' || unmarshal(text, &b) != nil {
		return body{}
	}
	b.object = true
	if !b.Data.seen {
		// The flat form, which the webhook's page shows for the same object.
		var flat transfer
		if unmarshal(text, &flat) == nil && flat.id() != "" {
			b.Data, b.Status = flat, scalar{}
		}
	}
	return b
}

func (t *transfer) id() string { return firstOf(t.IDSnake.text, t.IDCamel.text) }

// word returns the transfer's status, upper case.
func (t *transfer) word() string { return strings.ToUpper(strings.TrimSpace(t.Status.text)) }

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// statusCode returns the verdict's number: the body's if it has one, else the
// status line's.
func (b body) statusCode(line int) int {
	for _, said := range []string{b.CodeStatus.text, b.StatusCode.text, b.Code.text} {
		if code, err := strconv.Atoi(said); err == nil && code >= 100 && code < 600 {
			return code
		}
	}
	return line
}

// recognised reports whether the provider can have written this: all of its
// answers have one of these, a gateway's own JSON may have none.
func (b body) recognised() bool {
	return firstOf(b.Status.text, b.CodeStatus.text, b.StatusCode.text, b.Code.text, b.Reason.text, b.Message.text) != ""
}

// verdict returns the provider's word for a refusal, or the number if it gave
// none.
func (b body) verdict(line int) string {
	for _, said := range []string{b.Status.text, b.Code.text, b.CodeStatus.text, b.Message.text} {
		said = strings.TrimSpace(said)
		if _, err := strconv.Atoi(said); said != "" && err != nil && !strings.Contains(said, " ") {
			return said
		}
	}
	return httpCode(b.statusCode(line))
}

// explanation returns what the provider says in a sentence.
func (b body) explanation() string { return firstOf(b.Reason.text, b.Message.text) }

// said returns all that the envelope says in words, lower case.
func (b body) said() string {
	return strings.ToLower(strings.Join([]string{
		b.Status.text, b.Code.text, b.CodeStatus.text, b.Message.text, b.Reason.text,
	}, " "))
}

// sameAmount compares an amount as the provider writes it, "500", 500 or
// "500.00", with one in whole francs.
func sameAmount(said scalar, amount money.XOF) bool {
	parsed, err := money.ParseCentimes(said.text)
	return err == nil && parsed == amount.InCentimes()
}

// sameNumber compares a number as the provider writes it, with or without the
// country's prefix, with a national one.
func sameNumber(said string, number msisdn.Number) bool {
	return national(said) == national(number.Reveal())
}

// nationalLength is what ARTCI's plan of 31 January 2021 gives a number.
const nationalLength = 10

// national returns a number's digits without separators and without Côte
// d'Ivoire's prefix, if ten digits remain.
func national(said string) string {
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" +-.", r) {
			return -1
		}
		return r
	}, said)
	for _, prefix := range []string{"00225", "225"} {
		if rest, found := strings.CutPrefix(digits, prefix); found && len(rest) == nationalLength {
			return rest
		}
	}
	return digits
}
