package engine_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/provider"
)

// absent answers look-ups as if their page were not there, as often as it is told and
// then as the page itself.
func absent(times int, then provider.Class) func(int) provider.Outcome {
	return func(nth int) provider.Outcome {
		if nth <= times {
			return provider.Outcome{Code: "HTTP_404", NoPage: true}
		}
		return always(then)(nth)
	}
}

// TestALookUpPageThatIsNotThereIsSaid: a wrong path is no silence of the provider, and
// running again without a change would end as before.
func TestALookUpPageThatIsNotThereIsSaid(t *testing.T) {
	const ever = 1 << 30
	for name, test := range map[string]struct {
		provider *scripted
		change   func(*engine.Config)
		said     bool
		in       ledger.State
	}{
		"before anything is sent": {
			&scripted{send: always(provider.Successful), lookUp: absent(ever, 0)}, unvouched, true, ledger.Queued,
		},
		"by what was taken": {
			&scripted{send: always(provider.Pending), lookUp: absent(ever, 0)}, nil, true, ledger.Pending,
		},
		"by what had no answer": {
			&scripted{send: always(provider.Unknown), lookUp: absent(ever, 0)}, nil, true, ledger.Unknown,
		},
		"not where it is there after all": {
			&scripted{send: always(provider.Pending), lookUp: absent(5, provider.Successful)}, nil, false, ledger.Successful,
		},
		"not where nobody answers": {
			&scripted{send: always(provider.Pending), lookUp: always(provider.Unknown)}, nil, false, ledger.Pending,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tally, err := newSmall(t, 3).run(t, test.provider, test.change)
				if errors.Is(err, engine.ErrNoLookUpPage) != test.said || tally.In(test.in).Count != 3 {
					t.Errorf("error %v, tally %+v, want it said: %t, and all %s", err, tally, test.said, test.in)
				}
			})
		})
	}
}
