package digitalpaye

import (
	"regexp"
	"strings"
	"unicode"

	"payrun/ledger/phone"
	"payrun/provider"
)

// textMax bounds what is kept of a text of the provider's, in characters.
const textMax = 200

// redact makes what an outcome says fit to be stored and read: printable, short,
// with telephone numbers masked and nothing that opens the account.
func (c *Client) redact(o provider.Outcome, number phone.E164) provider.Outcome {
	o.Code = c.redactText(o.Code, number)
	o.Message = c.redactText(o.Message, number)
	if o.ProviderRef = clean(o.ProviderRef); len(o.ProviderRef) > textMax {
		o.ProviderRef = "" // half a name would name something else
	}
	return o
}

// redactText hides before it shortens, so that no half of a number is left
// over at the end.
func (c *Client) redactText(text string, number phone.E164) string {
	if text == "" {
		return ""
	}
	return shorten(maskNumbers(readMost(c.maskSecrets(clean(text))), number))
}

// readMost keeps what can be shown of a text once its numbers are masked, which leaves of each
// a seventh at least, in bytes: an answer may be a megabyte of digits.
func readMost(text string) string {
	const most = 8 * textMax
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}

// maskSecrets hides what the client authenticates with. A provider has no
// reason to repeat it, but proxies have been seen to print whole requests.
func (c *Client) maskSecrets(text string) string {
	hidden := provider.Secret(text).String()
	for _, secret := range c.secrets {
		text = strings.ReplaceAll(text, secret, hidden)
	}
	if token := c.tokens.text(); token != "" {
		text = strings.ReplaceAll(text, token, hidden)
	}
	return text
}

// clean keeps a text printable and on one line.
func clean(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1 // invisible, or turns the line around
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd")))
}

func shorten(text string) string {
	if len(text) <= textMax {
		return text
	}
	if runes := []rune(text); len(runes) > textMax {
		return string(runes[:textMax-1]) + "…"
	}
	return text
}

// between matches what people write between two digits of a number: "(+225) 07 01".
const between = `[ .()\x{a0}\x{202f}-]{0,2}`

// ivorian matches a telephone number of Côte d'Ivoire as people and the provider
// write it. An answer about somebody else names somebody else's number.
var ivorian = regexp.MustCompile(`(?:\+|\b)(?:(?:00)?225` + between + `)?0[157](?:` + between + `[0-9]){8}\b`)

// shortened matches what may be a number without its zero, or as it was before 2021. Whether
// it is depends on whom an answer is about: any other may be a date or a ref.
var shortened = regexp.MustCompile(`\b[0-9](?:` + between + `[0-9]){7,8}\b`)

// maskNumbers hides telephone numbers in a text that people will read.
func maskNumbers(text string, number phone.E164) string {
	if !strings.ContainsAny(text, "0123456789") {
		return text
	}
	text = ivorian.ReplaceAllStringFunc(text, func(found string) string {
		return phone.Number(national(found)).String()
	})
	if number == "" {
		return text
	}
	text = strings.ReplaceAll(text, national(number.Reveal()), number.String())
	return shortened.ReplaceAllStringFunc(text, func(found string) string {
		if sameNumber(found, number) {
			return number.String()
		}
		return found
	})
}
