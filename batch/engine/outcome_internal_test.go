package engine

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider"
)

// The answers of these tables are weighed at noon. Their requests left a second before.
var noon = time.Date(2026, 1, 30, 12, 0, 0, 0, time.UTC)

const minGrace = time.Minute

// payout is one that was queued an hour ago.
func payout(state ledger.State, intents int, doubted bool) ledger.Payout {
	p := ledger.NewPayout(ledger.Terms{ID: "A-1", Number: "+2250700000001", Amount: money.XOF.Of(5000)}, "b", 2, noon.Add(-time.Hour))
	p.State, p.Intents, p.Doubted = state, intents, doubted
	if intents > 0 {
		p.FirstIntent, p.SubmittedAt = noon.Add(-time.Minute), noon.Add(-time.Minute)
	}
	return p
}

// described is an outcome that is about the payout, in its terms.
func described(class provider.Class) provider.Outcome {
	return provider.Outcome{
		Class: class, Code: class.String(), Documented: true,
		Described: provider.Described{Ours: true, Number: "+2250700000001", Amount: money.XOF.Of(5000), AmountKnown: true},
	}
}

// weighed says in a few words what a reply makes of a payment: the state that it gets, or
// "-" for no change, the next step, when that is due if it is not now, and what else is to
// be done. It fails the test if weighing changed the payment or the proof.
func weighed(t *testing.T, p *payment, r reply, how func(reply, *payment) verdict) string {
	t.Helper()
	payment, proof := *p, *r.proof
	v := how(r, p)
	if !reflect.DeepEqual(payment, *p) || !reflect.DeepEqual(proof.control, r.proof.control) || proof.scouted != r.proof.scouted {
		t.Error("weighing changed what it was given")
	}
	words := []string{"-"}
	if v.changes {
		words[0] = v.change.To.String()
		change := v.change
		change.ID, change.From, change.At = p.payout.ID, p.payout.State, noon
		if _, err := p.payout.Applied(change); err != nil {
			t.Errorf("the ledger refuses it: %v", err)
		}
	}
	words = append(words, [...]string{"finish", "look-up", "await", "send", "hold", "aside"}[v.next])
	if !v.due.IsZero() && !v.due.Equal(r.now) {
		words = append(words, "in "+v.due.Sub(r.now).String())
	}
	for _, flag := range []struct {
		set  bool
		name string
	}{
		{v.change.Unused, "unused"},
		{v.change.Difference != nil, "difference"},
		{v.taken, "taken"},
		{v.released, "released"},
		{v.wantsControl, "wants control"},
		{v.memory.scout, "scout"},
		{v.stop != nil, "stop"},
		{v.sendStop != nil, "send stop"},
	} {
		if flag.set {
			words = append(words, flag.name)
		}
	}
	return strings.Join(words, ", ")
}

func replyOf(o provider.Outcome, p *proof) reply {
	return reply{
		outcome: o, asked: noon.Add(-time.Second), now: noon, proof: p, pollMin: time.Second, pollMax: 15 * time.Second,
	}
}

