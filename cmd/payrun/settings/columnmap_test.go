package settings

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
		want  ColumnMap
	}{
		{[]string{"amount=Net à payer"}, ColumnMap{"amount": "Net à payer"}},
		{[]string{"amount=Net, en francs"}, ColumnMap{"amount": "Net, en francs"}},
		{[]string{`amount=Net "réel"`}, ColumnMap{"amount": `Net "réel"`}},
		{[]string{"amount=a=b"}, ColumnMap{"amount": "a=b"}},
		{[]string{"amount=Net", "customer_id=Puce"}, ColumnMap{"amount": "Net", "customer_id": "Puce"}},
		{[]string{"amount=Net,customer_id=N° 1, 2"}, ColumnMap{"amount": "Net", "customer_id": "N° 1, 2"}},
		{[]string{`"amount=Net, en francs",customer_id=Puce`}, ColumnMap{"amount": "Net, en francs", "customer_id": "Puce"}},
		{[]string{"amount=Net", "amount=Brut"}, ColumnMap{"amount": "Brut"}},
		{[]string{" amount =Net"}, ColumnMap{"amount": "Net"}},
	} {
		var got ColumnMap
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		AddMapFlag(flags, &got)
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
		if err := new(ColumnMap).Set(typed); (err == nil) != (typed[0] == 'a' && len(typed) > len("amount")) {
			t.Errorf("%q: %v", typed, err)
		}
	}
	words := (&ColumnMap{table.FieldNumber: "N° 1", table.FieldAmount: "L'avance"}).Words()
	if diff := cmp.Diff([]string{"--map", `'amount=L'\''avance'`, "--map", "'customer_id=N° 1'"}, words); diff != "" {
		t.Errorf("typed again (-want +got):\n%s", diff)
	}
}
