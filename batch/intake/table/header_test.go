package table

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"payrun/provider/digitalpaye"
)

func TestTitlesAreRecognisedHoweverTheyAreWritten(t *testing.T) {
	words, err := knownTitles()
	if err != nil {
		t.Fatal(err)
	}
	for title, want := range map[string]meaning{
		"Numéro bénéficiaire": {FieldNumber, true}, "N° de téléphone": {FieldNumber, false}, "N°de TELEPHONE :": {FieldNumber, false},
		"№ de téléphone": {FieldNumber, false}, "Numero  Beneficiaire": {FieldNumber, true}, "Tél.": {FieldNumber, false},
		"Montant (FCFA)": {FieldAmount, false}, "MONTANT_XOF": {FieldAmount, false}, "Montant (en francs)": {FieldAmount, false},
		"Montant F. CFA": {FieldAmount, false}, "Montant (FCFA) à payer": {FieldAmount, true}, "Montant [en F CFA]": {FieldAmount, false}, "Net à payer en FCFA": {FieldAmount, true},
		"Montant à payer (XOF) (obligatoire)": {FieldAmount, true}, "Amount (required)": {FieldAmount, true}, "Amount*": {FieldAmount, true},
		"Nom et prénoms": {FieldName, true}, "NOM & PRENOMS": {FieldName, true}, "Nom/Prénoms": {FieldName, true},
		"Nom (et prénoms)": {FieldName, true}, "Opérateur (obligatoire)": {FieldOperator, true},
		"Opérateur": {FieldOperator, true}, "OPERATEUR *": {FieldOperator, true}, "Ope\u0301rateur": {FieldOperator, true},
		"Réf.": {FieldTransactionID, false}, "Transaction-ID": {FieldTransactionID, true}, "transactionId": {FieldTransactionID, true},
		"Devise": {FieldCurrency, true}, "Pays": {FieldCountry, false}, "Motif": {FieldNote, false},
		"Nom": {fieldFamilyName, true}, "Prénom(s)": {fieldGivenName, true},
		"": {}, "Matricule": {}, "ID": {}, "N°": {}, "Service": {},
	} {
		if got := words.read(title); got != want {
			t.Errorf("%q means %+v, want %+v", title, got, want)
		}
	}
}

// TestATitleWithARemarkIsAnotherTitle: only francs and "required" change nothing.
func TestATitleWithARemarkIsAnotherTitle(t *testing.T) {
	words, err := knownTitles()
	if err != nil {
		t.Fatal(err)
	}
	for _, title := range []string{
		"Montant (EUR)", "Montant (€)", "Montant €", "Montant en €", "Montant EUR", "Amount (USD)", "Amount $", "Amount in euros",
		"Montant (en milliers)", "Montant en milliers", "Montant (milliers de FCFA)", "Montant en milliers FCFA",
		"Montant (K FCFA)", "Montant K FCFA", "Montant KFCFA", "Montant (x 1000)", "Montant en M FCFA", "Amount (in thousands)",
		"Montant (FCFA) (en milliers)", "Montant (%)", "Montant %", "Montant (brut)", "Salaire (brut)", "Salaire brut",
		"Salaire - brut", "Montant [brut]", "Montant {HT}", "Montant (EUR", "Montant (par jour)", "Montant (avant retenue)",
		"Amount (gross)", "Amount (net of tax)", "Téléphone (domicile)", "Téléphone (d'urgence)", "Référence (employé)",
		"Montant (francs suisses)", "Montant (GNF)", "Téléphone FCFA", "Opérateur (par défaut) F",
	} {
		if got := words.read(title); got != (meaning{}) {
			t.Errorf("%q is taken for %+v, which it is not for certain", title, got)
		}
	}
}

// TestNoTitleMeansTwoThings: a title that two fields have, or that is strong and
// weak, would mean what comes last in the file.
func TestNoTitleMeansTwoThings(t *testing.T) {
	var data vocabularyFile
	if err := yaml.UnmarshalWithOptions(headersYAML, &data, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	statement := struct {
		Titles vocabularyFile `yaml:"titles"`
	}{}
	if err := yaml.Unmarshal(digitalpaye.StatementForm(), &statement); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]vocabularyFile{"headers.yaml": data, "statement.yaml": statement.Titles} {
		owner := make(map[string]meaning)
		claim := func(field Field, strong bool, titles []string) {
			for _, title := range titles {
				if other, taken := owner[fold(title)]; taken && other != (meaning{field, strong}) {
					t.Errorf("%s: %q is a title of %+v and of %s, strong %t", name, title, other, field, strong)
				}
				owner[fold(title)] = meaning{field, strong}
			}
		}
		for field, known := range file.Fields {
			claim(field, true, append(known.Strong, string(field)))
			claim(field, false, known.Weak)
		}
		claim(fieldFamilyName, true, file.FamilyName)
		claim(fieldGivenName, true, file.GivenName)
		claim(fieldErrors, true, file.Errors)
		const fewest = 50
		if len(owner) < fewest {
			t.Errorf("%s: %d titles, want those of the file", name, len(owner))
		}
	}
}