// TestEachClassOfAnswerHasOneMeaning: what each class makes of a first post, of a repeat
// of one in doubt, of a look-up of a doubt, and of a look-up before the send. Nothing is
// known of the account.
func TestEachClassOfAnswerHasOneMeaning(t *testing.T) {
	type meaning struct{ first, repeat, lookUp, ahead string }
	table := map[provider.Class]meaning{
		provider.Unknown:    {"unknown, look-up, in 1s", "unknown, look-up, in 1s", "-, look-up, in 1s", "-, look-up, in 1s"},
		provider.NotSent:    {"queued, send, in 1s", "queued, send, in 1s", "-, look-up, in 1s", "-, look-up, in 1s"},
		provider.Successful: {"successful, finish, taken", "successful, finish, taken", "successful, finish", "successful, finish"},
		provider.Pending:    {"pending, look-up, in 1s, taken", "pending, look-up, in 1s, taken", "pending, look-up, in 1s", "pending, look-up, in 1s"},
		provider.Failed:     {"failed, finish", "failed, finish", "failed, finish", "failed, finish"},
		provider.Refused:    {"-, hold", "unknown, look-up, in 1s", "-, look-up, in 1s", "-, look-up, in 1s"},
		provider.Exists:     {"unknown, look-up, in 1s", "unknown, look-up, in 1s", "-, look-up, in 1s", "-, look-up, in 1s"},
		provider.NotFound: {
			"unknown, look-up, in 1s", "unknown, look-up, in 1s", "-, look-up, in 30s, wants control",
			"-, await, in 1h0m0s, wants control",
		},
		provider.Throttled:    {"queued, look-up, in 1s", "queued, look-up, in 1s", "-, look-up, in 1s", "-, look-up, in 1s"},
		provider.Unauthorized: {"queued, look-up", "queued, look-up", "-, look-up, in 1s", "-, look-up, in 1s"},
		provider.NoBalance:    {"queued, look-up, send stop", "queued, look-up, send stop", "-, look-up, in 1s", "-, look-up, in 1s"},
		provider.Expired:      {"queued, look-up", "queued, look-up", "-, look-up, in 1s", "-, look-up, in 1s"},
		provider.Forbidden:    {"-, hold", "unknown, look-up, in 1s", "-, look-up, in 1s", "-, look-up, in 1s"},
	}
	for _, class := range provider.Classes() {
		want, listed := table[class]
		if !listed {
			t.Errorf("%s has no row", class)
		}
		r := replyOf(described(class), &proof{minGrace: minGrace, control: control{has: true}})
		first := &payment{payout: payout(ledger.Submitting, 1, false)}
		repeat := &payment{payout: payout(ledger.Submitting, 2, true)}
		doubt := &payment{payout: payout(ledger.Unknown, 1, true), memory: memory{onWire: noon.Add(-40 * time.Second), posted: noon}}
		queued := &payment{payout: payout(ledger.Queued, 0, false)}
		queued.names = namesOf(queued.payout)
		got := meaning{
			first:  weighed(t, first, r, reply.toSend),
			repeat: weighed(t, repeat, r, reply.toSend),
			lookUp: weighed(t, doubt, r, reply.toLookUp),
			ahead:  weighed(t, queued, r, reply.toLookAhead),
		}
		if got != want {
			t.Errorf("%s means\n%q, want\n%q", class, got, want)
		}
	}
}

// TestWhatIsUnsentIsTakenBackUnused: without a connection nothing can have become of it,
// and two expired tokens in a row are none.
func TestWhatIsUnsentIsTakenBackUnused(t *testing.T) {
	known := &proof{minGrace: minGrace}
	unsent := described(provider.NotSent)
	unsent.Unsent = true
	p := &payment{payout: payout(ledger.Submitting, 1, false)}
	if got := weighed(t, p, replyOf(unsent, known), reply.toSend); got != "queued, send, in 1s, unused" {
		t.Errorf("unsent: %s", got)
	}
	p.expired = true
	if got := weighed(t, p, replyOf(described(provider.Expired), known), reply.toSend); got != "queued, look-up, stop" {
		t.Errorf("expired twice: %s", got)
	}
}

// TestAnAnswerAboutAnEarlierTransferSettlesNothing: one that is dated before the first
// intent is left to a person, and so is one that a look-up before the send finds in other
// terms.
func TestAnAnswerAboutAnEarlierTransferSettlesNothing(t *testing.T) {
	older := described(provider.Successful)
	older.Described.At = noon.Add(-48 * time.Hour)
	older.Clock, older.Received = noon, noon
	other := described(provider.Successful)
	other.Described.Amount = money.XOF.Of(1)
	mismatch := described(provider.Unknown)
	mismatch.Mismatch = true
	queued := &payment{payout: payout(ledger.Queued, 0, false)}
	queued.names = namesOf(queued.payout)
	doubt := &payment{payout: payout(ledger.Unknown, 1, true)}
	flagged := &payment{payout: payout(ledger.Unknown, 1, true), memory: memory{flagged: true}}
	for _, test := range []struct {
		says string
		p    *payment
		o    provider.Outcome
		how  func(reply, *payment) verdict
		want string
	}{
		{"older, to a post", &payment{payout: payout(ledger.Submitting, 1, false)}, older, reply.toSend, "unknown, aside, difference"},
		{"older, to a look-up", doubt, older, reply.toLookUp, "unknown, aside, difference"},
		{"older, before the send", queued, older, reply.toLookAhead, "queued, aside, difference"},
		{"other terms, before the send", queued, other, reply.toLookAhead, "queued, aside, difference"},
		{"a mismatch, before the send", queued, mismatch, reply.toLookAhead, "queued, aside, difference"},
		{"a mismatch, to a look-up", doubt, mismatch, reply.toLookUp, "unknown, look-up, in 1s"},
		{"a mismatch that was recorded", flagged, mismatch, reply.toLookUp, "-, look-up, in 1s"},
	} {
		if got := weighed(t, test.p, replyOf(test.o, &proof{minGrace: minGrace}), test.how); got != test.want {
			t.Errorf("%s: %s, want %s", test.says, got, test.want)
		}
	}
}

