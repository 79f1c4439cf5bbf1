package digitalpaye

import "testing"

func TestANameIsSplitAsFilesWriteIt(t *testing.T) {
	for _, test := range []struct{ name, last, first string }{
		{"Koné Awa Marie", "Koné", "Awa Marie"},
		{"  Koné   Awa ", "Koné", "Awa"},
		{"Koné", "Koné", "Koné"},
		{"", "", ""},
	} {
		if last, first := splitName(test.name); last != test.last || first != test.first {
			t.Errorf("%q is %q, %q, want %q, %q", test.name, last, first, test.last, test.first)
		}
	}
}
