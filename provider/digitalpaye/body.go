package digitalpaye

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"payrun/ledger/money"
	"payrun/ledger/msisdn"
)

// scalar is a JSON string, number or null, as text: the documents show amounts
// and codes in either form.
type scalar struct{ text string }

// UnmarshalJSON implements json.Unmarshaler. It keeps nothing of an object, list
// or boolean, which then counts as missing.
func (s *scalar) UnmarshalJSON(raw []byte) error {
	switch first := raw[0]; {
	case first == '"':
		return json.Unmarshal(raw, &s.text)
	case first == '-' || (first >= '0' && first <= '9'):
		s.text = string(raw)
	default:
		s.text = ""
	}
	return nil
}

// body is an answer's envelope in both dialects.
type body struct {
	// object is false for what is not one JSON object, as a proxy's page.
	object bool

	Status     string `json:"status"`
	Message    string `json:"message"`
	Reason     string `json:"reason"`
	CodeStatus scalar `json:"code_status"`
	StatusCode scalar `json:"statusCode"`
	Code       scalar `json:"code"`
	Data       *data  `json:"data"`
}

// data is a transfer in both dialects.
type data struct {
	Ref            scalar `json:"ref"`
	IDSnake        scalar `json:"transaction_id"`
	IDCamel        scalar `json:"transactionId"`
	NumberUser     scalar `json:"number_user"`
	Phone          scalar `json:"phone"`
	Recipient      scalar `json:"recipient"`
	Amount         scalar `json:"amount"`
	Fees           scalar `json:"fees"`
	TransferStatus string `json:"status"`
}

// readBody reads an answer. Fields of an unexpected kind count as missing.
func readBody(text []byte) body {
	var b body
	trimmed := bytes.TrimSpace(text)
	if len(trimmed) == 0 || trimmed[0] != '{' || json.Unmarshal(trimmed, &b) != nil {
		return body{}
	}
	b.object = true
	if b.Data == nil {
		// A look-up may answer with the bare transfer.
		var bare data
		if json.Unmarshal(trimmed, &bare) == nil && bare.transactionID() != "" {
			b.Data = &bare
		}
	}
	return b
}

func (d *data) transactionID() string {
	if d.IDSnake.text != "" {
		return d.IDSnake.text
	}
	return d.IDCamel.text
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

// word returns the transfer's status, upper case, empty if there is none.
func (b body) word() string {
	if b.Data != nil && b.Data.TransferStatus != "" {
		return strings.ToUpper(strings.TrimSpace(b.Data.TransferStatus))
	}
	return b.envelopeWord()
}

func (b body) envelopeWord() string { return strings.ToUpper(strings.TrimSpace(b.Status)) }

// verdict returns the provider's word for a refusal, or the number if it gave
// none.
func (b body) verdict(line int) string {
	for _, said := range []string{b.Status, b.Code.text, b.CodeStatus.text, b.Message} {
		if said = clean(said); said != "" && !isNumber(said) && !strings.Contains(said, " ") {
			return said
		}
	}
	return httpCode(b.statusCode(line))
}

func isNumber(text string) bool {
	_, err := strconv.Atoi(text)
	return err == nil
}

// explanation returns what the provider says in a sentence.
func (b body) explanation() string {
	if b.Reason != "" {
		return clean(b.Reason)
	}
	return clean(b.Message)
}

// says reports whether any of the envelope's words contains one of these.
func (b body) says(words ...string) bool {
	said := strings.ToLower(strings.Join([]string{b.Status, b.Code.text, b.CodeStatus.text, b.Message, b.Reason}, " "))
	for _, word := range words {
		if strings.Contains(said, word) {
			return true
		}
	}
	return false
}

const textMax = 200

// clean keeps a text of the provider's printable and short.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
	text = strings.TrimSpace(text)
	if runes := []rune(text); len(runes) > textMax {
		text = string(runes[:textMax-1]) + "…"
	}
	return text
}

// masked hides a number, in any of the forms the provider writes it in, in a
// text that people will read.
func masked(text string, number msisdn.Number) string {
	if number == "" {
		return text
	}
	return strings.ReplaceAll(text, number.Reveal(), number.String())
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
	digits := strings.Map(func(r rune) rune {
		if r == ' ' || r == '+' || r == '-' || r == '.' {
			return -1
		}
		return r
	}, said)
	want := number.Reveal()
	return digits == want || digits == "225"+want || digits == "00225"+want
}
