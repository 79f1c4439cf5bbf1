package catalogue_test

import (
	"testing"
	"time"

	"payrun/internal/catalogue"
)

// TestTimesAreReadInBothLanguages: no "44m59s".
func TestTimesAreReadInBothLanguages(t *testing.T) {
	t.Parallel()
	for given, want := range map[time.Duration]string{
		7 * time.Second: "7 s", 44*time.Minute + 59*time.Second: "44 min 59 s", 2*time.Hour + 5*time.Minute: "2 h 05 min",
	} {
		if got := catalogue.ShortTime(given); got != want {
			t.Errorf("%s is shown as %q, want %q", given, got, want)
		}
	}
}
