package table

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// people are three rows of a payroll, by what a column holds; each test takes the
// columns it is about.
var people = map[string][]string{
	"id":       {"NOV-1", "NOV-2", "NOV-3"},
	"staff":    {"EMP-007", "EMP-008", "EMP-011"},
	"number":   {"0701020304", "+225 05 01 02 03 05", "101020306"},
	"other":    {"0709080706", "0509080705", "0109080704"},
	"name":     {"Awa Test", "Yao Test", "Issa Test"},
	"pay":      {"250000", "198 350", "75.500 FCFA"},
	"more":     {"310000", "250 000", "90000"},
	"bonus":    {"15000", "", "2500"},
	"operator": {"Orange", "MTN", "Moov"},
	"blank":    {"", "", ""},
	"text":     {"ras", "absent lundi", "ras"},
	"ordinal":  {"1", "2", "3"},
	"hundreds": {"101", "102", "103"},
	"year":     {"1987", "1990", "2001"},
	"day":      {"20261130", "20261130", "20261201"},
	"date":     {"30/11/2026", "30/11/2026", "01/12/2026"},
	"percent":  {"18%", "6%", "0%"},
	"small":    {"3", "2", "0"},
	"words":    {"deux cent mille", "cent mille", "mille"},
	"mixed":    {"voir Paul", "0709080706", "néant"},
	"codes":    {"20011", "20114", "20031"},
	"twice":    {"20011", "20011", "20031"},
}

// fileOf writes a file of columns, each "Title=what it holds".
func fileOf(t *testing.T, columns ...string) string {
	t.Helper()
	titles := make([]string, len(columns))
	rows := make([][]string, len(people["id"]))
	for i, column := range columns {
		title, holds, _ := strings.Cut(column, "=")
		cells, known := people[holds]
		if !known {
			t.Fatalf("no column of %q", holds)
		}
		titles[i] = title
		for row := range rows {
			rows[row] = append(rows[row], cells[row])
		}
	}
	text := strings.Join(titles, ";") + "\n"
	for _, row := range rows {
		text += strings.Join(row, ";") + "\n"
	}
	return written(t, "f.csv", text)
}

// decided says in a line what is taken for each field, or asked.
func decided(t *testing.T, path string, opts Options) string {
	t.Helper()
	opts.Undecided = true
	file := opened(t, path, opts)
	return verdict(file)
}

func verdict(file *File) string {
	titles := file.Info().Columns
	var parts []string
	for _, d := range file.Info().Decisions {
		name := string(d.Field)
		switch {
		case d.Open():
			parts = append(parts, fmt.Sprintf("%s? %s", name, strings.Join(titlesIn(d.Candidates), " | ")))
		case len(d.Columns) > 0 && d.Why != WhyStrong:
			parts = append(parts, fmt.Sprintf("%s=%s (%s)", name, titles[d.Columns[0]], d.Why))
		case len(d.Columns) > 0:
			parts = append(parts, fmt.Sprintf("%s=%s", name, titles[d.Columns[0]]))
		}
	}
	return strings.Join(parts, ", ")
}

func titlesIn(candidates []Candidate) []string {
	titles := make([]string, len(candidates))
	for i, c := range candidates {
		if titles[i] = c.Title; c.Title == "" {
			titles[i] = "@" + ColumnName(c.Column)
		}
	}
	return titles
}

// decisionCase is columns, and of the field in question what is taken or asked.
type decisionCase struct {
	// field is empty where the columns are all there are, and all is decided.
	field   Field
	columns []string
	want    string
}

// file makes a file of the columns, and of strong titles for all other fields.
func (c decisionCase) file(t *testing.T) string {
	t.Helper()
	if c.field == "" {
		return fileOf(t, c.columns...)
	}
	rest := map[Field]string{
		FieldTransactionID: "transaction_id=id", FieldNumber: "customer_id=number", FieldName: "name=name",
		FieldAmount: "amount=pay", FieldOperator: "operator=operator",
	}
	columns := make([]string, 0, len(rest)+1)
	for _, field := range requiredFields {
		if field != c.field {
			columns = append(columns, rest[field])
		}
	}
	return fileOf(t, append(columns, c.columns...)...)
}

