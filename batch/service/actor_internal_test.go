package service

import (
	"testing"

	"payrun/ledger"
)

// TestAnActIsKeptWithItsActor: the ledger has the words of before there was an Actor.
func TestAnActIsKeptWithItsActor(t *testing.T) {
	for confirmed, word := range map[Confirmation]string{Unconfirmed: "", Typed: "typed", ByFlag: "yes"} {
		got := Actor{Person: "awa", Host: "caisse", Confirmed: confirmed}.person()
		if want := (ledger.Person{Name: "awa", Host: "caisse", Confirmed: word}); got != want {
			t.Errorf("%q is kept as %+v, want %+v", confirmed, got, want)
		}
	}
	if got := New(Config{}).now(); got.IsZero() {
		t.Error("a service without a clock does not know the time")
	}
}
