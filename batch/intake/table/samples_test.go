package table

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

var makeSamples = flag.Bool("samples", false, "write the hand-made files under testdata/input anew")

// TestSamplesAreMade writes the samples that are made by hand, with -samples.
func TestSamplesAreMade(t *testing.T) {
	if !*makeSamples {
		t.Skip("the samples are committed; -samples makes them anew")
	}
	for name, content := range textSamples(t) {
		if err := os.WriteFile(filepath.Join(samples, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, build := range map[string]func(*testing.T, *book){
		"numbers.xlsx": numbersBook, "traps.xlsx": trapsBook, "two-lists.xlsx": twoListsBook,
		"hidden-list.xlsx": hiddenListBook, "title-rows.xlsx": titleRowsBook,
	} {
		b := &book{t: t, file: excelize.NewFile()}
		build(t, b)
		b.save(name)
	}
	locked := &book{t: t, file: excelize.NewFile()}
	titleRowsBook(t, locked)
	locked.save("encrypted.xlsx", excelize.Options{Password: "secret"})
}

// plainHeader are the titles in payrun's own documentation.
const plainHeader = "transaction_id,customer_id,name,amount,operator\n"

func textSamples(t *testing.T) map[string]string {
	t.Helper()
	windows := func(text string) string {
		encoded, err := charmap.Windows1252.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	wide := func(order unicode.Endianness, text string) string {
		encoded, err := unicode.UTF16(order, unicode.UseBOM).NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	crlf := func(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }
	return map[string]string{
		"french-excel.csv": windows(crlf("Réf.;N° de téléphone;Nom et prénoms;Montant (FCFA);Opérateur;Motif;Service\n" +
			"NOV-001;0700000101;Kouamé Adjoua Hélène;100\u00a0000;Orange;Prime d’ancienneté;Comptabilité\n" +
			"NOV-002;0500000102;N'Guessan Yao;75000,00;MTN;;Accueil\n" +
			";;;;;;\n" +
			"NOV-003;0100000103;\"Traoré; dit \"\"Le Grand\"\"\";1.250.000;Moov;\"sur\ndeux lignes\";Atelier\n" +
			"NOV-004;0700000104;Bédi Œil-de-Bœuf;1 000;Wave;;\n")),
		"title-rows.csv": "\ufeff" + crlf("\"SOCIÉTÉ IVOIRIENNE, S.A.\"\nPaie de \"novembre\" 2026\n\n"+
			"Numéro bénéficiaire,Bénéficiaire,Montant net à payer,Réseau,Référence de paiement\n"+
			"07 00 00 02 01,Koné Awa,\"250,000\",Orange Money,NOV-201\n\n\n"+
			"+225 0500000202,Bamba Issouf,90000,MTN,NOV-202\n"+
			",TOTAL,340000,,\n"),
		"unicode-text.txt": wide(unicode.LittleEndian, crlf("transaction_id\tcustomer_id\tname\tamount\toperator\n"+
			"NOV-301\t0700000301\tZadi Éloïse\t12500\tORANGE\n")),
		"utf16be.csv": wide(unicode.BigEndian, "Référence;Téléphone;Nom;Prénoms;Montant;Opérateur\n"+
			"NOV-401;0500000401;Guéi;Marie-Ange Prisca;45000;MTN\n"+
			"NOV-402;0500000402;Guéi;;45000;MTN\n"),
		"sep-line.csv": crlf("sep=;\ntransaction_id;customer_id;name;amount;operator\n" +
			"NOV-501;\"=\"\"0700000501\"\"\";Tano, Franck;100000,00;ORANGE\n" +
			"NOV-502;2,25078E+12;Tano, Luc;100000,00;ORANGE\n"),
		"mac.txt": strings.ReplaceAll("transaction_id|customer_id|name|amount|operator\n"+
			"NOV-601|0100000601|Séri Paul|5000|MOOV\n\nNOV-602|0100000602|Séri Jean|5000|MOOV\n", "\n", "\r"),
		"bad-quotes.csv": plainHeader +
			"NOV-701,0700000701,Koffi \"Jo\" Jean,5000,ORANGE\n" +
			"NOV-702,0700000702,Koffi Luc,5000,ORANGE\n" +
			"NOV-703,0700000703,\"Koffi\" Marc,5000,ORANGE\n" +
			"NOV-704,0700000704,Koffi, Anne,5000,ORANGE\n" +
			"NOV-705,0700000705,Koffi Rose,5000\n" +
			"NOV-706,0700000706,Koffi Rita,#VALEUR!,ORANGE,,\n",
		"swallowed-rows.csv": plainHeader +
			"NOV-711,0700000711,\"Koffi Jean,5000,ORANGE\n" +
			"NOV-712,0700000712,Koffi Luc,5000,ORANGE\n" +
			"NOV-713,0700000713,Koffi Marc\",5000,ORANGE\n" +
			"NOV-714,0700000714,\"Koffi Jo,5000,ORANGE\n" +
			"NOV-715,0700000715,Koffi \"Al\" Max,5000,ORANGE\n" +
			"NOV-716,0700000716,Koffi Anne,5000,ORANGE\n",
		"unclosed-quote.csv": plainHeader +
			"NOV-721,0700000721,Koffi Jean,5000,ORANGE\n" +
			"NOV-722,0700000722,\"Koffi Luc,5000,ORANGE\n" +
			"NOV-723,0700000723,Koffi Marc,5000,ORANGE\n",
		"all-quoted.csv": windows(crlf("\"Référence\";\"Numéro\";\"Nom et prénoms\";\"Montant\";\"Opérateur\"\n" +
			"\"NOV-731\";\"0700000731\";\"Koné Awa\";25000;\"ORANGE\"\n")),
		"misspelt.csv":      "transaction_id,customer_id,Nom complet,Montnat,Operatuer\nNOV-801,0700000801,Koffi,5000,ORANGE\n",
		"doubled.csv":       "transaction_id,téléphone,name,Montant,Net à payer,operator\nNOV-802,0700000802,Koffi,5000,4000,ORANGE\n",
		"rivals.csv":        "transaction_id,Contact,name,Salaire de base,Primes,Net à percevoir,Wave,operator\nNOV-802,0700000802,Koffi,5000,500,4000,0700000809,WAVE\n",
		"no-ids.csv":        "Matricule,Contact,Nom,Prénom,Salaire net,Réseau\n17,0700000803,Koffi,Jean,5000,ORANGE\n",
		"no-header.csv":     "NOV-804,0700000804,Koffi,5000,ORANGE\nNOV-805,0700000805,Koffi,5000,ORANGE\n",
		"header-only.csv":   plainHeader + "\n,,,,\n",
		"empty.csv":         "",
		"blank.csv":         "\r\n  \r\n;;\r\n",
		"web-page.xls":      "<html><body><table><tr><td>transaction_id</td></tr></table></body></html>",
		"broken-utf8.csv":   plainHeader + "NOV-806,0700000806,Kouamé Désirée Hélène \xc3,5000,ORANGE\n",
		"utf16-no-mark.csv": strings.TrimPrefix(wide(unicode.LittleEndian, plainHeader), "\xff\xfe"),
	}
}

// book builds a workbook row by row.
type book struct {
	t    *testing.T
	file *excelize.File
	row  int
}

func (b *book) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *book) add(sheet string, cells ...any) {
	b.t.Helper()
	b.row++
	at, err := excelize.CoordinatesToCellName(1, b.row)
	b.must(err)
	b.must(b.file.SetSheetRow(sheet, at, &cells))
}

func (b *book) style(sheet, cell, format string) {
	b.t.Helper()
	style, err := b.file.NewStyle(&excelize.Style{CustomNumFmt: &format})
	b.must(err)
	b.must(b.file.SetCellStyle(sheet, cell, cell, style))
}

func (b *book) save(name string, opts ...excelize.Options) {
	b.t.Helper()
	b.must(b.file.SetDocProps(&excelize.DocProperties{Created: "2026-11-24T00:00:00Z", Modified: "2026-11-24T00:00:00Z"}))
	b.must(b.file.SaveAs(filepath.Join(samples, name), opts...))
	b.must(b.file.Close())
}

func titleRowsBook(t *testing.T, b *book) {
	t.Helper()
	const sheet = "Sheet1"
	b.add(sheet, "Société ivoirienne")
	b.add(sheet, "Paie de novembre 2026", nil, nil, "Montant en FCFA")
	b.row++
	b.add(sheet, nil, "Réf.", "Numéro", "Nom & prénoms", "Montant", "Opérateur", "Signature")
	b.add(sheet, 1, "NOV-001", "0700000101", " Kouassi\u00a0Aya ", 100000, "Orange")
	b.row++
	b.add(sheet, 2, "NOV-002", "0500000102", "Yao Luc", "75 000", "MTN")
	b.must(b.file.MergeCell(sheet, "A1", "G1"))
}

func numbersBook(t *testing.T, b *book) {
	t.Helper()
	const sheet = "Sheet1"
	b.add(sheet, "transaction_id", "customer_id", "name", "amount", "operator")
	for _, row := range []struct {
		name             string
		id, number       any
		amount           any
		idFormat, format string
		amountFormat     string
	}{
		{name: "bare number", id: "N-1", number: 777101301, amount: 100000},
		{name: "zeros", id: "N-2", number: 777101301, amount: 100000, format: "0000000000", amountFormat: "#,##0"},
		{name: "French telephone", id: "N-3", number: 777101301, amount: 100000, format: `0#" "##" "##" "##" "##`, amountFormat: `#\ ##0\ "FCFA"`},
		{name: "prefix", id: 17, number: 777101301, amount: 1500.4, idFormat: `"PAY-"0000`, format: `"+225 "0000000000`, amountFormat: "0"},
		{name: "format 0 adds nothing", id: "N-5", number: 777101301, amount: 0.1, format: "0"},
		{name: "lakh", id: "N-6", number: 2250777101301.0, amount: 100000.00000000001, amountFormat: `_-* #,##0\ "FCFA"_-`},
		{name: "percent", id: "N-7", number: "0777101301", amount: 1000, amountFormat: "0%"},
		{name: "thousands", id: "N-8", number: "0777101301", amount: 1000000, amountFormat: `0,"k"`},
		{name: "text that looks like a number", id: "N-9", number: "777101301", amount: "100000"},
		{name: "too many digits", id: 12345678901234567.0, number: "0777101301", amount: 1e15},
		{name: "negative", id: "N-11", number: "0777101301", amount: -5000, amountFormat: "0000000000"},
	} {
		b.add(sheet, row.id, row.number, row.name, row.amount, "ORANGE")
		for column, format := range map[int]string{1: row.idFormat, 2: row.format, 4: row.amountFormat} {
			if format == "" {
				continue
			}
			cell, err := excelize.CoordinatesToCellName(column, b.row)
			b.must(err)
			b.style(sheet, cell, format)
		}
	}
}

func trapsBook(t *testing.T, b *book) {
	t.Helper()
	const sheet = "Paie"
	b.must(b.file.SetSheetName("Sheet1", sheet))
	b.add(sheet, "transaction_id", "customer_id", "Nom", "Prénoms", "amount", "operator", "note")
	b.add(sheet, "T-1", "0700000001", "Koffi", "Jean", time.Date(2026, time.November, 24, 0, 0, 0, 0, time.UTC), "ORANGE")
	b.add(sheet, "T-2", "0700000002", "Koffi", "Luc", true, "ORANGE", "a boolean")
	b.add(sheet, "T-3", "0700000003", "Koffi", "Marc", nil, "ORANGE", "a formula never calculated")
	b.must(b.file.SetCellFormula(sheet, "E4", "2*50000"))
	b.add(sheet, "T-4", "0700000004", "Koffi", "Anne", 5000, "ORANGE", "hidden")
	b.must(b.file.SetRowVisible(sheet, b.row, false))
	b.add(sheet, "T-5", "0700000005", "Koffi", "Rose", 5000, "ORANGE", "amount merged downwards")
	b.add(sheet, "T-6", "0700000006", "Koffi", "Rita", nil, "ORANGE")
	b.must(b.file.MergeCell(sheet, "E6", "E7"))
	b.add(sheet, "T-7", "0700000007", "Koffi Paul", nil, 5000, "ORANGE", "name merged to the right")
	b.must(b.file.MergeCell(sheet, "C8", "D8"))
	b.add(sheet, "T-8", "0700000008", "Koffi", "Max", 5000, "ORANGE", strings.Repeat("long ", 1000))
	b.must(b.file.SetCellRichText(sheet, "G10", []excelize.RichTextRun{{Text: "rich "}, {Text: "text", Font: &excelize.Font{Bold: true}}}))
	b.row = 9
	b.add(sheet, "T-9", "0700000009", "Koffi", "Ève", 5000, "ORANGE")
}

func twoListsBook(t *testing.T, b *book) {
	t.Helper()
	for _, sheet := range []string{"Siège", "Agences"} {
		_, err := b.file.NewSheet(sheet)
		b.must(err)
		b.row = 0
		b.add(sheet, "transaction_id", "customer_id", "name", "amount", "operator")
		b.add(sheet, "L-"+sheet, "0700000001", "Koffi Jean", 5000, "ORANGE")
	}
}

func hiddenListBook(t *testing.T, b *book) {
	t.Helper()
	twoListsBook(t, b)
	b.must(b.file.SetSheetVisible("Siège", false))
}
