package serving

import (
	"testing"

	"payrun/batch/outbox/mail"
	"payrun/internal/catalogue"
)

// TestARecipientIsSomebodyOfTheList by their name, or by an address that is their name, and has the
// language of the settings until they choose one.
func TestARecipientIsSomebodyOfTheList(t *testing.T) {
	for text, want := range map[string]mail.Recipient{
		"Awa@firm.example":             {Address: "Awa@firm.example", Person: "awa@firm.example", Language: catalogue.English},
		"fr:awa@firm.example":          {Address: "awa@firm.example", Person: "awa@firm.example", Language: catalogue.French},
		"awa:a.kone@firm.example":      {Address: "a.kone@firm.example", Person: "awa", Language: catalogue.English},
		"fr:awa@firm:a.kone@firm.test": {Address: "a.kone@firm.test", Person: "awa@firm", Language: catalogue.French},
	} {
		if got := recipientOf(text, catalogue.English); got != want {
			t.Errorf("%s is %+v, want %+v", text, got, want)
		}
	}
}
