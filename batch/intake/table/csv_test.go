package table

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

func TestRowsAreNumberedAsASpreadsheetShowsThem(t *testing.T) {
	for name, test := range map[string]struct {
		below string
		want  []int
	}{
		"one after the other":     {"a,1,n,1,o\nb,1,n,1,o\n", []int{2, 3}},
		"empty lines count":       {"\n\na,1,n,1,o\n\nb,1,n,1,o\n", []int{4, 6}},
		"blank rows count":        {",,,,\na,1,n,1,o\n  ,\t,,,\nb,1,n,1,o\n", []int{3, 5}},
		"quoted breaks do not":    {"a,1,\"n\nm\",1,o\n\nb,1,\"n\n\n\",1,o\nc,1,n,1,o", []int{2, 4, 5}},
		"with CRLF":               {"a,1,\"n\r\nm\",1,o\r\n\r\nb,1,n,1,o\r\n", []int{2, 4}},
		"malformed rows count":    {"a,1,\"n\"m,1,o\nb,1,n,1,o\n", []int{2, 3}},
		"in ignored columns too":  {"a,1,n,1,o,\"x\ny\"\nb,1,n,1,o\n", []int{2, 3}},
		"no line end at the last": {"a,1,n,1,o", []int{2}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []int
			for _, row := range collect(t, opened(t, written(t, "f.csv", plainHeader+test.below), Options{})) {
				got = append(got, row.Number)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("row numbers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRowsAcrossChunksKeepTheirNumbers(t *testing.T) {
	const rows = 3*chunkRows + 7
	for i, row := range collect(t, opened(t, written(t, "f.csv", list(rows)), Options{})) {
		if row.Number != i+2 {
			t.Fatalf("row %d has number %d, want %d", i, row.Number, i+2)
		}
	}
}

func TestTheSeparatorIsTheOneOfTheHeader(t *testing.T) {
	for name, test := range map[string]struct{ content, want string }{
		"semicolons and decimal commas": {"transaction_id;customer_id;name;amount;operator\na;1;n, m;1,5;o\n", ";"},
		"commas and semicolons":         {"transaction_id,customer_id,name,amount,operator\na;b;c,1,n;m,1;5,o\n", ","},
		"tabs":                          {"transaction_id\tcustomer_id\tname\tamount\toperator\na\t1\tn\t1\to\n", "\t"},
		"bars":                          {"transaction_id|customer_id|name|amount|operator\na|1|n|1|o\n", "|"},
		"quoted titles":                 {"\"transaction_id\";\"customer_id\";\"name, and more\";\"amount;\";\"operator\";nom\na;1;n;1;o;n\n", ";"},
		"commas in the titles above":    {"Paie, novembre, 2026, siège, Abidjan, CI\ntransaction_id;customer_id;name;amount;operator\na;1;n;1;o\n", ";"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := opened(t, written(t, "f.csv", test.content), Options{}).Info().Separator; got != test.want {
				t.Errorf("separator = %q, want %q", got, test.want)
			}
		})
	}
}

func TestOverlongCellsAreMarked(t *testing.T) {
	content := plainHeader + "a,1," + strings.Repeat("é", cellMax) + ",1,o\nb,1,n,1,o\n"
	rows := collect(t, opened(t, written(t, "f.csv", content), Options{}))
	if name := rows[0].Name; name.Problem != problemTooLong || len(name.Text) > 2*shownMax {
		t.Errorf("name = %q of %d bytes, want its beginning and %s", name.Problem, len(name.Text), problemTooLong)
	}
	if rows[1] != (Row{Number: 3, TransactionID: Cell{Text: "b"}, Beneficiary: Cell{Text: "1"}, Name: Cell{Text: "n"}, Amount: Cell{Text: "1"}, Operator: Cell{Text: "o"}}) {
		t.Errorf("the row after = %+v, want it unharmed", rows[1])
	}
}

func TestARowWithoutAnEndIsRefused(t *testing.T) {
	content := list(3) + `x,1,"` + strings.Repeat("a line\n", 4*rowMax/len("a line\n"))
	_, err := pass(t.Context(), opened(t, written(t, "f.csv", content), Options{}))
	if !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "after row 4") {
		t.Errorf("error = %v, want ErrTooLarge and where", err)
	}
}

func TestTooManyColumnsAreRefused(t *testing.T) {
	content := plainHeader[:len(plainHeader)-1] + strings.Repeat(",", columnsMax) + "\na,1,n,1,o\n"
	if _, err := Open(written(t, "f.csv", content), Options{}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("error = %v, want ErrTooLarge", err)
	}
}

func TestAccentsFarDownDecideTheEncoding(t *testing.T) {
	content := list(10_000)
	for name, test := range map[string]struct {
		tail, encoding, name string
	}{
		"UTF-8":        {"x,1,H\u00e9l\u00e8ne,1,o\n", encodingUTF8, "Hélène"},
		"Windows-1252": {"x,1,H\xe9l\xe8ne,1,o\n", encodingWindows, "Hélène"},
	} {
		t.Run(name, func(t *testing.T) {
			file := opened(t, written(t, "f.csv", content+test.tail), Options{})
			rows := collect(t, file)
			if got := rows[len(rows)-1].Name.Text; got != test.name || file.Info().Encoding != test.encoding {
				t.Errorf("read %q in %s, want %q in %s", got, file.Info().Encoding, test.name, test.encoding)
			}
		})
	}
}

// TestTheSurveySeesCharactersCutInTwo writes a text in pieces of every size.
func TestTheSurveySeesCharactersCutInTwo(t *testing.T) {
	const text = "aé€😀\xe9b\xf0\x9f\x98"
	for size := 1; size <= len(text); size++ {
		v := &sniffer{hash: sha256.New()}
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			_, _ = v.Write([]byte(rest[:n]))
			rest = rest[n:]
		}
		v.flush()
		if v.multibyte != 6 || v.invalid != 4 {
			t.Errorf("in pieces of %d: %d continuation bytes and %d invalid, want 6 and 4", size, v.multibyte, v.invalid)
		}
	}
}

func TestEveryFieldIsReadFromItsColumn(t *testing.T) {
	titles, cells := make([]any, len(knownFields)), make([]any, len(knownFields))
	for i, field := range knownFields {
		titles[i], cells[i] = field, "text of "+string(field)
	}
	book := &book{t: t, file: excelize.NewFile()}
	book.add("Sheet1", titles...)
	book.add("Sheet1", cells...)
	workbook := filepath.Join(t.TempDir(), "f.xlsx")
	book.must(book.file.SaveAs(workbook))
	for format, path := range map[string]string{
		FormatCSV:  written(t, "f.csv", joined(titles)+joined(cells)),
		FormatXLSX: workbook,
	} {
		t.Run(format, func(t *testing.T) {
			row := collect(t, opened(t, path, Options{}))[0]
			for i, field := range knownFields {
				if got := row.Cell(field).Text; got != cells[i] {
					t.Errorf("%s = %q, want %q", field, got, cells[i])
				}
			}
			if got := row.Cell("height"); got != (Cell{}) {
				t.Errorf("a field that does not exist = %+v, want nothing", got)
			}
		})
	}
}

func TestWhatIsNoTextIsNotReadAsText(t *testing.T) {
	for name, content := range map[string]string{
		"a PDF":       "%PDF-1.7\n" + list(2),
		"a web page":  "\xef\xbb\xbf\r\n <TABLE>" + list(2),
		"XML":         "<?xml version=\"1.0\"?><Workbook/>",
		"zero bytes":  list(20_000) + "\x00",
		"a photo":     "\xff\xd8\xff\xe0\x00\x10JFIF",
		"a gzip file": "\x1f\x8b\x08\x00\x00",
	} {
		if _, err := Open(written(t, "f.csv", content), Options{}); !errors.Is(err, ErrNotTable) {
			t.Errorf("%s: error = %v, want ErrNotTable", name, err)
		}
	}
}

func joined(cells []any) string {
	var b strings.Builder
	for _, cell := range cells {
		fmt.Fprintf(&b, "%v;", cell)
	}
	return b.String() + "\n"
}
