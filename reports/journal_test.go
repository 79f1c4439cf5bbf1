package reports_test

import (
	"encoding/csv"
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/reports"
)

func journal(change func(*reports.Journal)) reports.Options {
	o := reports.Options{Formats: []string{reports.FormatJournal}, Journal: reports.DefaultJournal()}
	if change != nil {
		change(&o.Journal)
	}
	return o
}

func TestAJournalReadsAsAnAccountantExpects(t *testing.T) {
	french := journal(func(j *reports.Journal) { j.Beneficiaries = "401" })
	french.French, french.FrenchCSV = true, true
	for golden, o := range map[string]reports.Options{
		"payroll.journal.csv":        journal(nil),
		"payroll.journal.detail.csv": journal(func(j *reports.Journal) { j.Detail = true }),
		"payroll.journal.fr.csv":     french,
	} {
		t.Run(golden, func(t *testing.T) {
			written := write(t, eachState(), header(), o)
			if len(written.Files) != 1 {
				t.Fatalf("wrote %q, want the journal alone", written.Files)
			}
			compare(t, golden, written.Files[0])
		})
	}
}

func TestABatchOfWhichNothingWasPaidBooksNothing(t *testing.T) {
	written := write(t, books{}, header(), journal(nil))
	if got := string(content(t, written.Files[0])); strings.Count(got, "\n") != 1 {
		t.Errorf("the journal is %q, want its header alone", got)
	}
}

// TestEveryEntryBalancesAndFeesAreRoundedOnce books random fees, each by itself
// and all together: both ways come to the total, rounded once.
func TestEveryEntryBalancesAndFeesAreRoundedOnce(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	var source books
	var paid, fees int64
	for row := range 500 {
		p := payout(row+2, "PAY-"+strconv.Itoa(row), "WAVE", "0701234570", "Awa", money.XOF.Of(1000), ledger.Successful)
		p.Answer.Fees, p.Answer.FeesKnown = money.XOF.Fine(random.Int64N(400)), true
		paid, fees = paid+1000, fees+p.Answer.Fees.Hundredths
		source.payouts = append(source.payouts, p)
	}
	for _, detail := range []bool{false, true} {
		written := write(t, source, header(), journal(func(j *reports.Journal) { j.Detail = detail }))
		debit, credit := map[string]int64{}, map[string]int64{}
		var booked int64
		for _, line := range readJournal(t, written.Files[0]) {
			debit[line["piece"]] += francs(t, line["debit"])
			credit[line["piece"]] += francs(t, line["credit"])
			booked += francs(t, line["debit"])
		}
		for piece := range debit {
			if debit[piece] != credit[piece] {
				t.Errorf("piece %s: debit %d, credit %d", piece, debit[piece], credit[piece])
			}
		}
		if want := paid + (fees+50)/100; booked != want {
			t.Errorf("detail %t: %d booked, want %d", detail, booked, want)
		}
	}
}

func readJournal(t *testing.T, path string) []map[string]string {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(string(content(t, path)))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var lines []map[string]string
	for _, record := range records[1:] {
		line := map[string]string{}
		for i, name := range records[0] {
			line[name] = record[i]
		}
		lines = append(lines, line)
	}
	return lines
}

func francs(t *testing.T, text string) int64 {
	t.Helper()
	if text == "" {
		return 0
	}
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestAccountsThatCannotBeBookedAreRefused(t *testing.T) {
	for name, change := range map[string]func(*reports.Journal){
		"none":           func(j *reports.Journal) { j.Fees = "" },
		"a formula":      func(j *reports.Journal) { j.Code = "=A1" },
		"too long":       func(j *reports.Journal) { j.Fees = strings.Repeat("6", 18) },
		"its own wallet": func(j *reports.Journal) { j.Wallet = j.Beneficiaries },
	} {
		if err := journal(change).Journal.Validate(); !errors.Is(err, reports.ErrJournal) {
			t.Errorf("%s: error %v, want ErrJournal", name, err)
		}
	}
	if err := reports.DefaultJournal().Validate(); err != nil {
		t.Error(err)
	}
}

// TestEveryLineOfARehearsalSaysSo: one that is imported alone must not pass for money that
// moved, whoever's sandbox it was.
func TestEveryLineOfARehearsalSaysSo(t *testing.T) {
	for environment, marked := range map[string]bool{
		"sandbox": true, "https://api.invalid (Sandbox)": true, "https://api.invalid (Production)": false,
	} {
		for _, detail := range []bool{false, true} {
			for _, french := range []bool{false, true} {
				h, o := header(), journal(func(j *reports.Journal) { j.Detail = detail })
				h.Environment, o.French = environment, french
				lines := readJournal(t, write(t, eachState(), h, o).Files[0])
				if len(lines) == 0 {
					t.Fatal("nothing was booked")
				}
				for _, line := range lines {
					mark := strings.HasPrefix(line["label"], "REHEARSAL, ") || strings.HasPrefix(line["label"], "RÉPÉTITION, ")
					if mark != marked {
						t.Errorf("%s, in detail %t: label %q", environment, detail, line["label"])
					}
				}
			}
		}
	}
}

// TestARehearsalsJournalReplacesNoOther: the two have the same name where a batch
// was rehearsed under it.
func TestARehearsalsJournalReplacesNoOther(t *testing.T) {
	paid, rehearsal := header(), header()
	rehearsal.Environment = "sandbox"
	for _, order := range [][2]reports.Header{{paid, rehearsal}, {rehearsal, paid}} {
		folder := t.TempDir()
		if _, err := reports.Write(t.Context(), folder, eachState(), order[0], journal(nil)); err != nil {
			t.Fatal(err)
		}
		if _, err := reports.Write(t.Context(), folder, eachState(), order[1], journal(nil)); !errors.Is(err, reports.ErrOtherBatch) {
			t.Errorf("one of %q over one of %q: %v, want ErrOtherBatch", order[1].Environment, order[0].Environment, err)
		}
	}
}