// of returns the part of what was decided that is about the field.
func (c decisionCase) of(decided string) string {
	if c.field == "" {
		return decided
	}
	for part := range strings.SplitSeq(decided, ", ") {
		if strings.HasPrefix(part, string(c.field)+"=") || strings.HasPrefix(part, string(c.field)+"?") {
			return part
		}
	}
	return ""
}

// decisionCases is the rule about titles, contents and rivals, one case a line.
func decisionCases() []decisionCase {
	return []decisionCase{
		// A strong title is taken, a weak one without a rival too.
		{FieldAmount, []string{"Net à payer=pay"}, "amount=Net à payer"},
		{FieldAmount, []string{"Montant=pay"}, "amount=Montant (weak)"},
		{FieldAmount, []string{"Montant (FCFA)=pay", "Service=text"}, "amount=Montant (FCFA) (weak)"},
		{FieldNumber, []string{"Téléphone=number"}, "customer_id=Téléphone (weak)"},
		{FieldNumber, []string{"Contact=number"}, "customer_id=Contact (weak)"},
		{FieldTransactionID, []string{"Référence=id"}, "transaction_id=Référence (weak)"},
		{FieldTransactionID, []string{"External ID=staff"}, "transaction_id=External ID (weak)"},
		// Strong beats weak.
		{FieldAmount, []string{"Salaire=more", "Net à payer=pay"}, "amount=Net à payer"},
		{FieldAmount, []string{"Montant=more", "Salaire de base=more", "Montant à verser=pay"}, "amount=Montant à verser"},
		{FieldNumber, []string{"Téléphone=other", "Numéro mobile money=number"}, "customer_id=Numéro mobile money"},
		{FieldTransactionID, []string{"Référence=staff", "Référence de paiement=id"}, "transaction_id=Référence de paiement"},
		// Two of the same weight ask.
		{FieldAmount, []string{"Montant=more", "Net=pay"}, "amount? Montant | Net"},
		{FieldAmount, []string{"Amount=more", "Net pay=pay"}, "amount? Amount | Net pay"},
		{FieldNumber, []string{"Téléphone=number", "N° Orange Money=other"}, "customer_id? Téléphone | N° Orange Money"},
		{FieldNumber, []string{"Phone=number", "Mobile=other"}, "customer_id? Phone | Mobile"},
		{FieldName, []string{"name=id", "Employee=name"}, "name? name | Employee"},
		{FieldOperator, []string{"Opérateur=operator", "Réseau=operator"}, "operator? Opérateur | Réseau"},
		// A weak title with a rival by a word of its title, or by its cells.
		{FieldAmount, []string{"Salaire=more", "Net à percevoir ce mois=pay"}, "amount? Salaire | Net à percevoir ce mois"},
		{FieldAmount, []string{"Salaire=more", "Retenues=bonus"}, "amount? Salaire | Retenues"},
		{FieldAmount, []string{"Montant=pay", "=more"}, "amount? Montant | @F"},
		{FieldAmount, []string{"Montant=pay", "Montant (EUR)=small"}, "amount? Montant | Montant (EUR)"},
		{FieldNumber, []string{"Contact=number", "À joindre en cas d'urgence=other"}, "customer_id? Contact | À joindre en cas d'urgence"},
		{FieldNumber, []string{"Téléphone=number", "Compte Orange=other"}, "customer_id? Téléphone | Compte Orange"},
		{FieldTransactionID, []string{"Référence=staff", "Bulletin=id"}, "transaction_id? Référence | Bulletin"},
		{FieldTransactionID, []string{"External ID=staff", "Number=id"}, "transaction_id? External ID | Number"},
		// A strong title with one that claims as much.
		{FieldAmount, []string{"amount=more", "net=pay"}, "amount? amount | net"},
		{FieldAmount, []string{"amount=more", "netAmount=pay"}, "amount? amount | netAmount"},
		{FieldAmount, []string{"amount=more", "net=words"}, "amount=amount"},
		{FieldAmount, []string{"amount=pay", "Net imposable=more"}, "amount=amount"},
		{FieldAmount, []string{"Montant à payer=more", "Net à percevoir=pay"}, "amount? Montant à payer | Net à percevoir"},
		{FieldNumber, []string{"customer_id=number", "Wallet Orange=other"}, "customer_id? customer_id | Wallet Orange"},
		// Neighbours that ask nothing.
		{FieldAmount, []string{"Net à payer=pay", "Net imposable=more", "Salaire brut=more", "Prime=bonus"}, "amount=Net à payer"},
		{FieldAmount, []string{"Montant=pay", "Net à percevoir=blank"}, "amount=Montant (weak)"},
		{FieldAmount, []string{"Montant=pay", "Montant en lettres=words"}, "amount=Montant (weak)"},
		{FieldAmount, []string{"Montant=pay", "Matricule=hundreds", "Jours=small", "Date=day"}, "amount=Montant (weak)"},
		{FieldAmount, []string{"Montant=pay", "N°=ordinal", "X=hundreds"}, "amount=Montant (weak)"},
		{FieldAmount, []string{"Montant=pay", "N°=more", "Code agence=more", "Mois=more"}, "amount=Montant (weak)"},
		{FieldAmount, []string{"Montant=pay", "Frais à payer=bonus"}, "amount? Montant | Frais à payer"},
		{FieldAmount, []string{"Montant=pay", "Né en=year", "Versé le=date", "Part=percent", "Clé=day"}, "amount=Montant (weak)"},
		{FieldAmount, []string{"Montant=pay", "Frais=bonus", "Enfants=small"}, "amount=Montant (weak)"},
		{FieldNumber, []string{"Téléphone=number", "Contact=blank"}, "customer_id=Téléphone (weak)"},
		{FieldNumber, []string{"Téléphone=number", "Contact=name"}, "customer_id=Téléphone (weak)"},
		{FieldTransactionID, []string{"Référence=id", "Matricule=staff", "Site=text"}, "transaction_id=Référence (weak)"},
		{FieldTransactionID, []string{"transaction_id=id", "Référence=staff", "Code=staff"}, "transaction_id=transaction_id"},
		// A word of the title makes a rival of a column that its cells alone would not.
		{FieldNumber, []string{"Téléphone=number", "Compte Orange=mixed"}, "customer_id? Téléphone | Compte Orange"},
		{FieldNumber, []string{"Téléphone=number", "À savoir=mixed"}, "customer_id=Téléphone (weak)"},
		{FieldTransactionID, []string{"Référence=id", "Bulletin=codes"}, "transaction_id? Référence | Bulletin"},
		{FieldTransactionID, []string{"Référence=id", "Casier=codes"}, "transaction_id=Référence (weak)"},
		{FieldTransactionID, []string{"Référence=id", "Bulletin=twice"}, "transaction_id=Référence (weak)"},
		{FieldTransactionID, []string{"Référence=id", "Bulletin=hundreds"}, "transaction_id=Référence (weak)"},
		{FieldTransactionID, []string{"Référence=id", "Numéro de rappel=other"}, "transaction_id=Référence (weak)"},
		// Two strong titles ask, whatever their cells look like.
		{FieldAmount, []string{"Amount=words", "Net pay=pay"}, "amount? Amount | Net pay"},
		{FieldTransactionID, []string{"transaction_id=id", "My payment id=staff"}, "transaction_id? transaction_id | My payment id"},
		{FieldAmount, []string{"Montant (obligatoire)=pay"}, "amount=Montant (obligatoire) (weak)"},
		// The titles of a template are strong together, and weak where one of them is gone.
		{
			"",
			[]string{"Référence=id", "Numéro=number", "Nom et prénoms=name", "Montant=pay", "Opérateur=operator", "Prime=bonus"},
			"transaction_id=Référence, customer_id=Numéro, name=Nom et prénoms, amount=Montant, operator=Opérateur",
		},
		{
			"",
			[]string{"Référence=id", "Numéro=number", "Nom=name", "Montant=pay", "Opérateur=operator", "Prime=bonus"},
			"transaction_id=Référence (weak), customer_id=Numéro (weak), name=Nom, amount? Montant | Prime, operator=Opérateur",
		},
		// What no title names is asked, if anything could be it.
		{FieldAmount, []string{"Salaire (brut)=more", "Somme versée=pay"}, "amount? Salaire (brut) | Somme versée"},
		{FieldAmount, []string{"Montnat=text"}, "amount? Montnat"},
		{FieldNumber, []string{"À appeler=number"}, "customer_id? À appeler"},
		{FieldTransactionID, []string{"Code=staff"}, ""},
	}
}

