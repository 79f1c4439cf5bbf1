package digitalpaye

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"payrun/ledger/phone"
	"payrun/provider"
)

// errTwice makes an answer unreadable that says the same thing twice: there is
// no telling which of the two is meant.
var errTwice = errors.New("the answer has a field twice")

// scalar is a JSON string, number or null, as text: the documents show amounts
// and codes in either form.
type scalar struct {
	text   string
	number bool // written without quotes
	seen   bool
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom. It keeps nothing of an
// object, list or boolean, which then counts as missing.
func (s *scalar) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	if s.seen {
		return errTwice
	}
	s.seen = true
	kind := decoder.PeekKind()
	if kind != jsontext.KindString && kind != jsontext.KindNumber {
		return decoder.SkipValue()
	}
	s.number = kind == jsontext.KindNumber
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
	// unread is set for what is neither an object nor nothing.
	unread bool

	Ref        scalar `json:"ref"`
	IDSnake    scalar `json:"transaction_id"`
	IDCamel    scalar `json:"transactionId"`
	NumberUser scalar `json:"number_user"`
	Phone      scalar `json:"phone"`
	Recipient  scalar `json:"recipient"`
	Amount     scalar `json:"amount"`
	Currency   scalar `json:"currency"`
	Fees       scalar `json:"fees"`
	Status     scalar `json:"status"`
	TypeSnake  scalar `json:"type_transaction"`
	TypeCamel  scalar `json:"typeTransaction"`
	Date       scalar `json:"date"`
	CreatedAt  scalar `json:"createdAt"`
	DateUpdate scalar `json:"date_update"`
	UpdatedAt  scalar `json:"updatedAt"`
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom. What is empty counts as
// missing: PHP writes an empty list where it has no data.
func (t *transfer) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	if t.seen {
		return errTwice
	}
	t.seen = true
	kind := decoder.PeekKind()
	if empty(decoder.UnreadBuffer()) {
		return decoder.SkipValue()
	}
	if kind != jsontext.KindBeginObject {
		t.unread = true
		return decoder.SkipValue()
	}
	t.described = true
	type fields transfer
	return json.UnmarshalDecode(decoder, (*fields)(t))
}

// empty reports whether the value that comes next says nothing.
func empty(unread []byte) bool {
	const space = " \t\r\n"
	unread = bytes.TrimLeft(unread, space+",:")
	if bytes.HasPrefix(unread, []byte("null")) || bytes.HasPrefix(unread, []byte(`""`)) {
		return true
	}
	if len(unread) == 0 || (unread[0] != '{' && unread[0] != '[') {
		return false
	}
	inside := bytes.TrimLeft(unread[1:], space)
	return len(inside) > 0 && (inside[0] == '}' || inside[0] == ']')
}

// body is an answer's envelope, in both dialects.
type body struct {
	// object is false for what is not one JSON object, as a proxy's page.
	object bool
	// text is the answer as it came. Refusals are held against it once more.
	text []byte

	Status     scalar   `json:"status"`
	Message    scalar   `json:"message"`
	Reason     scalar   `json:"reason"`
	CodeStatus scalar   `json:"code_status"`
	StatusCode scalar   `json:"statusCode"`
	Code       scalar   `json:"code"`
	Data       transfer `json:"data"`

	// stray is set if parts of a transfer stand where the documents have none.
	stray bool
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
	b.object, b.text = true, text
	if !b.Data.described {
		var flat transfer
		if unmarshal(text, &flat) != nil {
			return body{}
		}
		switch {
		case !b.Data.seen && flat.id() != "":
			// The flat form, which the webhook's page shows for the same object.
			b.Data, b.Status = flat, scalar{}
		default:
			b.stray = firstOf(flat.id(), flat.Ref.text, flat.Amount.text, flat.NumberUser.text, flat.Phone.text, flat.Recipient.text) != ""
		}
	}
	return b
}

// envelopeNames are the documented names of an envelope's fields, in lower case.
//
//nolint:gochecknoglobals // a table
var envelopeNames = []string{"status", "message", "reason", "code_status", "statuscode", "code", "data"}

// unjoined drops from a name what reading passes over.
//
//nolint:gochecknoglobals // a table
var unjoined = strings.NewReplacer("_", "", "-", "")