// TestANotFoundIsBelievedBesideAControlAfterTheGrace walks through what speaks for and
// against it.
func TestANotFoundIsBelievedBesideAControlAfterTheGrace(t *testing.T) {
	shown := control{has: true, found: true, shown: noon.Add(-time.Minute), foundAt: noon.Add(-2 * time.Second)}
	stale := shown
	stale.foundAt = noon // after the question was asked
	early := shown
	early.shown = noon.Add(-time.Hour) // accepted before the doubt was posted
	lagging := shown
	lagging.lag = time.Hour
	doubt := memory{
		onWire: noon.Add(-2 * time.Minute), posted: noon.Add(-2 * time.Minute), notFound: 1, firstNotFound: noon.Add(-time.Minute),
	}
	once := doubt
	once.notFound, once.onWire = 0, noon
	fresh := doubt
	fresh.onWire = noon.Add(-20 * time.Second)
	exists := doubt
	exists.exists = true
	spent := doubt
	spent.sameness = sameness{words: "no", proven: map[string]int{"no": refusalsMax - 1}}
	named := payout(ledger.Unknown, 1, true)
	named.Answer.ProviderRef = "DP-1"
	unnamed := payout(ledger.Unknown, 1, true)
	for _, test := range []struct {
		says    string
		payout  ledger.Payout
		memory  memory
		control control
		want    string
	}{
		{"the first one", unnamed, once, shown, "-, look-up, in 1m0s"},
		{"without a control", unnamed, doubt, control{}, "-, await, in 15s, wants control"},
		{"a control that was found later than this was asked", unnamed, doubt, stale, "-, await, in 15s, wants control"},
		{"a control from before the doubt", unnamed, doubt, early, "-, await, in 15s, wants control"},
		{"within the grace", unnamed, fresh, shown, "-, look-up, in 40s"},
		{"within the grace of a control that lagged", unnamed, doubt, lagging, "-, look-up, in 2h58m0s"},
		{"beside a control, after the grace", unnamed, doubt, shown, "queued, send, released"},
		{"refused alike for the third time", unnamed, spent, shown, "failed, finish"},
		{"of one that exists", unnamed, exists, shown, "-, look-up, in 1s"},
		{"of one that the provider named", named, doubt, shown, "-, look-up, in 1s"},
		{"of one that is pending", payout(ledger.Pending, 1, false), doubt, shown, "-, look-up, in 1s"},
	} {
		p := &payment{payout: test.payout, memory: test.memory}
		r := replyOf(described(provider.NotFound), &proof{minGrace: minGrace, control: test.control})
		if got := weighed(t, p, r, reply.toLookUp); got != test.want {
			t.Errorf("%s: %s, want %s", test.says, got, test.want)
		}
	}
}

