package digitalpaye

import (
	"maps"
	"testing"

	"payrun/provider"
)

func TestEachDialectHasItsOwnNamesOfOperators(t *testing.T) {
	t.Parallel()
	for _, dialect := range []Dialect{V1, V2} {
		names, err := operatorNames(dialect, nil)
		want := map[string]string{
			"ORANGE": "ORANGE_MONEY_CI", "MTN": "MTN_MONEY_CI", "MOOV": "MOOV_MONEY_CI", "WAVE": "WAVE_MONEY_CI",
		}
		if err != nil || !maps.Equal(names, want) {
			t.Errorf("%s: %v, %v, want %v", dialect, names, err, want)
		}
	}
	replaced := OperatorNames{"ORANGE": {"v1": "ORANGE_MONEY"}, "NEW": {"v2": "NEW_MONEY_CI"}}
	for dialect, want := range map[Dialect][3]string{
		V1: {"ORANGE_MONEY", "NEW", "OTHER"}, V2: {"ORANGE_MONEY_CI", "NEW_MONEY_CI", "OTHER"},
	} {
		client, err := New(Config{BaseURL: "http://localhost", Dialect: dialect, Operators: replaced})
		if err != nil {
			t.Fatal(err)
		}
		if got := [3]string{client.operator("ORANGE"), client.operator("NEW"), client.operator("OTHER")}; got != want {
			t.Errorf("%s names ORANGE, NEW and OTHER %v, want %v", dialect, got, want)
		}
	}
	if _, err := New(Config{BaseURL: "http://localhost", Operators: OperatorNames{"ORANGE": {"v3": "O"}}}); err == nil {
		t.Error("a name in a dialect that there is not is taken")
	}
}

func TestARequestNamesTheSchemeAsTheAPIDoes(t *testing.T) {
	t.Parallel()
	client, err := New(Config{BaseURL: "http://localhost"})
	if err != nil {
		t.Fatal(err)
	}
	if sent, is := client.transfer(provider.Request{Scheme: "WAVE"}).(v2Transfer); !is || sent.Operator != "WAVE_MONEY_CI" {
		t.Errorf("WAVE is sent as %+v", sent)
	}
}
