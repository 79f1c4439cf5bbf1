package table

import (
	"strings"
	"testing"
)

// TestACellIsWhatItsFormatShows gives each format a stored number. An amount must be
// the number that is seen; anything else is what is seen, as far as the format adds
// to the number.
func TestACellIsWhatItsFormatShows(t *testing.T) {
	same := func(format, value string) [4]string { return [4]string{format, value, value, ""} }
	for _, test := range [][4]string{
		// format, value, the amount read, its problem
		same("General", "150000"), same("Standard", "150000"), same("", "150000"), same("@", "150000"),
		same("0", "150000"), same("#,##0", "150000"), same("# ##0", "150000"), same(`#\ ##0`, "150000"),
		same("0.00", "150000"), same("#,##0.00", "150000"), same("0.0###", "150000"), same(".00", "150000"),
		same(`#,##0 "FCFA"`, "150000"), same(`#,##0\ "F CFA"`, "150000"), same("#,##0 F", "150000"),
		same("#,##0 F CFA", "150000"), same(`"F CFA" #,##0`, "150000"), same(`#,##0" Frs"`, "150000"),
		same("[$XOF] #,##0", "150000"), same("#,##0 [$F CFA-40C]", "150000"), same("#,##0 [$XOF-fr-CI]", "150000"), same("#,##0 [$CFA]", "150000"),
		same(`_-* #,##0\ [$XOF]_-;\-* #,##0\ [$XOF]_-;_-* "-"\ [$XOF]_-;_-@_-`, "150000"),
		same(`_-* #,##0.00\ _F_-;\-* #,##0.00\ _F_-;_-* "-"??\ _F_-;_-@_-`, "150000"),
		same("[Red]0", "150000"), same("[Rouge]0;[Color5]-0", "150000"), same("[DBNum1]0", "150000"), same("[$-40C]#,##0", "150000"),
		same(`#,##0",-"`, "150000"), same("#,##0.-", "150000"), same(`0"."000`, "150000"), same("0000000000", "150"),
		same(`0;0;"-"`, "0"), same("[>1000]#,##0;0", "150000"), same("[>1000]#,##0;0", "150"),
		same("0;[Red]-0", "-150"), same("0.00", "1500.5"), same("0'000", "150000"),

		{`#" 000"`, "150", "150 000", problemFormat},
		{`0"000"`, "150", "150000", problemFormat},
		{`0" 000 FCFA"`, "150", "150 000 FCFA", problemFormat},
		{`0\0\0\0`, "150", "150000", problemFormat},
		{`"1"000`, "150", "1150", problemFormat},
		{`"150 000"`, "150", "150 000", problemFormat},
		{"0*0", "150", "1500", problemFormat},
		{`0"k"`, "150", "150k", problemFormat},
		{"0 K", "150", "150 K", problemFormat},
		{`0" mille"`, "150", "150 mille", problemFormat},
		{`0"M"`, "150", "150M", problemFormat},
		{"#,##0 [$€-40C]", "500", "500 €", problemFormat},
		{"#,##0 €", "500", "500 €", problemFormat},
		{"[$$-409]#,##0.00", "500", "$500.00", problemFormat},
		{"[$USD] #,##0", "500", "USD 500", problemFormat},
		{`#,##0 "EUR"`, "500", "500 EUR", problemFormat},
		{"0 MAD", "500", "500 MAD", problemFormat},
		{"0 DH", "500", "500 DH", problemFormat},
		{"£0", "500", "£500", problemFormat},
		{`#,##0" jours"`, "30", "30 jours", problemFormat},
		{`0","00`, "15000000", "150000,00", problemFormat},
		{"0.000", "150", "150.000", problemFormat},
		{`"-"0`, "150", "-150", problemFormat},
		{"(0)", "150", "(150)", problemFormat},
		{`[<1000]0"000";0`, "150", "150000", problemFormat},
		{`0;-0;0;@" €"`, "150", "150", ""},
		{`[=150]"Oui";"Non"`, "150", "Oui", problemFormat},
		{"[<100]0", "150", "150", problemInvisible},
		{";;;", "150", "150", problemInvisible},
		{"", "150", "150", ""},
		{`"",`, "150", "150", problemInvisible},
		{"#,##0,", "150000", "150000", problemScaled},
		{`0.0,,"M"`, "1500000", "1500000", problemScaled},
		{`#,##0,\K`, "150000", "150000", problemScaled},
		{`[>1000]0,"k";0`, "150000", "150000", problemScaled},
		{`[>1000]0,"k";0`, "150", "150", ""},
		{"0%", "150", "150", problemScaled},
		{"0.00E+00", "150000", "150000", problemScaled},
		{"# ?/?", "150", "150", problemScaled},
		{"dd/mm/yyyy", "46350", "46350", problemDate},
		{`[$-40C]d\ mmmm\ yyyy;@`, "46350", "46350", problemDate},
		{"[h]:mm:ss", "46350", "46350", problemDate},
		{"mm:ss.0", "46350", "46350", problemDate},
		{"yyyy", "46350", "46350", problemDate},
		{"[h]", "46350", "46350", problemDate},
		{strings.Repeat("0", formatCodeMax+1), "150", "150", problemInvisible},
	} {
		got := shownBy(test[0], test[1], FieldAmount)
		if got.Text != test[2] || got.Problem != test[3] {
			t.Errorf("%s in the format %s is read as %q (%s), want %q (%s)", test[1], test[0], got.Text, got.Problem, test[2], test[3])
		}
	}
}

