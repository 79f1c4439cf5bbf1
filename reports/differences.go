package reports

import (
	"fmt"
	"regexp"
)

// differenceForm is how a ledger keeps what the provider said against a final
// state: in English, whatever the language of the person. The page says it in the
// reader's; the other formats keep it verbatim.
var differenceForm = regexp.MustCompile(`^recorded as ([a-z]+), but the provider says ([a-z_]+) \((.*)\)$`)

// difference words a difference in the language, and leaves one of another form
// as it is.
func (w words) difference(text string) string {
	parts := differenceForm.FindStringSubmatch(text)
	if parts == nil {
		return text
	}
	here, there := w.Said[parts[1]], w.Said[parts[2]]
	if here == "" || there == "" {
		return text
	}
	return fmt.Sprintf(w.Contradicts, here, there, parts[3])
}

// englishSaid and frenchSaid name the states of a payout, here and at the provider.

func englishSaid() map[string]string {
	return map[string]string{
		"successful": "paid", "failed": "not paid", "pending": "pending", "cancelled": "cancelled",
		"not_found": "unknown there", "unknown": "something else",
	}
}

func frenchSaid() map[string]string {
	return map[string]string{
		"successful": "payé", "failed": "non payé", "pending": "en attente", "cancelled": "annulé",
		"not_found": "inconnu chez lui", "unknown": "autre chose",
	}
}
