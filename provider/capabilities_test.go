package provider_test

import (
	"strings"
	"testing"

	"payrun/provider"
)

func TestCapabilitiesTakeWhatTheyState(t *testing.T) {
	t.Parallel()
	can := acme{}.Capabilities()
	for reference, want := range map[string]bool{
		"NOV-0001": true, strings.Repeat("a", can.ReferenceLength): true,
		"": false, strings.Repeat("a", can.ReferenceLength+1): false, "NOV_1": false, "né": false,
	} {
		if can.TakesReference(reference) != want {
			t.Errorf("reference %q is taken: %t, want %t", reference, !want, want)
		}
	}
	if !can.TakesName("Koné Awa") || can.TakesName("") {
		t.Error("a name of any length but none is taken where none is stated")
	}
	can.NameLength = 4
	if !can.TakesName("Koné") || can.TakesName("Konés") {
		t.Error("a name's length is its characters")
	}
	if !can.Pays("CI", "XOF") || can.Pays("CI", "EUR") || can.Pays("SN", "XOF") {
		t.Error("a country and a currency are those that are stated")
	}
	if _, lists := provider.AsLister(acme{}); lists {
		t.Error("acme has no list")
	}
}
