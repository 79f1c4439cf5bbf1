package reports

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"payrun/ledger"
)

// TestBothLanguagesSayEverything: no word is missing in either, and the same
// cases have advice.
func TestBothLanguagesSayEverything(t *testing.T) {
	for _, w := range []words{englishWords(), frenchWords()} {
		value := reflect.ValueOf(w)
		for i := range value.NumField() {
			if value.Field(i).IsZero() {
				t.Errorf("%s: %s is empty", w.Lang, value.Type().Field(i).Name)
			}
		}
		for key, text := range w.Remedies {
			if strings.Count(text, "`")%2 != 0 {
				t.Errorf("%s: %q: a command is not closed: %q", w.Lang, key, text)
			}
			if _, ok := englishRemedies()[key]; !ok {
				t.Errorf("%s: %q has no English text", w.Lang, key)
			}
			if _, ok := frenchRemedies()[key]; !ok {
				t.Errorf("%s: %q has no French text", w.Lang, key)
			}
		}
	}
}

// TestOurOwnCodesAreWordedInBothLanguages, since a person cannot look them up at
// the provider.
func TestOurOwnCodesAreWordedInBothLanguages(t *testing.T) {
	english, french := englishReasons(), frenchReasons()
	for code, text := range english {
		if text == "" || french[code] == "" {
			t.Errorf("%s: %q in English, %q in French", code, text, french[code])
		}
		if got := reason(englishWords(), line{code: code, message: "EOF"}, kindKey{code: code}); got != text {
			t.Errorf("%s is told as %q, want %q", code, got, text)
		}
	}
	if len(english) != len(french) {
		t.Errorf("%d codes in English, %d in French", len(english), len(french))
	}
}

// TestEveryTroubleHasAdvice: a state without advice would leave the reader alone
// with it.
func TestEveryTroubleHasAdvice(t *testing.T) {
	for _, w := range []words{englishWords(), frenchWords()} {
		for _, state := range ledger.States() {
			l := payoutLine(ledger.Payout{State: state})
			if w.stateName(l.state) == "" {
				t.Errorf("%s: %s has no name", w.Lang, l.state)
			}
			if needsAttention(l) && len(w.remedy("b", l.state, "CODE")) == 0 {
				t.Errorf("%s: %s has no advice", w.Lang, l.state)
			}
		}
		for _, state := range []string{StateRejected, stateDifference, stateReturned} {
			if len(w.remedy("b", state, "any.code")) == 0 {
				t.Errorf("%s: %s has no advice", w.Lang, state)
			}
		}
	}
}

// TestNobodyIsToldToPayAgainWhatMayBePaid holds the one advice that could cost
// money against the promise of the product.
func TestNobodyIsToldToPayAgainWhatMayBePaid(t *testing.T) {
	for _, w := range []words{englishWords(), frenchWords()} {
		for key, text := range w.Remedies {
			state, _, _ := strings.Cut(key, " ")
			if slices.Contains([]string{"unknown", "pending"}, state) && strings.Contains(text, "retry") {
				t.Errorf("%s: %q: %q", w.Lang, key, text)
			}
		}
	}
}

func TestTheClosestAdviceIsGiven(t *testing.T) {
	w := englishWords()
	for _, c := range []struct{ state, code, begins string }{
		{"queued", "AMOUNT_INSUFFISANT", "Nothing was paid: the balance"},
		{"queued", "THROTTLED", "Nothing was sent."},
		{StateRejected, "number.length", "Not sent. Correct the number"},
		{StateRejected, "id.conflict", "Not sent. This transaction_id already"},
		{StateRejected, "id.length", "Not sent. Give the row"},
		{StateRejected, "cell.date", "Not sent. Correct the row"},
	} {
		got := w.remedy("may", c.state, c.code)
		if len(got) == 0 || !strings.HasPrefix(got[0].Text, c.begins) {
			t.Errorf("%s %s: got %v, want %q …", c.state, c.code, got, c.begins)
		}
	}
	want := pageText{Text: "payrun retry may", Command: true}
	if got := w.remedy("may", "failed", ""); !slices.Contains(got, want) {
		t.Errorf("got %v, want the command %q in it", got, want.Text)
	}
}
