package table

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// opened opens a file for the length of a test.
func opened(tb testing.TB, path string, opts Options) *File {
	tb.Helper()
	file, err := Open(path, opts)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := file.Close(); err != nil {
			tb.Error(err)
		}
	})
	return file
}

// collect reads all rows, which must be possible.
func collect(tb testing.TB, file *File) []Row {
	tb.Helper()
	rows, err := pass(tb.Context(), file)
	if err != nil {
		tb.Fatal(err)
	}
	return rows
}

func pass(ctx context.Context, file *File) ([]Row, error) {
	var rows []Row
	for row, err := range file.Rows(ctx) {
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// list is a CSV of n good rows.
func list(n int) string {
	var b strings.Builder
	b.WriteString(plainHeader)
	for i := range n {
		fmt.Fprintf(&b, "PAY-%06d,07%08d,Kouassi Aya,%d,ORANGE\n", i, i, 100+i)
	}
	return b.String()
}

func TestStandardInputIsReadAgainAndAgain(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	file := opened(t, "-", Options{Stdin: strings.NewReader(list(1000))})
	first, second := collect(t, file), collect(t, file)
	if len(first) != 1000 || !slices.Equal(first, second) {
		t.Errorf("passes of %d and %d rows, want the same 1000 twice", len(first), len(second))
	}
	if info, err := file.source.file.Stat(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("copy of the stream has mode %v (%v), want 0600", info.Mode().Perm(), err)
	}
	if err := file.Close(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("files left behind: %v (%v)", left, err)
	}
	file.source.file, _ = os.Open(os.DevNull) // for the clean-up's Close
}

func TestAPipeIsReadLikeStandardInput(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		_, _ = io.WriteString(write, list(3))
		_ = write.Close()
	}()
	file := opened(t, fmt.Sprintf("/dev/fd/%d", read.Fd()), Options{})
	for range 2 {
		if rows := collect(t, file); len(rows) != 3 {
			t.Errorf("%d rows, want 3", len(rows))
		}
	}
	if err := read.Close(); err != nil {
		t.Error(err)
	}
}

func TestAFileThatChangesIsNoticed(t *testing.T) {
	workbook, err := os.ReadFile(filepath.Join(samples, "numbers.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"csv": list(50_000), "xlsx": string(workbook)} {
		for change, changed := range map[string]string{
			"one byte":  content[:len(content)-10] + "\x07" + content[len(content)-9:],
			"longer":    content + "\n",
			"shorter":   content[:len(content)-1],
			"truncated": "",
		} {
			t.Run(name+" "+change, func(t *testing.T) {
				path := written(t, "payroll", content)
				file := opened(t, path, Options{})
				if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
					t.Fatal(err)
				}
				if _, err := pass(t.Context(), file); !errors.Is(err, ErrChanged) {
					t.Errorf("error = %v, want ErrChanged", err)
				}
			})
		}
	}
}

func TestAFileThatChangesDuringAPassIsNoticed(t *testing.T) {
	content := list(50_000)
	path := written(t, "payroll.csv", content)
	file := opened(t, path, Options{})
	var got error
	for row, err := range file.Rows(t.Context()) {
		if err != nil {
			got = err
			break
		}
		if row.Number != 2 {
			continue
		}
		last := strings.LastIndex(content, "100")
		if err := os.WriteFile(path, []byte(content[:last]+"900"+content[last+3:]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if !errors.Is(got, ErrChanged) {
		t.Errorf("error = %v, want ErrChanged", got)
	}
}

func TestAFileReplacedUnderItsNameIsReadAsItWas(t *testing.T) {
	path := written(t, "payroll.csv", list(10))
	file := opened(t, path, Options{})
	if err := os.Rename(written(t, "other.csv", list(2)), path); err != nil {
		t.Fatal(err)
	}
	if rows := collect(t, file); len(rows) != 10 {
		t.Errorf("%d rows, want the 10 that were opened", len(rows))
	}
}

func TestAReaderWhoStopsGetsNothingMore(t *testing.T) {
	for _, name := range []string{"title-rows.csv", "title-rows.xlsx"} {
		file := opened(t, filepath.Join(samples, name), Options{})
		for _, err := range file.Rows(t.Context()) {
			if err != nil {
				t.Errorf("%s: error = %v, want none", name, err)
			}
			break
		}
		if rows := collect(t, file); rows[0].Number != 5 {
			t.Errorf("%s: the pass after begins with row %d, want 5", name, rows[0].Number)
		}
	}
}

func TestACancelledPassEnds(t *testing.T) {
	for name, path := range map[string]string{
		"csv":  written(t, "payroll.csv", list(10_000)),
		"xlsx": filepath.Join(samples, "numbers.xlsx"),
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			file := opened(t, path, Options{})
			rows := 0
			var got error
			for _, err := range file.Rows(ctx) {
				rows++
				cancel()
				got = err
			}
			if !errors.Is(got, context.Canceled) || rows > chunkRows+1 {
				t.Errorf("after %d rows error = %v, want context.Canceled soon", rows, got)
			}
		})
	}
}

func TestFilesThatAreNoFilesSaySo(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "none.csv"), Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: error = %v, want fs.ErrNotExist", err)
	}
	if _, err := Open(t.TempDir(), Options{}); !errors.Is(err, ErrNotTable) || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("folder: error = %v, want ErrNotTable and the reason", err)
	}
	if _, err := Open("-", Options{}); err == nil {
		t.Error("no standard input: no error")
	}
	if _, err := Open("-", Options{Stdin: strings.NewReader("")}); !errors.Is(err, ErrEmpty) {
		t.Errorf("empty standard input: error = %v, want ErrEmpty", err)
	}
}

