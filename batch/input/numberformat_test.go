package input

import "testing"

func TestFormatsThatAddDigitsAreShown(t *testing.T) {
	for _, test := range []struct {
		format, digits, want string
		adds                 bool
	}{
		{"0000000000", "777101301", "0777101301", true},
		{"0000000000", "2250777101", "2250777101", false},
		{"0000000000", "2250777101301", "2250777101301", false},
		{`0#" "##" "##" "##" "##`, "777101301", "07 77 10 13 01", true},
		{`00\ 00\ 00\ 00\ 00`, "101", "00 00 00 01 01", true},
		{`00-00`, "12345", "12345", false},
		{`"PAY-"0000`, "17", "PAY-0017", true},
		{`"PAY-"0`, "17", "PAY-17", true},
		{"0000", "0", "0000", true},
		{"0", "777101301", "777101301", false},
		{"General", "777101301", "777101301", false},
		{"@", "777101301", "777101301", false},
		{"#,##0", "777101301", "777101301", false},
		{"0.00", "777101301", "777101301", false},
		{"0E+00", "777101301", "777101301", false},
		{"0000000000", "1500.4", "1500.4", false},
		{"0000000000", "-5", "-5", false},
		{";;;", "5", "5", false},
		{"[", "5", "5", false},
	} {
		got, adds := parseFormat(test.format).show(test.digits)
		if got != test.want || adds != test.adds {
			t.Errorf("%s as %s = %q, adds %t; want %q, adds %t", test.digits, test.format, got, adds, test.want, test.adds)
		}
	}
}

func TestDatesAndScaledNumbersAreRecognised(t *testing.T) {
	for _, test := range []struct {
		format       string
		date, scaled bool
	}{
		{format: "dd/mm/yyyy", date: true},
		{format: `[$-40C]d\ mmmm\ yyyy;@`, date: true},
		{format: "[h]:mm:ss", date: true},
		{format: "0%", scaled: true},
		{format: "0.00%", scaled: true},
		{format: `0,"k"`, scaled: true},
		{format: "0.0,,", scaled: true},
		{format: `#,##0\ "jours"`},
		{format: `_-* #,##0\ "FCFA"_-;-* #,##0\ "FCFA"_-;_-* "-"??\ "FCFA"_-;_-@_-`},
		{format: "[Red]0"},
	} {
		got := parseFormat(test.format)
		if got.date != test.date || got.scaled != test.scaled {
			t.Errorf("parseFormat(%q) = date %t, scaled %t; want %t, %t", test.format, got.date, got.scaled, test.date, test.scaled)
		}
	}
}