func TestWhichColumnIsTakenOrAsked(t *testing.T) {
	for _, test := range decisionCases() {
		t.Run(strings.Join(test.columns, ","), func(t *testing.T) {
			if got := decided(t, test.file(t), Options{}); test.of(got) != test.want {
				t.Errorf("%s, want %q", got, test.want)
			}
		})
	}
}

// TestAColumnThatBeginsLateIsNoBlankOne: in a long file the first rows do not tell that a
// column is blank from top to bottom.
func TestAColumnThatBeginsLateIsNoBlankOne(t *testing.T) {
	for rows, want := range map[int]string{
		contentsRows + 1: "amount? Montant | Net à percevoir", contentsRows: "amount=Montant (weak)",
	} {
		var b strings.Builder
		b.WriteString("transaction_id;customer_id;name;Montant;Net à percevoir;operator\n")
		for i := range rows {
			net := ""
			if i == contentsRows {
				net = "198000"
			}
			fmt.Fprintf(&b, "A-%d;07%08d;Awa;250000;%s;ORANGE\n", i, i, net)
		}
		if got := decided(t, written(t, "f.csv", b.String()), Options{}); !strings.Contains(got, want) {
			t.Errorf("%d rows: %s, want %s", rows, got, want)
		}
	}
}

func TestOrdinaryFilesAndTemplatesAskNothing(t *testing.T) {
	for _, columns := range [][]string{
		{"Référence=id", "Téléphone=number", "Nom=name", "Montant=pay", "Opérateur=operator"},
		{"N°=ordinal", "CONTACT=number", "NOM ET PRENOMS=name", "RESEAU=operator", "NET A PAYER (FCFA)=pay", "Réf=id", "Émargement=blank"},
		// payrun's own templates, with whatever people add beside them.
		{"transaction_id=id", "Phone number=number", "Full name=name", "Amount=pay", "Operator=operator", "Note=text", "Base=more", "Call=other"},
		{"Référence=id", "Numéro=number", "Nom et prénoms=name", "Montant=pay", "Opérateur=operator", "Motif=text", "Prime=bonus", "Code=staff"},
	} {
		file := opened(t, fileOf(t, columns...), Options{})
		if rows := collect(t, file); len(rows) != 3 || rows[2].Amount.Text != "75.500 FCFA" || rows[0].TransactionID.Text != "NOV-1" {
			t.Errorf("%q: rows %+v", columns, rows)
		}
	}
}

