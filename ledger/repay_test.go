package ledger_test

import (
	"testing"

	"payrun/ledger"
)

// before is an attempt that ended, of which so many requests may have left.
func before(intents int) ledger.Attempt {
	return ledger.Attempt{Number: 1, Reference: "A", State: ledger.Failed, Intents: intents, SettledAt: at(5)}
}

// as is a payout in a state, changed in something.
func as(state ledger.State, changes ...func(*ledger.Payout)) ledger.Payout {
	p := queued()
	p.State, p.Batch = state, "may"
	for _, change := range changes {
		change(&p)
	}
	return p
}

func sent(p *ledger.Payout)         { p.Intents, p.SubmittedAt = 1, at(1) }
func saidPaid(p *ledger.Payout)     { p.Said = ledger.SaidSuccessful }
func retried(p *ledger.Payout)      { p.Attempt, p.Earlier = 2, []ledger.Attempt{before(1)} }
func neverRetried(p *ledger.Payout) { p.Attempt, p.Earlier = 2, []ledger.Attempt{before(0)} }

// TestWhatMayBeDoneAboutAPayout that was not paid: what may have sent money is never free for
// another id, what failed may be tried again, and only what is not paid for certain is corrected.
func TestWhatMayBeDoneAboutAPayout(t *testing.T) {
	for says, test := range map[string]struct {
		payout                                   ledger.Payout
		neverSent, mayHavePaid, retriable, mends bool
	}{
		"queued":                                {as(ledger.Queued), true, true, false, false},
		"queued for its second try":             {as(ledger.Queued, retried), false, true, false, false},
		"on its way":                            {as(ledger.Submitting, sent), false, true, false, false},
		"pending":                               {as(ledger.Pending, sent), false, true, false, false},
		"unknown":                               {as(ledger.Unknown, sent), false, true, false, false},
		"paid":                                  {as(ledger.Successful, sent), false, true, false, false},
		"failed":                                {as(ledger.Failed, sent), false, false, true, true},
		"failed, and said to be paid":           {as(ledger.Failed, sent, saidPaid), false, true, false, false},
		"withdrawn":                             {as(ledger.Cancelled), true, false, false, true},
		"withdrawn, and said to be paid":        {as(ledger.Cancelled, saidPaid), false, true, false, false},
		"withdrawn after a doubt":               {as(ledger.Cancelled, func(p *ledger.Payout) { p.Doubted = true }), true, true, false, true},
		"withdrawn after it was sent":           {as(ledger.Cancelled, sent), false, true, false, false},
		"withdrawn from its second try":         {as(ledger.Cancelled, retried), false, true, false, false},
		"withdrawn twice":                       {as(ledger.Cancelled, neverRetried), true, true, false, true},
		"withdrawn, with a name of a transfer":  {as(ledger.Cancelled, func(p *ledger.Payout) { p.Answer.ProviderRef = "DP-1" }), false, false, false, false},
		"withdrawn, and its reference refused":  {as(ledger.Cancelled, func(p *ledger.Payout) { p.Said = ledger.SaidRefused }), false, false, false, false},
		"failed, and brought in by another one": {as(ledger.Failed, sent, func(p *ledger.Payout) { p.Batch = "june" }), false, false, true, false},
	} {
		p := test.payout
		if p.NeverSent() != test.neverSent || p.MayHavePaid() != test.mayHavePaid || p.Retriable() != test.retriable || p.Correctable("may") != test.mends {
			t.Errorf("%s: never sent %t, may have paid %t, retriable %t, correctable %t", says,
				p.NeverSent(), p.MayHavePaid(), p.Retriable(), p.Correctable("may"))
		}
	}
}

// TestAPersonsWordIsAboutWhatWasOverByThen: seen before an attempt ended, that it was not paid
// says nothing of its end.
func TestAPersonsWordIsAboutWhatWasOverByThen(t *testing.T) {
	for says, test := range map[string]struct {
		word *ledger.Resolution
		want bool
	}{
		"nobody looked":        {nil, false},
		"paid":                 {&ledger.Resolution{Paid: true, At: at(9)}, false},
		"not paid, too early":  {&ledger.Resolution{At: at(4)}, false},
		"not paid, at its end": {&ledger.Resolution{At: at(5)}, true},
		"not paid, after it":   {&ledger.Resolution{At: at(6)}, true},
	} {
		p := as(ledger.Queued, retried)
		p.Resolution = test.word
		if got := p.SeenUnpaid(p.Earlier[0]); got != test.want {
			t.Errorf("%s: seen unpaid %t, want %t", says, got, test.want)
		}
	}
}

