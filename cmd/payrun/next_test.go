package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"payrun/batch/service"
)

// TestOneCommandComesNextInTheOrderOfNeed: money that may be lost first, then what is
// open, then what failed.
func TestOneCommandComesNextInTheOrderOfNeed(t *testing.T) {
	a := newApp(t.Context(), surroundings{env: func(string) (string, bool) { return "", false }})
	a.Command = &cobra.Command{Use: "payrun"}
	if err := a.loadWords(); err != nil {
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
		if got := a.nextFor("may", test.need); !strings.HasPrefix(got, test.want) || (test.want == "") != (got == "") {
			t.Errorf("%+v: %q, want %q", test.need, got, test.want)
		}
	}
}
