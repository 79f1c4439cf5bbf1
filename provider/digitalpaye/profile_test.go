package digitalpaye

import (
	"maps"
	"testing"

	"payrun/provider"
)

func TestEachDialectHasItsOwnNamesOfOperators(t *testing.T) {
	t.Parallel()
	for _, dialect := range []Dialect{V1, V2} {
		names, err := operatorNames(dialect)
		want := map[string]string{
			"ORANGE": "ORANGE_MONEY_CI", "MTN": "MTN_MONEY_CI", "MOOV": "MOOV_MONEY_CI", "WAVE": "WAVE_MONEY_CI",
		}
		if err != nil || !maps.Equal(names, want) {
			t.Errorf("%s: %v, %v, want %v", dialect, names, err, want)
		}
	}
}

func TestARequestNamesTheSchemeAsTheAPIDoes(t *testing.T) {
	t.Parallel()
	client, err := New(Config{BaseURL: "http://localhost"})
	if err != nil {
		t.Fatal(err)
	}
	for scheme, want := range map[string]string{"WAVE": "WAVE_MONEY_CI", "ORANGE_MONEY": "ORANGE_MONEY"} {
		if sent, is := client.transfer(provider.Request{Scheme: scheme}).(v2Transfer); !is || sent.Operator != want {
			t.Errorf("%s is sent as %+v, want %s", scheme, sent, want)
		}
	}
}
