package rules_test

import (
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
	none := func(money.XOF) bool { return false }
	for _, amount := range []money.XOF{
		1_000_001, 1_000_050, 1_000_100, 1_500_000, 1_999_999, 2_000_000, 2_000_001, 2_500_000,
		3_000_000, 5_400_000, 9_999_999, 12_345_678, 25_900_000,
	} {
		parts, ok := set.Split("ORANGE", amount, none)
		if !ok {
			t.Errorf("%s is not split", amount)
			continue
		}
		sum, seen := money.XOF(0), map[money.XOF]bool{}
		for _, part := range parts {
			if part < smallest || part > largest || seen[part] {
				t.Errorf("%s: parts %v", amount, parts)
			}
			seen[part] = true
			sum += part
		}
		// Two equal parts would look like one payment made twice: a part more may be needed.
		fewest := int((amount + largest - 1) / largest)
		if sum != amount || len(parts) > fewest+1 {
			t.Errorf("%s: %d parts %v come to %s", amount, len(parts), parts, sum)
		}
	}
	for _, amount := range []money.XOF{0, 100, 1_000_000, 26_000_000, 99_999_999_999} {
		if parts, ok := set.Split("ORANGE", amount, none); ok {
			t.Errorf("%s is split into %v", amount, parts)
		}
	}
	if _, ok := set.Split("FREE", 2_000_000, none); ok {
		t.Error("an operator that the rules do not know has no limit to split by")
	}
	parts, ok := set.Split("MTN", 1_500_000, func(part money.XOF) bool { return part == 1_000_000 || part == 600_000 })
	if !ok || len(parts) != 2 || parts[0] == 1_000_000 || parts[1] == 600_000 || parts[0]+parts[1] != 1_500_000 {
		t.Errorf("parts %v are taken", parts)
	}
}
