package money_test

import (
	"encoding/json"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"payrun/ledger/money"
)

func TestAmountsAreGroupedInThrees(t *testing.T) {
	for _, test := range []struct {
		amount money.XOF
		want   string
	}{
		{0, "0"},
		{100, "100"},
		{1_000, "1\u202f000"},
		{1_000_000, "1\u202f000\u202f000"},
		{-25_000, "-25\u202f000"},
	} {
		if got := test.amount.Grouped(); got != test.want {
			t.Errorf("money.XOF(%d).Grouped() = %q, want %q", int64(test.amount), got, test.want)
		}
	}
}

func TestFeesAreGroupedToo(t *testing.T) {
	for _, test := range []struct {
		fees money.Centimes
		want string
	}{
		{750, "7.5"},
		{123_456_705, "1\u202f234\u202f567.05"},
		{-100_050, "-1\u202f000.5"},
		{-50, "-0.5"},
	} {
		if got := test.fees.Grouped(); got != test.want {
			t.Errorf("money.Centimes(%d).Grouped() = %q, want %q", int64(test.fees), got, test.want)
		}
	}
}

func TestFeesAreReadExactlyOrNotAtAll(t *testing.T) {
	for _, test := range []struct {
		text string
		want money.Centimes
	}{
		{"0", 0},
		{"1", 100},
		{"7.5", 750},
		{"7.50", 750},
		{"7.05", 705},
		{"250.0000", 25_000},
		{"-3.25", -325},
	} {
		got, err := money.ParseCentimes(test.text)
		if err != nil || got != test.want {
			t.Errorf("ParseCentimes(%q) = %d, %v, want %d", test.text, got, err, test.want)
		}
	}
	for _, text := range []string{"", ".", "7.", ".5", "7,5", "1e3", "0x10", "7.505", " 7", "+7", "١", "9999999999999999"} {
		if got, err := money.ParseCentimes(text); !errors.Is(err, money.ErrNotCentimes) {
			t.Errorf("ParseCentimes(%q) = %d, %v, want ErrNotCentimes", text, got, err)
		}
	}
}

func TestFeesSurviveWritingAndReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := money.Centimes(rapid.Int64Range(-1e15, 1e15).Draw(t, "centimes"))
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got money.Centimes
		if err := json.Unmarshal(text, &got); err != nil || got != want {
			t.Fatalf("%s read back as %d, %v, want %d", text, got, err, want)
		}
	})
}

func TestAShareIsRoundedUp(t *testing.T) {
	for _, test := range []struct {
		amount      money.XOF
		basisPoints int64
		want        money.Centimes
	}{
		{100, 100, 1_00},
		{500, 150, 7_50},
		{501, 150, 7_52}, // 7.515 francs
		{0, 150, 0},
		{1_000_000, 0, 0},
		{1_000_000, 10_000, 1_000_000_00},
	} {
		if got := test.amount.Share(test.basisPoints); got != test.want {
			t.Errorf("%d basis points of %d: %s, want %s", test.basisPoints, test.amount, got, test.want)
		}
	}
}
