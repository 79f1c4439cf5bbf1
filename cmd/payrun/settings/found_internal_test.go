package settings

import (
	"strings"
	"testing"

	"payrun/cmd/payrun/ui"
	"payrun/internal/catalogue"
)

// TestNoFoundFileAnswersForARun: what a person says of one run would be said of every
// later one.
func TestNoFoundFileAnswersForARun(t *testing.T) {
	t.Parallel()
	s := Settings{UI: &ui.UI{}}
	if err := s.Speak(catalogue.English); err != nil {
		t.Fatal(err)
	}
	for _, flag := range OfOneRun() {
		found := settingsFile{origin: origin{fromFoundFile, File}, values: map[string]any{flag: ""}}
		if err := s.refuseOfOneRun(found); err == nil || !strings.Contains(err.Error(), "./payrun.yaml: "+Key(flag)) {
			t.Errorf("%s: %v", flag, err)
		}
	}
}
