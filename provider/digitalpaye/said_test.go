package digitalpaye

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/ledger/money"
	"payrun/provider"
)

func TestAmountsWrittenForPeopleAreReadWhereThereIsNoDoubt(t *testing.T) {
	for text, want := range map[string]money.Fine{
		"150000": money.XOF.Fine(150_000_00), "150000.00": money.XOF.Fine(150_000_00), "150000,00": money.XOF.Fine(150_000_00), "150000,5": money.XOF.Fine(150_000_50),
		"150 000": money.XOF.Fine(150_000_00), "150\u00a0000": money.XOF.Fine(150_000_00), "150\u202f000 XOF": money.XOF.Fine(150_000_00), "1 500 000,00": money.XOF.Fine(1_500_000_00),
		"150000 XOF": money.XOF.Fine(150_000_00), "150000.00 XOF": money.XOF.Fine(150_000_00), "XOF 150000": money.XOF.Fine(150_000_00), "150 000 F CFA": money.XOF.Fine(150_000_00),
		"150000F": money.XOF.Fine(150_000_00), "150000 fcfa": money.XOF.Fine(150_000_00), "150 000 francs": money.XOF.Fine(150_000_00),
		"1.500.000": money.XOF.Fine(1_500_000_00), "1,500,000": money.XOF.Fine(1_500_000_00), "1,500,000.00": money.XOF.Fine(1_500_000_00), "1.500.000,00": money.XOF.Fine(1_500_000_00),
		"150,000.00": money.XOF.Fine(150_000_00), "150.000,00": money.XOF.Fine(150_000_00), "-500": money.XOF.Fine(-500_00), "500.0000": money.XOF.Fine(500_00), "1,500.000": money.XOF.Fine(1_500_00), "7.5": money.XOF.Fine(7_50),
	} {
		if got, ok := (scalar{text: text}).francs(); !ok || got != want {
			t.Errorf("%q is %s, %t; want %s", text, got, ok, want)
		}
	}
	for _, text := range []string{
		"", "150.000", "150,000", "15 0000", "1 50 000", "150 00", "1,50,000", "1.500,000", "150000 EUR", "150000 $", "1e5", "+500",
		"5OO", "150-000", "150,0000", "XOF", "--5", "1.5.0", "500.", ",5", "1 000 000,000", "150'000",
	} {
		if got, ok := (scalar{text: text}).francs(); ok {
			t.Errorf("%q is read as %s", text, got)
		}
	}
	if got, ok := (scalar{text: "150.000", number: true}).francs(); !ok || got.Hundredths != 150_00 {
		t.Errorf("a JSON number with three decimals is %s, %t", got, ok)
	}
}

func TestNumbersWrittenForPeopleAreCompared(t *testing.T) {
	for said, same := range map[string]bool{
		"0701020304": true, "+2250701020304": true, "002250701020304": true, "07 01 02 03 04": true, "07.01.02.03.04": true,
		"(+225) 0701020304": true, "+225 (07) 01-02-03-04": true, "701020304": true, "225701020304": true,
		"07****0304": true, "07******04": true, "07••••0304": true, "+22507XXXX0304": true, "07…304": true, "******0304": true,
		"+22501020304": true, "01020304": true, "22501020304": true,
		"0701020305": false, "07****0305": false, "05****0304": false, "+22505****0304": false, "01020305": false,
		"+22601020304": false, "0701020304 ou 0501020304": false, "701020305": false, "07010203": false, "Awa": false,
		"070102030405****04": false, "07010203*020304": false, "…0304": true, "…0305": false, "0701020304*": true, "+225": false,
	} {
		if got := sameNumber(said, "+2250701020304"); got != same {
			t.Errorf("%q is the same number: %t, want %t", said, got, same)
		}
	}
}

func TestTimesAreReadInTheFormsTheyAreWrittenIn(t *testing.T) {
	noon := time.Date(2026, 5, 29, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2026-05-29 12:00:00": noon, "2026-05-29T12:00:00.000Z": noon, "2026-05-29T12:00:00": noon, "2026-05-29 12:00": noon,
		"2026-05-29T14:00:00+02:00": noon, "2026-05-29T12:00:00+0000": noon, "2026-05-29 12:00:00 +0000 UTC": noon,
		"29/05/2026 12:00:00": noon, "29-05-2026 12:00": noon, "2026/05/29 12:00:00": noon, " 2026-05-29 12:00:00 ": noon,
		"1780056000": noon, "1780056000000": noon, "Fri, 29 May 2026 12:00:00 GMT": noon,
		"Fri May 29 2026 12:00:00 GMT+0000 (Coordinated Universal Time)": noon,
		"": {}, "hier": {}, "29 mai": {}, "12:00": {}, "2026-13-01 12:00:00": {}, "20260529": {}, "31/02/2026 12:00": {},
	} {
		if got, span := when(text); !got.Equal(want) || span != 0 {
			t.Errorf("%q is %s for %s, want %s", text, got, span, want)
		}
	}
	for _, text := range []string{"2026-05-29", "29/05/2026"} {
		at, span := when(text)
		if !at.Equal(noon.Truncate(day)) || at.Add(span).Day() != 29 || at.Add(span+time.Nanosecond).Day() != 30 {
			t.Errorf("%q is %s for %s, want the whole day", text, at, span)
		}
	}
}

func TestAnAnswerIsDescribed(t *testing.T) {
	ours := provider.Described{
		Ours: true, Number: "+2250777101308", Amount: money.XOF.Of(500), AmountKnown: true,
		At: time.Date(2026, 5, 29, 12, 0, 0, 0, time.UTC),
	}
	changed := func(change func(*provider.Described)) provider.Described {
		d := ours
		change(&d)
		return d
	}
	for _, test := range []struct {
		says, body string
		want       provider.Described
	}{
		{"old writing", oldPaid, ours},
		{"new writing", newPaid, ours},
		{"last changed", with(t, oldPaid, `"date_update":null`, `"date_update":"2026-05-29 12:00:09"`), changed(func(d *provider.Described) {
			d.Updated = d.At.Add(9 * time.Second)
		})},
		{"only the day", with(t, oldPaid, "2026-05-29 12:00:00", "2026-05-29"), changed(func(d *provider.Described) {
			d.At, d.Span = d.At.Truncate(day), day-time.Nanosecond
		})},
		{"no date", with(t, oldPaid, `"2026-05-29 12:00:00"`, `null`), changed(func(d *provider.Described) { d.At = time.Time{} })},
		{"a masked number", with(t, newPaid, "2250777101308", "07****1308"), changed(func(d *provider.Described) { d.Number = "" })},
		{"a number as it was before 2021", with(t, newPaid, "2250777101308", "77101308"), changed(func(d *provider.Described) { d.Number = "" })},
		{"somebody else's", with(t, newPaid, "SAL-001", "SAL-002", "1308", "1309", `"500"`, `"700"`), changed(func(d *provider.Described) {
			d.Ours, d.Number, d.Amount = false, "+2250777101309", money.XOF.Of(700)
		})},
		{"an amount in doubt", with(t, newPaid, `"500"`, `"500.000"`), changed(func(d *provider.Described) { d.Amount, d.AmountKnown = money.Amount{}, false })},
		{"a refusal", v1Refusal(400, "BadRequestError", "non"), provider.Described{}},
	} {
		got := judge(exchange{status: 200, body: []byte(test.body), at: noon, left: true}, asked)
		if diff := cmp.Diff(test.want, got.Described); diff != "" {
			t.Errorf("%s (-want +got)\n%s", test.says, diff)
		}
	}
}