// shownBy reads a number as numberCell does, but for the form of dates.
func shownBy(format, value string, field Field) Cell {
	f := parseFormat(format)
	b := &workbook{styles: styles{cells: []numberFormat{f}}}
	cell := b.numberCell(sheetCell{value: value}, field)
	if cell.Problem == problemDate {
		cell.Text = value
	}
	return cell
}

// TestANumberIsWhatItsFormatShows restores what a person sees: a format of ten zeros
// shows the zero that the number has not.
func TestANumberIsWhatItsFormatShows(t *testing.T) {
	for _, test := range []struct{ format, digits, want string }{
		{"0000000000", "777101301", "0777101301"},
		{"0000000000", "2250777101", ""},
		{"0000000000", "2250777101301", ""},
		{`0#" "##" "##" "##" "##`, "777101301", "07 77 10 13 01"},
		{`00\ 00\ 00\ 00\ 00`, "101", "00 00 00 01 01"},
		{"[>=2250000000000]000 0000000000;0000000000", "777101301", "0777101301"},
		{`"+225 "0000000000`, "777101301", "+225 0777101301"},
		{`00-00`, "12345", ""},
		{`"PAY-"0000`, "17", "PAY-0017"},
		{`"PAY-"0`, "17", "PAY-17"},
		{"0000", "0", "0000"},
		{`"A-"0;"B-"0`, "0", "A-0"},
		{`"A-"0;"B-"0;"C-"0`, "0", "C-0"},
		{`0".5"`, "12", "12.5"},
		{"0", "777101301", ""},
		{"General", "777101301", ""},
		{"@", "777101301", ""},
		{"#,##0", "777101301", ""},
		{"0.00", "777101301", ""},
		{"[", "5", ""},
	} {
		got := shownBy(test.format, test.digits, FieldNumber)
		want := Cell{Text: test.want}
		if test.want == "" {
			want = Cell{Text: test.digits, Numeric: true}
		}
		if test.format == "[" {
			want = Cell{Text: test.digits, Problem: problemInvisible}
		}
		if got != want {
			t.Errorf("%s in the format %s is read as %+v, want %+v", test.digits, test.format, got, want)
		}
	}
}

// TestATextIsWhatItsFormatShows: the fourth section of a format is for texts.
func TestATextIsWhatItsFormatShows(t *testing.T) {
	for _, test := range []struct {
		format, text string
		field        Field
		want         Cell
	}{
		{"@", "150 000", FieldAmount, Cell{Text: "150 000"}},
		{"0;0;0;@", "150 000", FieldAmount, Cell{Text: "150 000"}},
		{`_-@_-`, "150 000", FieldAmount, Cell{Text: "150 000"}},
		{`@" FCFA"`, "150 000", FieldAmount, Cell{Text: "150 000 FCFA"}},
		{`@" €"`, "500", FieldAmount, Cell{Text: "500 €", Problem: problemFormat}},
		{`0;0;0;@"000"`, "150", FieldAmount, Cell{Text: "150000", Problem: problemFormat}},
		{`"0"@`, "701020304", FieldNumber, Cell{Text: "0701020304"}},
		{";;;", "150", FieldAmount, Cell{Text: "150", Problem: problemInvisible}},
		{";;;", "0701020304", FieldNumber, Cell{Text: "0701020304", Problem: problemInvisible}},
		{"0;0;0", "Awa", FieldName, Cell{Text: "Awa"}},
		{`;;;"x"`, "Awa", FieldName, Cell{Text: "Awa", Problem: problemInvisible}},
	} {
		b := &workbook{styles: styles{cells: []numberFormat{parseFormat(test.format)}}}
		if got := b.formattedText(sheetCell{}, test.text, test.field); got != test.want {
			t.Errorf("%q in the format %s is read as %+v, want %+v", test.text, test.format, got, test.want)
		}
	}
}

// TestEveryBuiltInFormatIsKnown walks the numbers of the standard: those of currencies
// depend on the machine, those of dates show none, and the plain ones show the number.
func TestEveryBuiltInFormatIsKnown(t *testing.T) {
	want := map[string][]int{
		"":            {0, 1, 2, 3, 4, 23, 24, 25, 26, 37, 38, 39, 40, 41, 43, 49},
		problemFormat: {5, 6, 7, 8, 42, 44, 63, 64, 65, 66},
		problemScaled: {9, 10, 11, 12, 13, 48, 67, 68, 69, 70},
		problemDate: {
			14, 15, 16, 17, 18, 19, 20, 21, 22, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 45, 46, 47,
			50, 51, 52, 53, 54, 55, 56, 57, 58, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81,
		},
	}
	for problem, ids := range want {
		for _, id := range ids {
			if got := shownBy(builtinFormat(id), "45000", FieldAmount); got.Problem != problem {
				t.Errorf("format %d: %q, want %q", id, got.Problem, problem)
			}
		}
	}
}
