package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"payrun/batch/intake/table"
)

// TestAColumnIsNamedHoweverItsTitleIsWritten: whatever a title holds can be typed, and
// is typed again as it was.
func TestAColumnIsNamedHoweverItsTitleIsWritten(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		typed []string
		want  columnMap
	}{
		{[]string{"amount=Net à payer"}, columnMap{"amount": "Net à payer"}},
		{[]string{"amount=Net, en francs"}, columnMap{"amount": "Net, en francs"}},
		{[]string{`amount=Net "réel"`}, columnMap{"amount": `Net "réel"`}},
		{[]string{"amount=a=b"}, columnMap{"amount": "a=b"}},
		{[]string{"amount=Net", "customer_id=Puce"}, columnMap{"amount": "Net", "customer_id": "Puce"}},
		{[]string{"amount=Net,customer_id=N° 1, 2"}, columnMap{"amount": "Net", "customer_id": "N° 1, 2"}},
		{[]string{`"amount=Net, en francs",customer_id=Puce`}, columnMap{"amount": "Net, en francs", "customer_id": "Puce"}},
		{[]string{"amount=Net", "amount=Brut"}, columnMap{"amount": "Brut"}},
		{[]string{" amount =Net"}, columnMap{"amount": "Net"}},
	} {
		var got columnMap
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		addMapFlag(flags, &got)
		var args []string
		for _, typed := range test.typed {
			args = append(args, "--map", typed)
		}
		if err := flags.Parse(args); err != nil {
			t.Errorf("%q: %v", test.typed, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.typed, diff)
		}
	}
	for _, typed := range []string{"amount", `"amount=Net`, "amount=Net\",x"} {
		if err := new(columnMap).Set(typed); (err == nil) != (typed[0] == 'a' && len(typed) > len("amount")) {
			t.Errorf("%q: %v", typed, err)
		}
	}
	words := (&columnMap{table.FieldNumber: "N° 1", table.FieldAmount: "L'avance"}).words()
	if diff := cmp.Diff([]string{"--map", `'amount=L'\''avance'`, "--map", "'customer_id=N° 1'"}, words); diff != "" {
		t.Errorf("typed again (-want +got):\n%s", diff)
	}
}
