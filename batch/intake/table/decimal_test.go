package table

import (
	"math/big"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNumbersAreWrittenWithAllTheirDigits(t *testing.T) {
	for _, test := range []struct {
		stored, want string
		lossy        bool
	}{
		{stored: "0", want: "0"},
		{stored: "-0", want: "0"},
		{stored: "0.0", want: "0"},
		{stored: "100000", want: "100000"},
		{stored: "100000.00", want: "100000"},
		{stored: "1500.4", want: "1500.4"},
		{stored: "1E5", want: "100000"},
		{stored: "1E+05", want: "100000"},
		{stored: "2.25078E+12", want: "2250780000000"},
		{stored: "5.0000000000000003E-2", want: "0.05"},
		{stored: "0.30000000000000004", want: "0.3"},
		{stored: "100000.00000000001", want: "100000"},
		{stored: "99999.999999999999", want: "100000"},
		{stored: "99999.9999999999", want: "99999.9999999999"},
		{stored: "-5000", want: "-5000"},
		{stored: "007", want: "7"},
		{stored: ".5", want: "0.5"},
		{stored: "5.", want: "5"},
		{stored: "999999999999999", want: "999999999999999"},
		{stored: "1E15", want: "1000000000000000", lossy: true},
		{stored: "9999999999999999", want: "10000000000000000", lossy: true},
		{stored: "1.2345678901234568E+16", want: "12345678901234600", lossy: true},
	} {
		got, lossy, ok := decimal(test.stored)
		if !ok || got != test.want || lossy != test.lossy {
			t.Errorf("decimal(%q) = %q, lossy %t, ok %t; want %q, lossy %t", test.stored, got, lossy, ok, test.want, test.lossy)
		}
	}
}

func TestWhatIsNoNumberIsNotReadAsOne(t *testing.T) {
	for _, stored := range []string{
		"", "-", ".", "e", "1e", "1e5x", "NaN", "INF", "0x10", "1 000", "1,5", "1_000", "--1", "1e999",
		"1e99999999999999999999", "٣", strings.Repeat("1", 500),
	} {
		if got, _, ok := decimal(stored); ok {
			t.Errorf("decimal(%q) = %q, want none", stored, got)
		}
	}
}

// TestDecimalAgreesWithBinaryFractions holds the digits against the numbers a
// spreadsheet calculates with.
func TestDecimalAgreesWithBinaryFractions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Float64Range(-1e14, 1e14).Draw(t, "number")
		stored := strconv.FormatFloat(number, 'G', 17, 64)
		got, _, ok := decimal(stored)
		if !ok {
			t.Fatalf("decimal(%q) is none", stored)
		}
		want, _ := new(big.Rat).SetString(stored)
		written, valid := new(big.Rat).SetString(got)
		if !valid || strings.ContainsAny(got, "eE") {
			t.Fatalf("decimal(%q) = %q, which is no plain number", stored, got)
		}
		// Half a unit of the 15th digit.
		difference := new(big.Rat).Sub(want, written)
		bound := new(big.Rat).Mul(new(big.Rat).Abs(want), big.NewRat(5, 1e15))
		if difference.Abs(difference).Cmp(bound) > 0 {
			t.Errorf("decimal(%q) = %q, further off than 15 digits allow", stored, got)
		}
	})
}
