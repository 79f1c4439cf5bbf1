package console

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"payrun/batch/rules"
	"payrun/internal/catalogue"
)

// texts words problems and keys; a *catalogue.Catalogue does.
type texts interface {
	Text(key string, args ...string) string
	Problem(p catalogue.Finding) (message, hint string)
}

// finding is a problem as the catalogue words it.
func finding(p rules.Problem) catalogue.Finding {
	return catalogue.Finding{Code: p.Code, Value: p.Value, Details: p.Details, Statement: p.Statement}
}

// wordProblem says what is wrong with a row or a file, and what to do on these pages: where the command
// line has a flag or a command for it, a page has a button.
func wordProblem(words texts, p catalogue.Finding) (message, hint string) {
	message, hint = words.Problem(p)
	args := []string{}
	for name, value := range p.Details {
		args = append(args, name, catalogue.Visible(value))
	}
	own := func(key string, to *string) {
		if text := words.Text(key, args...); text != key {
			*to = text
		}
	}
	own("console.message."+p.Code, &message)
	if p.Code != rules.CodeNumberLostZero || p.Details["remedy"] != "ask" { // what only the beneficiary knows no page mends
		own("console.hint."+p.Code, &hint)
	}
	own("console.conflict."+p.Details["then"], &hint)
	if detail := p.Details["detail"]; detail != "" {
		message += " (" + catalogue.Visible(detail) + ")"
	}
	return capital(message), capital(hint)
}

// sentence makes one of words that stand within another one on the command line.
func sentence(words string) string {
	if words == "" || strings.HasSuffix(words, ".") || strings.HasSuffix(words, "!") || strings.HasSuffix(words, "?") {
		return capital(words)
	}
	return capital(words) + "."
}

// capital begins a sentence, which stands within another one on the command line.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return text
	}
	return string(unicode.ToUpper(first)) + text[size:]
}
