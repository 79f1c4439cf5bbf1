package engine

import (
	"testing"
	"time"

	"payrun/ledger"
	"payrun/provider"
)

// TestTheLastSweepBelievesWhateverShowsAPayment: a provider that took two requests under one
// reference answers a look-up with one of the two transfers, and which one it does is its own
// affair. What the list has beside that one is told, unless it is what the ledger has.
func TestTheLastSweepBelievesWhateverShowsAPayment(t *testing.T) {
	type transfer struct {
		ref   string
		class provider.Class
	}
	one := func(ref string, class provider.Class) []transfer { return []transfer{{ref, class}} }
	paid, failed, pending, nothing := provider.Successful, provider.Failed, provider.Pending, provider.NotFound
	for name, test := range map[string]struct {
		state ledger.State
		known string // the provider's name for what the ledger has
		shown transfer
		list  []transfer
		want  string // the difference or the new state, empty for no change
	}{
		"failed, and still so":                        {ledger.Failed, "A", transfer{"A", failed}, one("A", failed), ""},
		"failed, and paid there":                      {ledger.Failed, "A", transfer{"A", paid}, nil, ledger.DifferencePaidThere},
		"failed, and under way there":                 {ledger.Failed, "A", transfer{"B", pending}, nil, ledger.DifferencePaidThere},
		"failed, and the list has another that paid":  {ledger.Failed, "A", transfer{"A", failed}, []transfer{{"B", paid}, {"A", failed}}, ledger.DifferencePaidThere},
		"the same the other way round":                {ledger.Failed, "A", transfer{"A", failed}, []transfer{{"A", failed}, {"B", pending}}, ledger.DifferencePaidThere},
		"failed, another paid, and look-ups are gone": {ledger.Failed, "A", transfer{"", nothing}, one("B", paid), ledger.DifferencePaidThere},
		"failed, and the list has it as paid still":   {ledger.Failed, "A", transfer{"A", failed}, one("A", paid), ""},
		"failed, and the list names nothing":          {ledger.Failed, "A", transfer{"A", failed}, one("", paid), ""},
		"in doubt, and one of two failed":             {ledger.Unknown, "", transfer{"A", failed}, []transfer{{"A", failed}, {"B", paid}}, ledger.DifferencePaidThere},
		"queued, and one of two failed":               {ledger.Queued, "", transfer{"A", failed}, []transfer{{"A", failed}, {"B", paid}}, ledger.DifferencePaidThere},
		"in doubt, and it failed":                     {ledger.Unknown, "", transfer{"A", failed}, one("A", failed), "failed"},
		"in doubt, and it was paid":                   {ledger.Unknown, "", transfer{"A", paid}, one("A", paid), "successful"},
		"queued, and under way":                       {ledger.Queued, "", transfer{"A", pending}, nil, "pending"},
		"in doubt, and not there":                     {ledger.Unknown, "", transfer{"", nothing}, nil, ""},
		"paid, and still so":                          {ledger.Successful, "A", transfer{"A", paid}, one("A", paid), ""},
		"paid, and another failed":                    {ledger.Successful, "A", transfer{"B", failed}, []transfer{{"A", paid}, {"B", failed}}, ""},
		"paid, and a look-up shows another":           {ledger.Successful, "A", transfer{"B", paid}, nil, ledger.DifferencePaidTwice},
		"paid without a name, and a look-up has one":  {ledger.Successful, "", transfer{"B", paid}, nil, ""},
		"paid, and a look-up names nothing":           {ledger.Successful, "A", transfer{"", paid}, nil, ""},
		"under way, and a look-up shows another":      {ledger.Pending, "A", transfer{"B", pending}, nil, ledger.DifferencePaidTwice},
		"paid, and the list has two":                  {ledger.Successful, "A", transfer{"A", paid}, []transfer{{"A", paid}, {"B", pending}}, ledger.DifferencePaidTwice},
		"in doubt, and the list has two":              {ledger.Unknown, "", transfer{"", nothing}, []transfer{{"A", paid}, {"B", paid}}, ledger.DifferencePaidTwice},
	} {
		list := listing{entries: map[string]listed{}}
		for _, l := range test.list {
			list.add(provider.Transaction{Reference: "T", ProviderRef: l.ref, Class: l.class})
		}
		p := ledger.Payout{State: test.state, Reference: "T", Answer: ledger.Answer{ProviderRef: test.known}}
		said := provider.Outcome{Class: test.shown.class, ProviderRef: test.shown.ref, Documented: true}
		change, found := swept(p, said, list, time.Unix(1, 0))
		got := ""
		switch {
		case change.Difference != nil:
			got = change.Difference.Code
			if change.To != test.state {
				t.Errorf("%s: it became %s", name, change.To)
			}
			p.Differences = append(p.Differences, *change.Difference)
			if _, again := swept(p, said, list, time.Unix(2, 0)); again {
				t.Errorf("%s: it is told twice", name)
			}
		case found:
			got = change.To.String()
		}
		if got != test.want || found != (test.want != "") {
			t.Errorf("%s: %q (%+v), want %q", name, got, change, test.want)
		}
	}
}