// spelled reports whether no name of an object is read for one of the envelope's and
// written differently, but for its case: reading passes over underscores and hyphens,
// and what is read so is evidence and no form of the provider's.
func spelled(object []byte) bool {
	decoder := jsontext.NewDecoder(bytes.NewReader(object), lenient())
	if _, err := decoder.ReadToken(); err != nil {
		return false
	}
	for decoder.PeekKind() == jsontext.KindString {
		token, err := decoder.ReadToken()
		if err != nil {
			return false
		}
		name := strings.ToLower(token.String())
		for _, documented := range envelopeNames {
			if name != documented && unjoined.Replace(name) == unjoined.Replace(documented) {
				return false
			}
		}
		if decoder.SkipValue() != nil {
			return false
		}
	}
	return true
}

// dataless reports whether the answer describes no transfer at all.
func (b body) dataless() bool { return !b.Data.described && !b.Data.unread && !b.stray }

func (t *transfer) id() string { return firstOf(t.IDSnake.text, t.IDCamel.text) }

// word returns the transfer's status, upper case.
func (t *transfer) word() string { return strings.ToUpper(strings.TrimSpace(t.Status.text)) }

// describes returns what a transfer says, as far as it can be read.
func (t *transfer) describes(reference string) provider.Described {
	if !t.described {
		return provider.Described{}
	}
	d := provider.Described{Ours: t.names(reference)}
	if amount, ok := t.Amount.wholeFrancs(); ok {
		d.Amount, d.AmountKnown = amount, true
	}
	for _, said := range t.numbers() {
		if digits := national(said); d.Number == "" && len(digits) == nationalLength && plainDigits(digits) {
			d.Number = phone.Number(digits).In(callingCode)
		}
	}
	d.At, d.Span = when(firstOf(t.CreatedAt.text, t.Date.text))
	d.Updated, _ = when(firstOf(t.UpdatedAt.text, t.DateUpdate.text))
	return d
}

// names reports whether a transfer is the one of this reference.
func (t *transfer) names(reference string) bool {
	return reference != "" && t.id() == reference && (t.IDCamel.text == "" || t.IDCamel.text == reference)
}

// numbers are the fields that can name the beneficiary's number, "" where there is
// none.
func (t *transfer) numbers() [3]string {
	return [...]string{t.NumberUser.text, t.Phone.text, t.Recipient.text}
}

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

// documented reports whether a refusal is written as the provider's documents show
// it, so that no gateway can have written it: in v2 with code_status and a status
// such as AMOUNT_INSUFFISANT, in v1 with statusCode, a message such as NotFoundError
// and a reason. Gateways write their own in part of this: {"statusCode":404,
// "message":"Resource not found"}.
func (b body) documented(code int) bool {
	if !spelled(b.text) {
		return false
	}
	if b.CodeStatus.seen {
		return constant(b.Status.text) || errorName(b.Status.text) || constant(b.CodeStatus.text)
	}
	if b.StatusCode.text == "" || strings.TrimSpace(b.Reason.text) == "" {
		return false
	}
	if name, known := errorNames[code]; known && errorName(b.Message.text) {
		return b.Message.text == name
	}
	return errorName(b.Message.text) || constant(b.Message.text)
}

// errorNames are the messages that v1 documents.
//
//nolint:gochecknoglobals // a table
var errorNames = map[int]string{
	http.StatusBadRequest: "BadRequestError", http.StatusUnauthorized: "UnauthorizedError",
	http.StatusNotFound: "NotFoundError", http.StatusInternalServerError: "InternalServerError",
}

// constant reports whether a text is written like AMOUNT_INSUFFISANT.
func constant(text string) bool {
	return text != "" && text[0] >= 'A' && text[0] <= 'Z' && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// errorName reports whether a text is written like NotFoundError.
func errorName(text string) bool {
	name, found := strings.CutSuffix(text, "Error")
	return found && name != "" && name[0] >= 'A' && name[0] <= 'Z' &&
		strings.IndexFunc(name, func(r rune) bool { return !unicode.IsLetter(r) }) < 0
}

// explanation returns what the provider says in a sentence.
func (b body) explanation() string { return firstOf(b.Reason.text, b.Message.text) }

// said returns all that the envelope says in words, lower case.
func (b body) said() string {
	return strings.ToLower(strings.Join([]string{
		b.Status.text, b.Code.text, b.CodeStatus.text, b.Message.text, b.Reason.text,
	}, " "))
}