func TestEveryErrorOfAFileHasItsCode(t *testing.T) {
	seen := make(map[string]bool)
	for _, known := range fileCodes {
		if seen[known.code] {
			t.Errorf("code %s is given twice", known.code)
		}
		seen[known.code] = true
		if got := Code(fmt.Errorf("payroll.csv: %w", known.err)); got != known.code {
			t.Errorf("code of %q = %s, want %s", known.err, got, known.code)
		}
	}
	if got := Code(fs.ErrPermission); got != "file.unreadable" {
		t.Errorf("code of a system error = %s, want file.unreadable", got)
	}
}

func TestRecordsAreTheFileAsItStands(t *testing.T) {
	type row struct {
		number int
		cells  string
	}
	for name, want := range map[string][]row{
		"title-rows.csv": {
			{1, "SOCIÉTÉ IVOIRIENNE, S.A."},
			{2, `Paie de "novembre" 2026`},
			{4, "Numéro bénéficiaire|Bénéficiaire|Montant net à payer|Réseau|Référence de paiement"},
			{5, "07 00 00 02 01|Koné Awa|250,000|Orange Money|NOV-201"},
			{8, "+225 0500000202|Bamba Issouf|90000|MTN|NOV-202"},
			{9, "|TOTAL|340000||"},
		},
		"title-rows.xlsx": {
			{1, "Société ivoirienne"},
			{2, "Paie de novembre 2026|||Montant en FCFA"},
			{4, "|Réf.|Numéro|Nom & prénoms|Montant|Opérateur|Signature"},
			{5, "1|NOV-001|0700000101| Kouassi\u00a0Aya |100000|Orange"},
			{7, "2|NOV-002|0500000102|Yao Luc|75 000|MTN"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []row
			for record, err := range opened(t, filepath.Join(samples, name), Options{}).Records(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, row{record.Number, strings.Join(record.Cells, "|")})
			}
			if !slices.Equal(got, want) {
				t.Errorf("records =\n%v\nwant\n%v", got, want)
			}
		})
	}
}

// TestRecordsKeepWhatCannotBeCut reads rows that a misplaced quote malformed: they
// go into a copy as one cell each, and none is lost.
func TestRecordsKeepWhatCannotBeCut(t *testing.T) {
	var got []string
	for record, err := range opened(t, filepath.Join(samples, "swallowed-rows.csv"), Options{}).Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if record.Problem != "" {
			got = append(got, strings.Join(record.Cells, "|"))
		}
	}
	want := []string{
		"NOV-711,0700000711,\"Koffi Jean,5000,ORANGE\nNOV-712,0700000712,Koffi Luc,5000,ORANGE\nNOV-713,0700000713,Koffi Marc\",5000,ORANGE",
		`NOV-714,0700000714,"Koffi Jo,5000,ORANGE`,
		`NOV-715,0700000715,Koffi "Al" Max,5000,ORANGE`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("records =\n%q\nwant\n%q", got, want)
	}
}

// TestRecordsDoNotLaunderWhatCannotBeTrusted copies a workbook's cells as plain
// text: a value refused for its format or its merging must not look right there.
func TestRecordsDoNotLaunderWhatCannotBeTrusted(t *testing.T) {
	for name, column := range map[string]int{"traps.xlsx": 4, "numbers.xlsx": 3} {
		file := opened(t, filepath.Join(samples, name), Options{})
		refused := make(map[int]bool)
		for row, err := range file.Rows(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			refused[row.Number] = row.Amount.Problem != ""
		}
		for record, err := range file.Records(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if refused[record.Number] && len(record.Cells) > column && record.Plain()[column] != "" {
				t.Errorf("%s, row %d: the copy has the amount %q", name, record.Number, record.Cells[column])
			}
		}
		if len(refused) == 0 {
			t.Errorf("%s: nothing was refused", name)
		}
	}
}
