package mapping_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/batch/intake/mapping"
	"payrun/batch/intake/table"
	"payrun/ledger/money"
)

const header = "transaction_id;Téléphone;Nom;Salaire;Net à percevoir;Opérateur\n"

var asked = time.Date(2026, time.November, 29, 4, 30, 0, 0, time.UTC)

// file opens a file that may leave open which column is which.
func file(t *testing.T, text string, columns map[table.Field]string) *table.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "november.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	opened, err := table.Open(path, table.Options{Map: columns, Undecided: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
	})
	return opened
}

func everybody(fs.FileInfo) bool { return true }

func TestAnAnswerIsThereForTheNextFileOfThatShape(t *testing.T) {
	store := mapping.Open(filepath.Join(t.TempDir(), "payrun", "columns"), everybody)
	november := file(t, header+"N-1;0701020304;Awa;250000;198000;Orange\n", nil)
	if before, err := store.Recall(november.Info()); err != nil || len(before) > 0 {
		t.Fatalf("recalled %v, %v before anything was answered", before, err)
	}
	november.Choose(map[table.Field]int{table.FieldAmount: 4})
	if kept, err := store.Remember(november.Info(), "november.csv", asked); err != nil || !kept {
		t.Fatalf("kept %t, %v", kept, err)
	}
	if kept, err := store.Remember(november.Info(), "november.csv", asked); err != nil || kept {
		t.Errorf("the same answer again: kept %t, %v", kept, err)
	}

	// payrun ids adds a column in front, which makes no other shape.
	december := file(t, "Téléphone;Nom;Salaire;Net à percevoir;Opérateur;transaction_id\n0701020304;Awa;260000;199000;Orange;D-1\n", nil)
	before, err := store.Recall(december.Info())
	if err != nil {
		t.Fatal(err)
	}
	want := map[table.Field]table.Recollection{table.FieldAmount: {Column: 3, Among: []int{2, 3}}}
	if diff := cmp.Diff(want, before); diff != "" {
		t.Errorf("recalled (-want +got):\n%s", diff)
	}
	december.Recall(before)
	if err := december.Undecided(); err != nil {
		t.Errorf("still open: %v", err)
	}
	if kept, err := store.Remember(december.Info(), "december.csv", asked); err != nil || kept {
		t.Errorf("what was recalled is no new answer: kept %t, %v", kept, err)
	}

	other := file(t, strings.Replace(header, "Nom", "Noms", 1)+"N-1;0701020304;Awa;250000;198000;Orange\n", nil)
	if before, err := store.Recall(other.Info()); err != nil || len(before) > 0 {
		t.Errorf("recalled %v, %v for other titles", before, err)
	}
}

// TestOnlyAnswersToADoubtAreKept: what --map overrides counts for that run alone.
func TestOnlyAnswersToADoubtAreKept(t *testing.T) {
	const plain = "transaction_id;customer_id;name;amount;Base;operator\nN-1;0701020304;Awa;198000;250000;Orange\n"
	for name, test := range map[string]struct {
		text    string
		columns map[table.Field]string
		kept    bool
	}{
		"a rival":                   {header + "N-1;0701020304;Awa;250000;198000;Orange\n", map[table.Field]string{table.FieldAmount: "Salaire"}, true},
		"nothing was chosen":        {plain, nil, false},
		"a strong title overridden": {plain, map[table.Field]string{table.FieldAmount: "Base"}, false},
		"a title nobody knows":      {strings.Replace(plain, "customer_id", "Puce", 1), map[table.Field]string{table.FieldNumber: "Puce"}, true},
		"a weak one overridden":     {strings.Replace(plain, "amount", "Montant", 1), map[table.Field]string{table.FieldAmount: "Base"}, true},
		"a note, which is no doubt": {plain, map[table.Field]string{table.FieldNote: "Base"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			store := mapping.Open(t.TempDir(), everybody)
			if kept, err := store.Remember(file(t, test.text, test.columns).Info(), "n.csv", asked); err != nil || kept != test.kept {
				t.Errorf("kept %t, %v, want %t", kept, err, test.kept)
			}
		})
	}
}

func TestALaterAnswerReplacesTheEarlierAndLeavesTheOthers(t *testing.T) {
	store := mapping.Open(t.TempDir(), everybody)
	text := "transaction_id;Téléphone;Contact;Nom;Salaire;Net à percevoir;Opérateur\nN-1;0701020304;0701020305;Awa;250000;198000;Orange\n"
	for _, columns := range []map[table.Field]string{
		{table.FieldAmount: "Salaire"}, {table.FieldNumber: "Contact"}, {table.FieldAmount: "Net à percevoir"},
	} {
		if kept, err := store.Remember(file(t, text, columns).Info(), "n.csv", asked); err != nil || !kept {
			t.Fatalf("%v: kept %t, %v", columns, kept, err)
		}
	}
	next := file(t, text, nil)
	before, err := store.Recall(next.Info())
	if err != nil || before[table.FieldAmount].Column != 5 || before[table.FieldNumber].Column != 2 {
		t.Fatalf("recalled %v, %v", before, err)
	}
	shape := next.Info().Shape
	if forgotten, err := store.Forget(shape); err != nil || !forgotten {
		t.Errorf("forgotten %t, %v", forgotten, err)
	}
	if forgotten, err := store.Forget(shape); err != nil || forgotten {
		t.Errorf("forgotten twice: %t, %v", forgotten, err)
	}
	if before, err := store.Recall(next.Info()); err != nil || len(before) > 0 {
		t.Errorf("recalled %v, %v after it was forgotten", before, err)
	}
}

