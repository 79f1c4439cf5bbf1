package fix_test

import (
	"bufio"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"payrun/batch/intake/annotate"
	"payrun/batch/intake/fix"
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger/money"
)

func open(t *testing.T, path string) *table.File {
	t.Helper()
	file, err := table.Open(path, table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	return file
}

func write(t *testing.T, lines ...string) *table.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.csv")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, path)
}

func builtin(t *testing.T) *rules.Set {
	t.Helper()
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func prepare(t *testing.T, file *table.File) *fix.Plan {
	t.Helper()
	plan, err := fix.Prepare(t.Context(), file, builtin(t), fix.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// copied writes the copy and opens it as anybody would.
func copied(t *testing.T, plan *fix.Plan, format annotate.Format) *table.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "copy."+string(format))
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	buffered := bufio.NewWriter(out)
	layout := plan.Full()
	table, err := annotate.NewTable(buffered, len(layout.Titles), annotate.TableOptions{
		Format: format, Separator: ';', Folder: t.TempDir(), Whole: plan.Whole(layout),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Write(t.Context(), table, layout); err != nil {
		t.Fatal(err)
	}
	for _, end := range []func() error{table.Finish, buffered.Flush, out.Close} {
		if err := end(); err != nil {
			t.Fatal(err)
		}
	}
	return open(t, path)
}

const header = "transaction_id;Numéro;Nom;Montant;Opérateur"

func TestWhatIsCertainIsFixedAndTold(t *testing.T) {
	plan := prepare(t, write(t,
		"Paie de novembre;;;;",
		header,
		"A-1;+225 07 01 02 03 04;Awa   Koné;150 000 F;OM",
		"A-2;00225-0501020304;Yao N'Guessan;75.000,00;mtn ci",
		"A-3;2250101020304;Issa Traoré;95000;MOOV",
		"A-4;701020305;Fanta Ouattara;5000;Orange",
		"A-5;01020306;Ali Bamba;5000;Moov Money",
		"A-6;0701020307;Awa Touré;1500000;Orange",
		";;TOTAL;1830000;",
	))
	if len(plan.Problems) > 0 {
		t.Fatalf("problems %v", plan.Problems)
	}
	var got []string
	for _, c := range plan.Changes {
		got = append(got, fmt.Sprintf("%d %s %s: %s → %s", c.Row, c.Header, c.Code, c.Before, c.After))
	}
	want := []string{
		"1  row.left_out: Paie de novembre → ",
		"3 Numéro number.written: +225 07 01 02 03 04 → 0701020304",
		"3 Nom name.blanks: Awa   Koné → Awa Koné",
		"3 Montant amount.written: 150 000 F → 150000",
		"3 Opérateur operator.named: OM → ORANGE",
		"4 Numéro number.written: 00225-0501020304 → 0501020304",
		"4 Montant amount.written: 75.000,00 → 75000",
		"4 Opérateur operator.named: mtn ci → MTN",
		"5 Numéro number.written: 2250101020304 → 0101020304",
		"6 Numéro number.zero_restored: 701020305 → 0701020305",
		"6 Opérateur operator.named: Orange → ORANGE",
		"7 Numéro number.written_out: 01020306 → 0101020306",
		"7 Opérateur operator.named: Moov Money → MOOV",
		"8 Montant amount.split: 1500000 → A-6-a 1000000 + A-6-b 500000",
		"8 Opérateur operator.named: Orange → ORANGE",
		"9  row.left_out: TOTAL | 1830000 → ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	for _, format := range []annotate.Format{annotate.CSV, annotate.XLSX} {
		written := copied(t, plan, format)
		if err := plan.Check(t.Context(), written); err != nil {
			t.Errorf("%s: %v", format, err)
		}
		if again := prepare(t, written); len(again.Changes) > 0 || len(again.Problems) > 0 {
			t.Errorf("%s: the copy would be changed again: %v %v", format, again.Changes, again.Problems)
		}
	}
}

func TestWhatIsInDoubtIsNotFixed(t *testing.T) {
	for _, test := range []struct{ row, code string }{
		{"B-1;0701020304;Awa Koné;1.000;Orange", rules.CodeAmountAmbiguous},
		{"B-1;0701020304;Awa Koné;1000,50;Orange", rules.CodeAmountFraction},
		{"B-1;0701020304;Awa Koné;-5000;Orange", rules.CodeAmountSign},
		{"B-1;07010203;Awa Koné;5000;Wave", rules.CodeNumberOldFormat},
		{"B-1;07010203;Awa Koné;5000;", rules.CodeOperatorMissing},
		{"B-1;701020304;Awa Koné;5000;Free", rules.CodeNumberLostZero},
		{"B-1;501020304;Awa Koné;5000;Orange", rules.CodeNumberLostZero},
		{"B-1;2,25078E+12;Awa Koné;5000;Orange", rules.CodeNumberScientific},
		{"B-1;070102030;Awa Koné;5000;Orange", rules.CodeNumberLength},
		{"B-1;+33612345678;Awa Koné;5000;Orange", rules.CodeNumberCountry},
		{"B-1;0701020304;;5000;Orange", rules.CodeNameMissing},
		{"B-1;0701020304;Awa Koné;50;Orange", rules.CodeAmountMin},
		{"A-1;0701020304;Awa Koné;5000;Orange", rules.CodeIDDuplicate},
		{";0701020304;Awa Koné;5000;Orange", rules.CodeIDMissing},
		{"B-1-AN-ID-THAT-IS-TOO-LONG;0701020304;Awa Koné;2000000;Orange", rules.CodeIDLength},
		// Beyond what 26 parts come to, a zero too many is likelier.
		{"B-1;0701020304;Awa Koné;90000000;Orange", rules.CodeAmountMax},
	} {
		plan := prepare(t, write(t, header, "A-1;0701020399;Yao;5000;Orange", test.row))
		if !slices.ContainsFunc(plan.Problems, func(p rules.Problem) bool { return p.Code == test.code && p.Row == 3 }) {
			t.Errorf("%s: problems %v, want %s", test.row, plan.Problems, test.code)
		}
	}
}

func TestPartsHaveIDsOfTheirOwn(t *testing.T) {
	for _, test := range []struct {
		name string
		rows []string
		want []string
	}{
		{"the id with a letter", []string{"P-1;0701020304;Awa;1500000;Orange"}, []string{"P-1-a 1000000", "P-1-b 500000"}},
		{
			"two rows of which one has such an id",
			[]string{"P-1;0701020304;Awa;1500000;Orange", "P-1-A;0701020305;Yao;5000;Orange"},
			[]string{"P-1-9JE55-a 1000000", "P-1-9JE55-b 500000", "P-1-A 5000"},
		},
		{
			"a long id is shortened",
			[]string{"PAIE-NOVEMBRE-00001;0701020304;Awa;1500000;Orange", "PAIE-NOVEMBRE-00002;0701020305;Yao;1500000;Orange"},
			[]string{"PAIE-NOVEMBR-JMGJS-a 1000000", "PAIE-NOVEMBR-JMGJS-b 500000", "PAIE-NOVEMBR-4V9C1-a 1000000", "PAIE-NOVEMBR-4V9C1-b 500000"},
		},
		{
			"no part is what the number already gets",
			[]string{"P-1;0701020304;Awa;1500000;Orange", "P-2;0701020304;Awa;1000000;Orange"},
			[]string{"P-1-a 900000", "P-1-b 600000", "P-2 1000000"},
		},
	} {
		plan := prepare(t, write(t, append([]string{header}, test.rows...)...))
		if len(plan.Problems) > 0 {
			t.Errorf("%s: %v", test.name, plan.Problems)
			continue
		}
		var got []string
		for row, err := range copied(t, plan, annotate.CSV).Rows(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, row.TransactionID.Text+" "+row.Amount.Text)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// TestTheCopyOfAnyFixtureValidates fixes every sample there is: it is refused, or
// its copy is read without a question, has no error, and needs no more fixing.
func TestTheCopyOfAnyFixtureValidates(t *testing.T) {
	fixed := 0
	err := filepath.WalkDir("../../..", func(path string, entry fs.DirEntry, err error) error {
		extension := filepath.Ext(path)
		if err != nil || entry.IsDir() || !strings.Contains(path, "testdata") || extension != ".csv" && extension != ".xlsx" {
			return err
		}
		file, err := table.Open(path, table.Options{})
		if err != nil {
			return nil // no file of beneficiaries
		}
		defer file.Close()
		plan, err := fix.Prepare(t.Context(), file, builtin(t), fix.Options{})
		if err != nil || len(plan.Problems) > 0 || plan.Payments.Count == 0 {
			return nil // it cannot be read to its end, or nothing is certain
		}
		fixed++
		for _, format := range []annotate.Format{annotate.CSV, annotate.XLSX} {
			written := copied(t, plan, format)
			if err := plan.Check(t.Context(), written); err != nil {
				t.Errorf("%s as %s: %v", path, format, err)
			}
			if again := prepare(t, written); len(again.Changes) > 0 {
				t.Errorf("%s as %s: changed again: %v", path, format, again.Changes[0])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if fixed < 3 {
		t.Errorf("only %d samples were fixed: this test looks in the wrong place", fixed)
	}
}

// TestAFixedFileSaysWhatItSaid writes people as clerks do, at random, and wants
// them back: the same payments, each to the number and of the amount that was meant.
func TestAFixedFileSaysWhatItSaid(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	pick := func(texts ...string) string { return texts[random.IntN(len(texts))] }
	prefixes := map[string]string{"ORANGE": "07", "MTN": "05", "MOOV": "01"}
	for range 40 {
		lines := []string{header}
		var want []string
		total := money.XOF.Of(0)
		for i := range 1 + random.IntN(30) {
			operator := pick("ORANGE", "MTN", "MOOV")
			number := fmt.Sprintf("%s%08d", prefixes[operator], random.IntN(99_000_000)+100_000)
			amount := money.XOF.Of(int64(100 + random.IntN(1_000_000)))
			if random.IntN(8) == 0 {
				amount.Minor *= int64(1 + random.IntN(5))
			}
			total = total.Plus(amount)
			written := pick(number, "+225 "+number, "225"+number, number[:2]+" "+number[2:6]+"-"+number[6:], number[1:])
			lines = append(lines, fmt.Sprintf("R-%d;%s;%s;%s;%s", i, written, pick("Awa Koné", "Awa  Koné"),
				pick(amount.Plain(), amount.Grouped()+" FCFA", amount.Plain()+",00"), pick(operator, strings.ToLower(operator))))
			if random.IntN(6) == 0 {
				lines = append(lines, ";;;;")
			}
			want = append(want, fmt.Sprintf("R-%d %s Awa Koné %s %s", i, number, amount.Plain(), operator))
		}
		plan := prepare(t, write(t, lines...))
		if len(plan.Problems) > 0 {
			t.Fatalf("seed %d: %v of\n%s", seed, plan.Problems, strings.Join(lines, "\n"))
		}
		format := annotate.Format(pick("csv", "xlsx"))
		written := copied(t, plan, format)
		if err := plan.Check(t.Context(), written); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		if plan.Payments.Amount != total {
			t.Errorf("seed %d: the copy comes to %s, the file to %s", seed, plan.Payments.Amount, total)
		}
		if diff := cmp.Diff(want, joined(t, written)); diff != "" {
			t.Errorf("seed %d, %s (-want +got):\n%s", seed, format, diff)
		}
	}
}

// joined lists the payments of a copy, parts put together again.
func joined(t *testing.T, file *table.File) []string {
	t.Helper()
	var got []string
	whole, sum := "", money.XOF.Of(0)
	for row, err := range file.Rows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		amount, code := rules.ParseAmount(money.XOF, row.Amount.Text)
		if code != "" {
			t.Fatalf("amount %q", row.Amount.Text)
		}
		id := row.TransactionID.Text
		if stem, part := id[:len(id)-2], id[len(id)-2:]; part[0] == '-' && part[1] >= 'a' {
			id = stem
		}
		if id == whole {
			sum = sum.Plus(amount)
			got = got[:len(got)-1]
		} else {
			whole, sum = id, amount
		}
		got = append(got, fmt.Sprintf("%s %s %s %s %s", id, row.Beneficiary.Text, row.Name.Text, sum.Plain(), row.Operator.Text))
	}
	return got
}