// TestAPersonHasToKnowOfWhatIsNotPaid, and of what the provider disputes until that is resolved.
func TestAPersonHasToKnowOfWhatIsNotPaid(t *testing.T) {
	disputed := func(p *ledger.Payout) { p.Differences = []ledger.Difference{{Code: "reversed", At: at(3)}} }
	resolved := func(p *ledger.Payout) { disputed(p); p.Resolution = &ledger.Resolution{Paid: true, At: at(4)} }
	var all []ledger.Payout
	want := map[ledger.TransactionID]bool{}
	for says, test := range map[string]struct {
		payout        ledger.Payout
		open, notable bool
	}{
		"queued":                  {as(ledger.Queued), true, true},
		"unknown":                 {as(ledger.Unknown), true, true},
		"failed":                  {as(ledger.Failed), false, true},
		"withdrawn":               {as(ledger.Cancelled), false, false},
		"paid":                    {as(ledger.Successful), false, false},
		"paid, and called failed": {as(ledger.Successful, disputed), false, true},
		"paid, and resolved":      {as(ledger.Successful, resolved), false, false},
	} {
		p := test.payout
		p.ID = ledger.TransactionID(says)
		all = append(all, p)
		want[p.ID] = test.notable
		for selection, has := range map[ledger.Selection]bool{
			ledger.SelectAll: true, ledger.SelectOpen: test.open, ledger.SelectNotable: test.notable,
			ledger.SelectNoted: test.notable && !test.open, ledger.SelectQueued: p.State == ledger.Queued,
		} {
			if selection.Has(p) != has {
				t.Errorf("%s: selection %d has it %t, want %t", says, selection, !has, has)
			}
		}
	}
	found := 0
	for p, err := range ledger.SelectNotable.Of(pairs(all)) {
		if found++; err != nil || !want[p.ID] {
			t.Errorf("%q is told of, %v", p.ID, err)
		}
	}
	if found != 4 {
		t.Errorf("%d are told of, want 4", found)
	}
	broken := func(yield func(ledger.Payout, error) bool) { yield(ledger.Payout{}, ledger.ErrCorrupt) }
	for _, err := range ledger.SelectNotable.Of(broken) {
		if found = -1; err == nil {
			t.Error("an error is lost")
		}
	}
	if found != -1 {
		t.Error("an error ends the list as if it were whole")
	}
}

// TestWhatALostWorkerHeardIsKept with the attempt that it is about; what says nothing is not.
func TestWhatALostWorkerHeardIsKept(t *testing.T) {
	now := as(ledger.Queued, retried)
	now.Attempt, now.Earlier = 3, append(now.Earlier, ledger.Attempt{Number: 2, Reference: "A-2", State: ledger.Failed})
	for says, test := range map[string]struct {
		lost  ledger.Change
		keeps bool
		about ledger.Reference
	}{
		"that it was paid":          {ledger.Change{From: ledger.Submitting, To: ledger.Successful, Attempt: 1}, true, "A"},
		"of its second attempt":     {ledger.Change{From: ledger.Submitting, To: ledger.Pending, Attempt: 2}, true, "A-2"},
		"of this attempt":           {ledger.Change{From: ledger.Submitting, To: ledger.Pending, Attempt: 3}, true, ""},
		"about another, by name":    {ledger.Change{From: ledger.Queued, To: ledger.Queued, Said: ledger.SaidPending, Attempt: 2, About: "A"}, true, "A"},
		"nothing":                   {ledger.Change{From: ledger.Submitting, To: ledger.Unknown, Attempt: 1}, false, ""},
		"only a name of a transfer": {ledger.Change{From: ledger.Submitting, To: ledger.Unknown, Attempt: 1, Answer: ledger.Answer{ProviderRef: "DP-1"}}, true, "A"},
		"only a difference":         {ledger.Change{From: ledger.Submitting, To: ledger.Unknown, Attempt: 1, Difference: &ledger.Difference{Code: "amount"}}, true, "A"},
	} {
		heard, keeps := now.Heard(test.lost)
		if keeps != test.keeps || heard.About != test.about || keeps && (heard.From != now.State || heard.To != now.State) {
			t.Errorf("%s: %+v, kept %t, want %t about %q", says, heard, keeps, test.keeps, test.about)
		}
	}
}