func TestColumnsOfOneTitleAreToldApart(t *testing.T) {
	store := mapping.Open(t.TempDir(), everybody)
	text := "transaction_id;Téléphone;Nom;Montant;Montant;;Opérateur\nN-1;0701020304;Awa;250000;198000;17000;Orange\n"
	if _, err := store.Remember(file(t, text, map[table.Field]string{table.FieldAmount: "Montant@E"}).Info(), "n.csv", asked); err != nil {
		t.Fatal(err)
	}
	before, err := store.Recall(file(t, text, nil).Info())
	if err != nil {
		t.Fatal(err)
	}
	want := map[table.Field]table.Recollection{table.FieldAmount: {Column: 4, Among: []int{3, 4, 5}}}
	if diff := cmp.Diff(want, before); diff != "" {
		t.Errorf("recalled (-want +got):\n%s", diff)
	}
}

func TestWhatSomebodyElseCouldHaveWrittenDoesNotCount(t *testing.T) {
	folder := t.TempDir()
	info := file(t, header+"N-1;0701020304;Awa;250000;198000;Orange\n", map[table.Field]string{table.FieldAmount: "Salaire"}).Info()
	if _, err := mapping.Open(folder, everybody).Remember(info, "n.csv", asked); err != nil {
		t.Fatal(err)
	}
	for name, trusted := range map[string]func(fs.FileInfo) bool{
		"the file":   func(info fs.FileInfo) bool { return info.IsDir() },
		"the folder": func(info fs.FileInfo) bool { return !info.IsDir() },
	} {
		store := mapping.Open(folder, trusted)
		if before, err := store.Recall(info); !errors.Is(err, mapping.ErrNotTrusted) || len(before) > 0 {
			t.Errorf("%s: recalled %v, %v", name, before, err)
		}
		if kept, err := store.Remember(info, "n.csv", asked); !errors.Is(err, mapping.ErrNotTrusted) || kept {
			t.Errorf("%s: kept %t, %v", name, kept, err)
		}
	}
	fresh := filepath.Join(t.TempDir(), "columns")
	nobody := mapping.Open(fresh, func(fs.FileInfo) bool { return false })
	if kept, err := nobody.Remember(info, "n.csv", asked); !errors.Is(err, mapping.ErrNotTrusted) || kept {
		t.Errorf("a folder of others: kept %t, %v", kept, err)
	}
}

func TestDamagedAnswersDoNotCount(t *testing.T) {
	folder := t.TempDir()
	store := mapping.Open(folder, everybody)
	info := file(t, header+"N-1;0701020304;Awa;250000;198000;Orange\n", map[table.Field]string{table.FieldAmount: "Salaire"}).Info()
	if _, err := store.Remember(info, "n.csv", asked); err != nil {
		t.Fatal(err)
	}
	path := store.Path(info.Shape)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"no YAML":           "{",
		"an unknown key":    string(good) + "more: 1\n",
		"other titles":      strings.Replace(string(good), "- Nom\n", "- Noms\n", 1),
		"a column it lacks": strings.Replace(string(good), "title: Salaire\n", "title: Prime\n", 1),
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if before, err := store.Recall(info); !errors.Is(err, mapping.ErrDamaged) || len(before) > 0 {
			t.Errorf("%s: recalled %v, %v", name, before, err)
		}
	}
	// An answer given anew mends it.
	if kept, err := store.Remember(info, "n.csv", asked); err != nil || !kept {
		t.Errorf("kept %t, %v", kept, err)
	}
	if before, err := store.Recall(info); err != nil || len(before) != 1 {
		t.Errorf("recalled %v, %v", before, err)
	}
}

func TestAnAnswerThatCannotBeKeptIsAnErrorAndNoMore(t *testing.T) {
	info := file(t, header+"N-1;0701020304;Awa;250000;198000;Orange\n", map[table.Field]string{table.FieldAmount: "Salaire"}).Info()
	if kept, err := mapping.Open("", everybody).Remember(info, "n.csv", asked); !errors.Is(err, mapping.ErrNoFolder) || kept {
		t.Errorf("no folder: kept %t, %v", kept, err)
	}
	if before, err := mapping.Open("", everybody).Recall(info); err != nil || len(before) > 0 {
		t.Errorf("no folder: recalled %v, %v", before, err)
	}
	blocked := filepath.Join(t.TempDir(), "columns")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if kept, err := mapping.Open(blocked, everybody).Remember(info, "n.csv", asked); err == nil || kept {
		t.Errorf("a file in the way: kept %t, %v", kept, err)
	}
}

func TestAColumnIsWeighedWithoutItsTotals(t *testing.T) {
	opened := file(t, header+
		"N-1;0701020304;Awa;250 000;198000;Orange\nN-2;0501020304;Yao;à voir;120000;MTN\nN-3;0501020305;Zoé;;120000;MTN\n;;TOTAL;250000;438000;\n", nil)
	weights, err := mapping.Weigh(t.Context(), opened, money.XOF, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []mapping.Weight{
		{Samples: []string{"250 000", "à voir"}, Filled: 2, Amounts: 1, Sum: money.XOF.Of(250_000)},
		{Samples: []string{"198000", "120000"}, Filled: 3, Amounts: 3, Sum: money.XOF.Of(438_000)},
	}
	if diff := cmp.Diff(want, weights[3:5]); diff != "" {
		t.Errorf("weights (-want +got):\n%s", diff)
	}
	if got := weights[2]; got.Sum.Minor != 0 || got.Filled != 3 {
		t.Errorf("the names weigh %+v", got)
	}
}