// TestRowsBesideTheTableAreNoRivals: somebody's notes under a title of their own, in
// rows where the table has ended, say nothing about the table.
func TestRowsBesideTheTableAreNoRivals(t *testing.T) {
	path := written(t, "f.csv", "transaction_id;Téléphone;name;Montant;operator;;\n"+
		"A-1;0701020304;Awa;5000;MTN;;\n;;;;;0709080706;90000\n;;;;;0709080707;80000\n")
	if got := decided(t, path, Options{}); strings.Contains(got, "?") {
		t.Errorf("asked: %s", got)
	}
}

func TestADoubtfulFileIsNotRead(t *testing.T) {
	path := fileOf(t, "transaction_id=id", "Téléphone=number", "Nom=name", "Salaire=more", "Net à percevoir=pay", "Opérateur=operator")
	if _, err := Open(path, Options{}); Code(err) != "file.columns" {
		t.Errorf("error %v with code %q, want file.columns", err, Code(err))
	}
	file := opened(t, path, Options{Undecided: true})
	if rows, err := pass(t.Context(), file); len(rows) > 0 || Code(err) != "file.columns" {
		t.Errorf("%d rows and %v, want file.columns", len(rows), err)
	}
	file.Choose(map[Field]int{FieldAmount: 4})
	if rows := collect(t, file); len(rows) != 3 || rows[0].Amount.Text != "250000" {
		t.Errorf("rows %+v, want those with the chosen amount", rows)
	}
	if got := verdict(file); !strings.Contains(got, "amount=Net à percevoir (chosen)") {
		t.Errorf("decided: %s", got)
	}
}

