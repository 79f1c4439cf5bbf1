package template_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"payrun/batch/intake/table"
	"payrun/batch/intake/template"
	"payrun/internal/catalogue"
)

// TestAFilledTemplateAsksNothing: whatever people add beside its columns, the
// template's own are the ones that count.
func TestAFilledTemplateAsksNothing(t *testing.T) {
	t.Parallel()
	for _, language := range []catalogue.Language{catalogue.French, catalogue.English} {
		words, err := catalogue.New(language)
		if err != nil {
			t.Fatal(err)
		}
		titles := append(template.Titles(words.Text), "Prime", "Contact d'urgence", "Code")
		path := filepath.Join(t.TempDir(), "filled.csv")
		row := "NOV-1;0701020304;Awa Test;150000;Orange;Paie;25000;0701020309;EMP-12"
		if err := os.WriteFile(path, []byte(strings.Join(titles, ";")+"\n"+row+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := table.Open(path, table.Options{})
		if err != nil {
			t.Errorf("%s: %v", language, err)
			continue
		}
		for i, field := range template.Fields() {
			if got := file.Info().Fields[i]; got != field {
				t.Errorf("%s: column %q is taken for %q, want %s", language, titles[i], got, field)
			}
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}
}
