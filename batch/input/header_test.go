package input

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

func TestTitlesAreRecognisedHoweverTheyAreWritten(t *testing.T) {
	m, err := newMatcher(nil, false)
	if err != nil {
		t.Fatal(err)
	}
	for title, want := range map[string]Field{
		"Numéro bénéficiaire": FieldNumber, "N° de téléphone": FieldNumber, "N°de TELEPHONE :": FieldNumber,
		"№ de téléphone": FieldNumber, "Numero  Beneficiaire": FieldNumber, "Tél.": FieldNumber,
		"Montant (FCFA)": FieldAmount, "MONTANT_XOF": FieldAmount, "Montant (en francs)": FieldAmount,
		"Nom et prénoms": FieldName, "NOM & PRENOMS": FieldName, "Nom/Prénoms": FieldName,
		"Opérateur": FieldOperator, "OPERATEUR *": FieldOperator, "Ope\u0301rateur": FieldOperator,
		"Réf.": FieldTransactionID, "Transaction-ID": FieldTransactionID, "transactionId": FieldTransactionID,
		"Devise": FieldCurrency, "Pays": FieldCountry, "Motif": FieldNote,
		"Nom": fieldFamilyName, "Prénom(s)": fieldGivenName,
		"": "", "Matricule": "", "ID": "", "N°": "", "Service": "",
	} {
		if got := m.field(title); got != want {
			t.Errorf("field of %q = %q, want %q", title, got, want)
		}
	}
}

func TestNoTitleMeansTwoFields(t *testing.T) {
	var data map[string]any
	if err := yaml.Unmarshal(headersYAML, &data); err != nil {
		t.Fatal(err)
	}
	owner := make(map[string]string)
	var claim func(field string, node any)
	claim = func(field string, node any) {
		switch node := node.(type) {
		case map[string]any:
			for name, titles := range node {
				claim(name, titles)
			}
		case []any:
			for _, title := range node {
				folded := fold(title.(string))
				if other, taken := owner[folded]; taken && other != field {
					t.Errorf("%q is a title of %s and of %s", title, other, field)
				}
				owner[folded] = field
			}
		}
	}
	for name, node := range data {
		claim(name, node)
	}
	if len(owner) < 100 {
		t.Errorf("%d titles, want those of the file", len(owner))
	}
}

func TestAHeaderThatDoesNotServeSaysWhy(t *testing.T) {
	for name, test := range map[string]struct {
		titles  []string
		missing []Field
		doubled map[Field][]string
		guesses map[Field]string
	}{
		"one is misspelt": {
			titles:  []string{"transaction_id", "Telefone", "Nom", "Montant", "Opérateur"},
			missing: []Field{FieldNumber},
			guesses: map[Field]string{FieldNumber: "Telefone"},
		},
		"one is part of a longer title": {
			titles:  []string{"transaction_id", "Téléphone", "Nom", "Montant dû en novembre", "Opérateur"},
			missing: []Field{FieldAmount},
			guesses: map[Field]string{FieldAmount: "Montant dû en novembre"},
		},
		"given names without a family name": {
			titles:  []string{"transaction_id", "Téléphone", "Prénoms", "Montant", "Opérateur"},
			missing: []Field{FieldName},
			guesses: map[Field]string{FieldName: "Prénoms"},
		},
		"an optional one is doubled": {
			titles:  []string{"transaction_id", "Téléphone", "Nom", "Montant", "Opérateur", "Devise", "Monnaie"},
			doubled: map[Field][]string{FieldCurrency: {"Devise", "Monnaie"}},
		},
		"ids are missing and another is doubled": {
			titles:  []string{"Tél", "Téléphone", "Nom", "Montant", "Opérateur"},
			missing: []Field{FieldTransactionID},
			doubled: map[Field][]string{FieldNumber: {"Tél", "Téléphone"}},
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
			guesses := got.Guesses
			if test.guesses == nil {
				guesses = nil
			}
			want := HeaderError{Row: 1, Found: test.titles, Missing: test.missing, Doubled: test.doubled, Guesses: test.guesses}
			if diff := cmp.Diff(want, HeaderError{
				Row: got.Row, Found: got.Found, Missing: got.Missing, Doubled: got.Doubled, Guesses: guesses,
			}); diff != "" {
				t.Errorf("header error (-want +got):\n%s", diff)
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