func TestColumnsOfOneTitleAreNamedByTheirLetter(t *testing.T) {
	path := fileOf(t, "transaction_id=id", "Téléphone=number", "Nom=name", "Montant=more", "Montant=pay", "Opérateur=operator", "=other")
	const question = "amount? Montant | Montant"
	if got := decided(t, path, Options{Map: map[Field]string{FieldNumber: "Téléphone"}}); !strings.Contains(got, question) {
		t.Errorf("decided: %s, want %s", got, question)
	}
	if got := decided(t, path, Options{Map: map[Field]string{FieldAmount: "Montant", FieldNumber: "@B"}}); !strings.Contains(got, question) {
		t.Errorf("decided: %s, want %s", got, question)
	}
	file := opened(t, path, Options{Map: map[Field]string{FieldAmount: "Montant@e", FieldNumber: "@G"}})
	if row := collect(t, file)[0]; row.Amount.Text != "250000" || row.Beneficiary.Text != "0709080706" {
		t.Errorf("row %+v, want columns E and G", row)
	}
	for _, name := range []string{"@Z", "Salaire@E"} {
		if _, err := Open(path, Options{Map: map[Field]string{FieldAmount: name}}); Code(err) != "file.header" {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestWhatWasAnsweredBeforeCountsWhileItFits: the same titles again, with other
// contents.
func TestWhatWasAnsweredBeforeCountsWhileItFits(t *testing.T) {
	file := func(salary, net, bonus string) *File {
		return opened(t, fileOf(t, "transaction_id=id", "Téléphone=number", "Nom=name", "Opérateur=operator",
			"Salaire="+salary, "Net à percevoir="+net, "Prime="+bonus), Options{Undecided: true})
	}
	before := map[Field]Recollection{FieldAmount: {Column: 5, Among: []int{4, 5}}}
	for name, test := range map[string]struct {
		file *File
		want string
	}{
		"the same columns in question": {file("more", "pay", "blank"), "amount=Net à percevoir (remembered)"},
		"the other one is blank":       {file("blank", "pay", "blank"), "amount=Net à percevoir (remembered)"},
		"the answer is blank":          {file("more", "blank", "blank"), "amount? Salaire | Net à percevoir"},
		"a column more":                {file("more", "pay", "bonus"), "amount? Salaire | Net à percevoir | Prime"},
	} {
		t.Run(name, func(t *testing.T) {
			test.file.Recall(before)
			if got := verdict(test.file); !strings.HasSuffix(got, test.want) && !strings.Contains(got, test.want+",") {
				t.Errorf("decided: %s, want %s", got, test.want)
			}
		})
	}
	mapped := opened(t, fileOf(t, "transaction_id=id", "Téléphone=number", "Nom=name", "Opérateur=operator",
		"Salaire=more", "Net à percevoir=pay"), Options{Undecided: true, Map: map[Field]string{FieldAmount: "Salaire"}})
	mapped.Recall(before)
	if got := verdict(mapped); !strings.Contains(got, "amount=Salaire (mapped)") {
		t.Errorf("decided: %s, want what --map says now", got)
	}
}

// TestTheShapeIsTheTitles: the copies that payrun makes have the shape of their
// original.
func TestTheShapeIsTheTitles(t *testing.T) {
	shape := func(columns ...string) string {
		return opened(t, fileOf(t, columns...), Options{WithoutIDs: true}).Info().Shape
	}
	plain := shape("Téléphone=number", "Nom=name", "Montant=pay", "Opérateur=operator")
	if other := shape("transaction_id=id", "Téléphone=other", "Nom=name", "Montant=more", "Opérateur=operator", "erreurs=text"); other != plain {
		t.Errorf("shapes %s and %s, want the same", plain, other)
	}
	for _, columns := range [][]string{
		{"Nom=name", "Téléphone=number", "Montant=pay", "Opérateur=operator"},
		{"Téléphone=number", "Nom=name", "Montant=pay", "Opérateur=operator", "Prime=blank"},
		{"Téléphone=number", "Nom=name", "montant=pay", "Opérateur=operator"},
	} {
		if shape(columns...) == plain {
			t.Errorf("%q has the shape of other titles", columns)
		}
	}
	if want := ShapeOf([]string{"Téléphone", "Nom", "Montant", "Opérateur"}); plain != want {
		t.Errorf("shape %s, want %s", plain, want)
	}
}

func TestColumnsAreNamedAsInASpreadsheet(t *testing.T) {
	for column, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA"} {
		if got := ColumnName(column); got != want {
			t.Errorf("column %d is %q, want %q", column, got, want)
		}
		if back, ok := columnAt("@" + want); ok != (column < columnsMax) || ok && back != column {
			t.Errorf("@%s is column %d, %t", want, back, ok)
		}
	}
	if slices.Contains([]string{ColumnName(-1)}, "A") {
		t.Error("no column is A")
	}
}
