package rules_test

import (
	"slices"
	"testing"

	"payrun/batch/rules"
	"payrun/ledger/money"
)

func TestAnAmountIsSplitIntoPartsThatMayBePaid(t *testing.T) {
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	const smallest, largest = 100, 1_000_000
	none := func(money.Amount) bool { return false }
	for _, amount := range []money.Amount{
		money.XOF.Of(1_000_001), money.XOF.Of(1_000_050), money.XOF.Of(1_000_100), money.XOF.Of(1_500_000), money.XOF.Of(1_999_999), money.XOF.Of(2_000_000), money.XOF.Of(2_000_001), money.XOF.Of(2_500_000),
		money.XOF.Of(3_000_000), money.XOF.Of(5_400_000), money.XOF.Of(9_999_999), money.XOF.Of(12_345_678), money.XOF.Of(25_900_000),
	} {
		parts, ok := set.Split("ORANGE", amount, none)
		if !ok {
			t.Errorf("%s is not split", amount)
			continue
		}
		sum, seen := money.XOF.Of(0), map[money.Amount]bool{}
		for _, part := range parts {
			if part.Minor < smallest || part.Minor > largest || seen[part] {
				t.Errorf("%s: parts %v", amount, parts)
			}
			seen[part] = true
			sum = sum.Plus(part)
		}
		// Two equal parts would look like one payment made twice: a part more may be needed.
		fewest := int((amount.Minor + largest - 1) / largest)
		if sum != amount || len(parts) > fewest+1 {
			t.Errorf("%s: %d parts %v come to %s", amount, len(parts), parts, sum)
		}
	}
	if parts, _ := set.Split("ORANGE", money.XOF.Of(2_000_000), none); !slices.Equal(parts, []money.Amount{
		money.XOF.Of(1_000_000), money.XOF.Of(900_000), money.XOF.Of(100_000),
	}) {
		t.Errorf("parts %v, want them as round as can be", parts)
	}
	for _, amount := range []money.Amount{{}, money.XOF.Of(100), money.XOF.Of(1_000_000), money.XOF.Of(26_000_000), money.XOF.Of(99_999_999_999)} {
		if parts, ok := set.Split("ORANGE", amount, none); ok {
			t.Errorf("%s is split into %v", amount, parts)
		}
	}
	if _, ok := set.Split("FREE", money.XOF.Of(2_000_000), none); ok {
		t.Error("an operator that the rules do not know has no limit to split by")
	}
	parts, ok := set.Split("MTN", money.XOF.Of(1_500_000), func(part money.Amount) bool { return part.Minor == 1_000_000 || part.Minor == 600_000 })
	if !ok || len(parts) != 2 || parts[0].Minor == 1_000_000 || parts[1].Minor == 600_000 || parts[0].Plus(parts[1]).Minor != 1_500_000 {
		t.Errorf("parts %v are taken", parts)
	}
}
