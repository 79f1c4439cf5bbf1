package template_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"payrun/batch/intake/table"
	"payrun/batch/intake/template"
	"payrun/batch/rules"
	"payrun/internal/catalogue"
	"payrun/internal/programtest"
)

// typed are the cells of a row as a person types them, in the order of the
// template's columns.
type typed []string

// TestATemplateFilledInByLibreOfficeReadsBackClean has LibreOffice open the
// template, type rows into it as from the keyboard, and save it, as a workbook of either
// kind and as the CSV a French one writes. Zeros at the beginning must survive all.
func TestATemplateFilledInByLibreOfficeReadsBackClean(t *testing.T) {
	rows := []typed{
		{"NOV-001", "0701020304", "Koné Awa", "25000", "ORANGE", "paie"},
		{"0002", "0501020304", "N'Guessan Yao", "100", "MTN"},
		{"20261103", "0101020304", "Kouamé Adjoua Hélène", "1000000", "MOOV"},
		{"1E5", "0001020304", "Traoré Issa", "75000", "ORANGE"},
	}
	// The last number has a prefix that no operator was given, so that a reading that finds
	// nothing wrong with anything is noticed.
	want := []string{"5: number.unassigned"}
	folder := t.TempDir()
	empty := filepath.Join(folder, "template.xlsx")
	writeTemplate(t, empty, catalogue.French)

	office := office{programtest.NewOffice(t)}
	office.fill(t, empty, filepath.Join(folder, "filled.xlsx"), rows)
	// As CSV the first sheet as a French LibreOffice or Excel does: semicolons, Windows-1252.
	for _, format := range []string{"csv:Text - txt - csv (StarCalc):59,34,1,1", "ods"} {
		office.Convert(t, format, folder, filepath.Join(folder, "filled.xlsx"))
	}
	for _, name := range []string{"filled.xlsx", "filled.ods", "filled.csv"} {
		entries, problems := checked(t, filepath.Join(folder, name))
		if got := strings.Join(problems, ", "); got != strings.Join(want, ", ") {
			t.Errorf("%s: problems %q, want %q", name, got, want)
		}
		if len(entries) != len(rows) {
			t.Fatalf("%s: %d rows, want %d", name, len(entries), len(rows))
		}
		for i, row := range rows {
			if got := entries[i]; got != strings.Join(row[:5], "|") {
				t.Errorf("%s, row %d: read %q, typed %q", name, i+2, got, row)
			}
		}
	}
}

func writeTemplate(t *testing.T, path string, language catalogue.Language) {
	t.Helper()
	words, err := catalogue.New(language)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := template.XLSX(file, digitalpaye(t), words.Text); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

func digitalpaye(t *testing.T) *rules.Set {
	t.Helper()
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// checked reads a file and judges its rows.
func checked(t *testing.T, path string) (entries, problems []string) {
	t.Helper()
	file, err := table.Open(path, table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	validator := rules.NewValidator(digitalpaye(t), rules.Options{})
	for row, err := range file.Rows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		judged := validator.Check(row)
		entry, found := judged.Entry, judged.Problems
		entries = append(entries, fmt.Sprintf("%s|%s|%s|%s|%s",
			entry.ID, strings.TrimPrefix(entry.Number.Reveal(), "+225"), entry.Name, entry.Amount.Plain(), entry.Operator))
		for _, p := range found {
			problems = append(problems, fmt.Sprintf("%d: %s", p.Row, p.Code))
		}
	}
	return entries, problems
}

// office is LibreOffice with somebody at its keyboard.
type office struct{ programtest.Office }

// fill types rows under the header of a workbook and saves it under another name.
// A macro does it, through the commands behind the keyboard: setting cells by
// LibreOffice's interface for programs would pass the formats by.
func (o office) fill(t *testing.T, from, to string, rows []typed) {
	t.Helper()
	var typing strings.Builder
	for i, row := range rows {
		for j, text := range row {
			fmt.Fprintf(&typing, "  Enter(frame, \"$%c$%d\", \"%s\")\n", 'A'+j, i+2, text)
		}
	}
	o.install(t, fmt.Sprintf(`Sub Fill
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = "Hidden"
  hidden(0).Value = True
  doc = StarDesktop.loadComponentFromURL("file://%s", "_blank", 0, hidden())
  frame = doc.CurrentController.Frame
%s  Dim filter(0) As New com.sun.star.beans.PropertyValue
  filter(0).Name = "FilterName"
  filter(0).Value = "Calc MS Excel 2007 XML"
  doc.storeToURL("file://%s", filter())
  doc.close(True)
End Sub

Sub Enter(frame, cell As String, text As String)
  dispatcher = createUnoService("com.sun.star.frame.DispatchHelper")
  Dim point(0) As New com.sun.star.beans.PropertyValue
  point(0).Name = "ToPoint"
  point(0).Value = cell
  dispatcher.executeDispatch(frame, ".uno:GoToCell", "", 0, point())
  Dim entry(0) As New com.sun.star.beans.PropertyValue
  entry(0).Name = "StringName"
  entry(0).Value = text
  dispatcher.executeDispatch(frame, ".uno:EnterString", "", 0, entry())
End Sub
`, from, typing.String(), to))
	o.Run(t, "macro:///Standard.Module1.Fill")
	if _, err := os.Stat(to); err != nil {
		t.Fatalf("LibreOffice did not save the file: %v", err)
	}
}

// install puts a macro into the profile, in place of the empty one that LibreOffice
// makes when it first starts.
func (o office) install(t *testing.T, macro string) {
	t.Helper()
	o.Run(t, "--terminate_after_init")
	escaped := strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;").Replace(macro)
	module := `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">` +
		escaped + `</script:module>`
	path := filepath.Join(o.Profile(), "user", "basic", "Standard", "Module1.xba")
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("LibreOffice made no profile: %v", err)
	}
	if err := os.WriteFile(path, []byte(module), 0o600); err != nil {
		t.Fatal(err)
	}
}