// TestAQueuedPayoutIsSentOnceItIsKnownToBeAbsent walks through what a "not found" before
// the send can rest on.
func TestAQueuedPayoutIsSentOnceItIsKnownToBeAbsent(t *testing.T) {
	works := control{has: true, found: true, shown: noon.Add(-30 * time.Minute), foundAt: noon.Add(-2 * time.Second)}
	adopted := func(ago time.Duration) ledger.Identity { return ledger.Identity{LookFirst: noon.Add(-ago)} }
	for _, test := range []struct {
		says       string
		proof      proof
		turnedAway bool
		scout      bool
		want       string
	}{
		{"nothing shows that look-ups work", proof{}, false, false, "-, await, in 1h0m0s, wants control"},
		{"the account has nothing", proof{nothingThere: true}, false, false, "-, send"},
		{"look-ups work", proof{control: works}, false, false, "-, send"},
		{"the provider turned it away itself", proof{}, true, false, "-, send"},
		{"adopted within the grace", proof{control: works, identity: adopted(30 * time.Second)}, true, false, "-, look-up, in 30s"},
		{"adopted, and the control is younger", proof{control: works, identity: adopted(40 * time.Minute)}, false, false, "-, send"},
		{"adopted, and the control is older: one goes out alone", proof{control: works, identity: adopted(10 * time.Minute)}, false, false, "-, send, released, scout"},
		{"adopted, and the run began within the grace", proof{control: works, identity: adopted(40 * time.Minute), began: noon.Add(-20 * time.Second)}, false, false, "-, look-up, in 40s"},
		{"adopted, and the control is older than the run", proof{control: works, identity: adopted(40 * time.Minute), began: noon.Add(-10 * time.Minute)}, false, false, "-, send, released, scout"},
		{"it is the one", proof{control: works, identity: adopted(10 * time.Minute), scouted: true}, false, true, "-, send, scout"},
		{"another one went out alone", proof{control: works, identity: adopted(10 * time.Minute), scouted: true}, false, false, "-, await, in 1h0m0s, wants control"},
	} {
		test.proof.minGrace = minGrace
		p := &payment{payout: payout(ledger.Queued, 0, false), memory: memory{turnedAway: test.turnedAway, scout: test.scout}}
		p.names = namesOf(p.payout)
		if got := weighed(t, p, replyOf(described(provider.NotFound), &test.proof), reply.toLookAhead); got != test.want {
			t.Errorf("%s: %s, want %s", test.says, got, test.want)
		}
	}
}

// TestWhatWasPaidAfterTheAdoptingShowsAnotherAtWork: it is taken over, and nothing more is
// sent, unless it may have been on its way at the adopting, was queued since, or the two
// clocks cannot be compared.
func TestWhatWasPaidAfterTheAdoptingShowsAnotherAtWork(t *testing.T) {
	for _, test := range []struct {
		says    string
		adopted time.Duration
		taken   time.Duration
		ahead   time.Duration
		clock   bool
		class   provider.Class
		want    string
	}{
		{"before", time.Hour, 61 * time.Minute, 0, true, provider.Successful, "successful, finish"},
		{"after", time.Hour, 30 * time.Minute, 0, true, provider.Successful, "successful, finish, send stop"},
		{"and it failed", time.Hour, 30 * time.Minute, 0, true, provider.Failed, "failed, finish, send stop"},
		{"within the grace", time.Hour, 59*time.Minute + 30*time.Second, 0, true, provider.Successful, "successful, finish"},
		{"by a clock that is ahead", time.Hour, 30 * time.Minute, 2 * time.Hour, true, provider.Successful, "successful, finish"},
		{"by a clock that nobody knows", time.Hour, 30 * time.Minute, 0, false, provider.Successful, "successful, finish"},
		{"never adopted", 0, 30 * time.Minute, 0, true, provider.Successful, "successful, finish"},
	} {
		pr := proof{minGrace: minGrace}
		if test.adopted > 0 {
			pr.identity.LookFirst = noon.Add(-test.adopted)
		}
		o := described(test.class)
		o.Described.At = noon.Add(-test.taken)
		if test.clock {
			o.Received, o.Clock = noon, noon.Add(test.ahead)
		}
		p := &payment{payout: payout(ledger.Queued, 0, false)}
		p.payout.QueuedAt = noon.Add(-2 * time.Hour)
		p.names = namesOf(p.payout)
		if got := weighed(t, p, replyOf(o, &pr), reply.toLookAhead); got != test.want {
			t.Errorf("%s: %s, want %s", test.says, got, test.want)
		}
	}
}

// TestAnEarlierAttemptMustNotHaveBeenPaid: what its name brings decides before the
// payout's own name is asked for.
func TestAnEarlierAttemptMustNotHaveBeenPaid(t *testing.T) {
	works := proof{minGrace: minGrace, control: control{has: true, found: true, shown: noon, foundAt: noon.Add(-time.Minute)}}
	for _, test := range []struct {
		class provider.Class
		named bool
		want  string
	}{
		{provider.Failed, true, "-, look-up"},
		{provider.NotFound, false, "-, look-up"},
		{provider.NotFound, true, "-, aside"},
		{provider.Successful, false, "queued, aside, difference"},
		{provider.Pending, false, "queued, aside, difference"},
	} {
		p := &payment{payout: payout(ledger.Queued, 0, false)}
		before := ledger.Attempt{Reference: "A-1", Terms: p.payout.Terms, State: ledger.Failed}
		p.payout.Attempt, p.payout.Reference, p.payout.Earlier = 2, "A-1-2", []ledger.Attempt{before}
		p.names = namesOf(p.payout)
		p.names[0].named = test.named
		if got := weighed(t, p, replyOf(described(test.class), &works), reply.toLookAhead); got != test.want {
			t.Errorf("%s, named %t: %s, want %s", test.class, test.named, got, test.want)
		}
	}
}

