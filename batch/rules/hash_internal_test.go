package rules

import "testing"

// TestTheQuickHashOfANameIsThatOfItsWords: a name that is written in two ways must have
// one hash, whichever way it is found.
func TestTheQuickHashOfANameIsThatOfItsWords(t *testing.T) {
	for r := ' '; r <= 0xff; r++ {
		name := "N’Guessan " + string(r) + "wa K" + string(r) + "N-Ab"
		if got, want := keyOfName(name), keyOf(sortedWords(name)); got != want {
			t.Errorf("%q has the hash %x, want %x as of its words", name, got, want)
		}
	}
}

// TestNamesThatTradeLettersHaveKeysOfTheirOwn: a plain sum of hashes would take these for
// one.
func TestNamesThatTradeLettersHaveKeysOfTheirOwn(t *testing.T) {
	keys := make(map[nameKey]string)
	for first := 'a'; first <= 'z'; first++ {
		for second := 'a'; second <= 'z'; second++ {
			name := "Kou" + string(first) + " Yak" + string(second)
			if other, taken := keys[keyOfName(name)]; taken {
				t.Fatalf("%q has the key of %q", name, other)
			}
			keys[keyOfName(name)] = name
		}
	}
	if keyOfName("KONE N`Guessan") != keyOfName("N'guessan Koné") || keyOfName(" - ") != 0 {
		t.Error("one person's name has two keys, or none at all has one")
	}
}
