package ui

import (
	"strings"
	"testing"

	"payrun/batch/service"
	"payrun/internal/catalogue"
	"payrun/ledger"
)

// bare words commands without any flags.
type bare struct{}

func (bare) ForBatch(name string, id ledger.BatchID, more ...string) string {
	return strings.Join(append([]string{"payrun", name, string(id)}, more...), " ")
}

func (bare) ForFile(name, path string, more ...string) string {
	return strings.Join(append([]string{"payrun", name, path}, more...), " ")
}

// TestOneCommandComesNextInTheOrderOfNeed: money that may be lost first, then what is
// open, then what failed.
func TestOneCommandComesNextInTheOrderOfNeed(t *testing.T) {
	u := &UI{Commands: bare{}}
	if err := u.Speak(catalogue.English); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		need service.Need
		want string
	}{
		{service.Need{Differs: "MAY-3", Open: 2, Failed: 1}, "payrun resolve may MAY-3 --because "},
		{service.Need{Open: 2, Failed: 1}, "payrun resume may"},
		{service.Need{Failed: 1}, "payrun retry may"},
		{service.Need{}, ""},
	} {
		if got := u.NextFor("may", test.need); !strings.HasPrefix(got, test.want) || (test.want == "") != (got == "") {
			t.Errorf("%+v: %q, want %q", test.need, got, test.want)
		}
	}
}