// TestARefusalOfWhatMayHaveLeftBeforeIsADoubt: it may say no more than that the first was taken.
func TestARefusalOfWhatMayHaveLeftBeforeIsADoubt(t *testing.T) {
	for name, test := range map[string]struct {
		payout ledger.Payout
		want   string
	}{
		"the first request":                 {payout(ledger.Submitting, 1, false), "-, hold"},
		"a second one":                      {payout(ledger.Submitting, 2, false), "unknown, look-up, in 1s"},
		"the first, and it was in doubt":    {payout(ledger.Submitting, 1, true), "unknown, look-up, in 1s"},
		"a second of one that was in doubt": {payout(ledger.Submitting, 2, true), "unknown, look-up, in 1s"},
	} {
		for _, class := range []provider.Class{provider.Refused, provider.Forbidden} {
			if got := weighed(t, &payment{payout: test.payout}, replyOf(described(class), &proof{}), reply.toSend); got != test.want {
				t.Errorf("%s, %s: %q, want %q", name, class, got, test.want)
			}
		}
	}
}

// TestATokenThatExpiresTwiceInARowIsTheEnd: in between it was good.
func TestATokenThatExpiresTwiceInARowIsTheEnd(t *testing.T) {
	expired, other := provider.Expired, provider.Throttled
	for name, test := range map[string]struct {
		classes []provider.Class
		stops   bool
	}{
		"once":                      {[]provider.Class{expired}, false},
		"twice":                     {[]provider.Class{expired, expired}, true},
		"something else in between": {[]provider.Class{expired, other, expired}, false},
		"something else before":     {[]provider.Class{other, expired}, false},
	} {
		p := &payment{payout: payout(ledger.Submitting, 1, false)}
		var v verdict
		for _, class := range test.classes {
			v = replyOf(described(class), &proof{}).toSend(p)
			p.memory = v.memory
		}
		if (v.stop != nil) != test.stops {
			t.Errorf("%s: %v", name, v.stop)
		}
	}
}

// TestOnlyNewsOfAPendingPayoutIsRecorded: an answer each second for an hour would fill the log.
func TestOnlyNewsOfAPendingPayoutIsRecorded(t *testing.T) {
	for name, test := range map[string]struct {
		state     ledger.State
		code, ref string
		want      string
	}{
		"as before":                         {ledger.Pending, "PENDING", "DP-1", "-, look-up, in 1s"},
		"as before, without the name":       {ledger.Pending, "PENDING", "", "-, look-up, in 1s"},
		"another word":                      {ledger.Pending, "INITIATED", "DP-1", "pending, look-up, in 1s"},
		"another name":                      {ledger.Pending, "PENDING", "DP-2", "pending, look-up, in 1s"},
		"another word, without the name":    {ledger.Pending, "INITIATED", "", "pending, look-up, in 1s"},
		"as before, but it was in doubt":    {ledger.Unknown, "PENDING", "DP-1", "pending, look-up, in 1s"},
		"in doubt, and without a name":      {ledger.Unknown, "PENDING", "", "pending, look-up, in 1s"},
		"in doubt, and now in another word": {ledger.Unknown, "INITIATED", "DP-1", "pending, look-up, in 1s"},
	} {
		p := &payment{payout: payout(test.state, 1, test.state == ledger.Unknown)}
		p.payout.Answer = ledger.Answer{Code: "PENDING", ProviderRef: "DP-1"}
		o := described(provider.Pending)
		o.Code, o.ProviderRef = test.code, test.ref
		if got := weighed(t, p, replyOf(o, &proof{}), reply.toLookUp); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// TestThePauseBetweenTriesGrowsByHalfUpToItsBound.
func TestThePauseBetweenTriesGrowsByHalfUpToItsBound(t *testing.T) {
	var m memory
	for _, want := range []string{"1s", "1.5s", "2.25s", "3.375s", "4s", "4s"} {
		if got := m.nextDelay(time.Second, 4*time.Second); got.String() != want {
			t.Errorf("try %d: %s, want %s", m.tries, got, want)
		}
	}
}