func TestAHeaderThatDoesNotServeSaysWhy(t *testing.T) {
	for name, test := range map[string]struct {
		titles  []string
		missing []Field
		// open are the columns that a person has to choose from.
		open map[Field][]string
	}{
		"one is misspelt": {
			titles:  []string{"transaction_id", "Telefone", "Nom", "Montant", "Opérateur"},
			missing: []Field{FieldNumber},
			open:    map[Field][]string{FieldNumber: {"Telefone"}},
		},
		"one is part of a longer title": {
			titles:  []string{"transaction_id", "Téléphone", "Nom", "Montant dû en novembre", "Opérateur"},
			missing: []Field{FieldAmount},
			open:    map[Field][]string{FieldAmount: {"Montant dû en novembre"}},
		},
		"given names without a family name": {
			titles:  []string{"transaction_id", "Téléphone", "Prénoms", "Montant", "Opérateur"},
			missing: []Field{FieldName},
			open:    map[Field][]string{FieldName: {"Prénoms"}},
		},
		"an optional one is doubled": {
			titles: []string{"transaction_id", "Téléphone", "Nom", "Montant", "Opérateur", "Devise", "Monnaie"},
			open:   map[Field][]string{FieldCurrency: {"Devise", "Monnaie"}},
		},
		"ids are missing and another is doubled": {
			titles:  []string{"Tél", "Téléphone", "Nom", "Montant", "Opérateur"},
			missing: []Field{FieldTransactionID},
			open:    map[Field][]string{FieldNumber: {"Tél", "Téléphone"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(written(t, "f.csv", strings.Join(test.titles, ";")+"\n1;2;3;4;5\n"), Options{})
			var got *HeaderError
			if !errors.As(err, &got) {
				t.Fatalf("error = %v, want a HeaderError", err)
			}
			if errors.Is(err, ErrNoIDs) {
				t.Errorf("error = %v is ErrNoIDs, but ids are not all that is wrong", err)
			}
			open := map[Field][]string{}
			for _, d := range got.Open {
				open[d.Field] = titlesIn(d.Candidates)
			}
			if diff := cmp.Diff(test.missing, got.Missing); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.open, open); diff != "" {
				t.Errorf("open (-want +got):\n%s", diff)
			}
			if got.Row != 1 || !slices.Equal(got.Found, test.titles) {
				t.Errorf("row %d has %q, want row 1 and %q", got.Row, got.Found, test.titles)
			}
		})
	}
}

func TestAFullNameNeedsNoHalves(t *testing.T) {
	path := written(t, "f.csv", "transaction_id;Téléphone;Nom et prénoms;Prénoms;Nom;Montant;Opérateur\n"+
		"A;0700000001;Koffi Jean;Jean;Koffi;500;MTN\n")
	file := opened(t, path, Options{})
	if want := []string{"Prénoms", "Nom"}; !slices.Equal(file.Info().Unknown, want) {
		t.Errorf("unknown columns = %q, want %q", file.Info().Unknown, want)
	}
	if rows := collect(t, file); rows[0].Name.Text != "Koffi Jean" {
		t.Errorf("name = %q, want %q", rows[0].Name.Text, "Koffi Jean")
	}
}

func TestColumnsCanBeNamedByHand(t *testing.T) {
	path := written(t, "f.csv", "Matricule;Montant;Acompte;Contact;Nom;Opérateur\nA-1;900;500;0700000001;Koffi;MTN\n")
	file := opened(t, path, Options{Map: map[Field]string{FieldTransactionID: "matricule ", FieldAmount: "ACOMPTE"}})
	row := collect(t, file)[0]
	if row.TransactionID.Text != "A-1" || row.Amount.Text != "500" {
		t.Errorf("id = %q, amount = %q; want the mapped columns A-1 and 500", row.TransactionID.Text, row.Amount.Text)
	}
	if want := []string{"Montant"}; !slices.Equal(file.Info().Unknown, want) {
		t.Errorf("unknown columns = %q, want %q", file.Info().Unknown, want)
	}
}

func TestAColumnNamedWronglyIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		given map[Field]string
		want  string
	}{
		"not in the file": {
			map[Field]string{FieldAmount: "Acomptes"}, `there is no such column, did you mean "Acompte"?`,
		},
		"unlike any":     {map[Field]string{FieldAmount: "Zzz"}, "there is no such column; the columns are"},
		"no such field":  {map[Field]string{"montant": "Acompte"}, "payrun has no such field"},
		"nothing":        {map[Field]string{FieldAmount: " - "}, "names no column"},
		"one for two":    {map[Field]string{FieldAmount: "Acompte", FieldNote: "acompte"}, "also mapped to amount"},
		"part of a name": {map[Field]string{fieldGivenName: "Nom"}, "payrun has no such field"},
	} {
		t.Run(name, func(t *testing.T) {
			path := written(t, "f.csv", "transaction_id;Acompte;Contact;Nom;Opérateur\nA-1;500;0700000001;Koffi;MTN\n")
			_, err := Open(path, Options{Map: test.given})
			if !errors.As(err, new(*MapError)) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v, want a MapError with %q", err, test.want)
			}
			if Code(err) != "file.header" {
				t.Errorf("code = %q, want file.header", Code(err))
			}
		})
	}
}

func TestMissingIDsCanBeAllowed(t *testing.T) {
	path := written(t, "f.csv", "Montant;Contact;Nom;Opérateur\n500;0700000001;Koffi;MTN\n")
	if _, err := Open(path, Options{}); !errors.Is(err, ErrNoIDs) {
		t.Errorf("error = %v, want ErrNoIDs", err)
	}
	if rows := collect(t, opened(t, path, Options{WithoutIDs: true})); len(rows) != 1 {
		t.Errorf("%d rows, want 1", len(rows))
	}
}
