package approval_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/batch/approval/sshsig/sshsigtest"
)

// scene is a case being put together.
type scene struct {
	*world

	approval.Case
	about approval.Subject
}

// small is a batch of the first tier that awa submitted, and large one of the second.
func newScene(tb testing.TB, amount int64) *scene {
	tb.Helper()
	p := policy(tb, policyText)
	s := &scene{world: newWorld(tb), Case: approval.Case{Policy: p, Content: payroll(tb, p, 3, amount)}}
	s.now = sealed.Add(time.Hour)
	s.about = subject(tb, s.Content)
	return s
}

const (
	smallAmount = 1000
	largeAmount = 2_000_000
)

func (s *scene) say(word approval.Word, name string) {
	s.tb.Helper()
	s.Decisions = append(s.Decisions, s.decide(word, s.about, name))
}

func (s *scene) approve(names ...string) {
	s.tb.Helper()
	for _, name := range names {
		s.say(approval.Approve, name)
	}
}

func (s *scene) evaluate() approval.Verdict {
	s.People = s.people
	return approval.Evaluate(s.Case, s.now)
}

// reasons lists why decisions did not count.
func reasons(v approval.Verdict) []approval.Reason {
	var all []approval.Reason
	for _, i := range v.Ignored {
		all = append(all, i.Reason)
	}
	return all
}

// TestWhoApprovesWhat walks through cases of both tiers.
func TestWhoApprovesWhat(t *testing.T) {
	for name, c := range map[string]struct {
		amount  int64
		happens func(*scene)
		want    approval.State
		ignored []approval.Reason
	}{
		"nobody":                        {smallAmount, func(*scene) {}, approval.Waiting, nil},
		"a checker":                     {smallAmount, func(s *scene) { s.approve("koffi") }, approval.Approved, nil},
		"a director":                    {smallAmount, func(s *scene) { s.approve("fanta") }, approval.Approved, nil},
		"the maker":                     {smallAmount, func(s *scene) { s.approve("awa") }, approval.Waiting, []approval.Reason{"maker"}},
		"an admin":                      {smallAmount, func(s *scene) { s.approve("root") }, approval.Waiting, []approval.Reason{"role"}},
		"one of a large batch":          {largeAmount, func(s *scene) { s.approve("koffi") }, approval.Waiting, nil},
		"two of one role":               {largeAmount, func(s *scene) { s.approve("koffi", "ibou") }, approval.Waiting, nil},
		"one person twice":              {largeAmount, func(s *scene) { s.approve("koffi", "koffi") }, approval.Waiting, []approval.Reason{"twice"}},
		"both roles":                    {largeAmount, func(s *scene) { s.approve("fanta", "koffi") }, approval.Approved, nil},
		"more than enough":              {largeAmount, func(s *scene) { s.approve("fanta", "koffi", "ibou") }, approval.Approved, nil},
		"a rejection before":            {smallAmount, func(s *scene) { s.say(approval.Reject, "ibou"); s.approve("koffi") }, approval.Rejected, nil},
		"a rejection behind":            {largeAmount, func(s *scene) { s.approve("fanta", "koffi"); s.say(approval.Reject, "ibou") }, approval.Rejected, nil},
		"a rejection by who approved":   {largeAmount, func(s *scene) { s.approve("fanta", "koffi"); s.say(approval.Reject, "koffi") }, approval.Rejected, nil},
		"a rejection by the maker":      {smallAmount, func(s *scene) { s.approve("koffi"); s.say(approval.Reject, "awa") }, approval.Rejected, nil},
		"a rejection by who has no say": {smallAmount, func(s *scene) { s.approve("koffi"); s.say(approval.Reject, "root") }, approval.Approved, []approval.Reason{"role"}},
		"a rejection by who then left":  {smallAmount, func(s *scene) { s.approve("koffi"); s.say(approval.Reject, "ibou"); s.remove("ibou") }, approval.Rejected, nil},
		"a submission is no approval":   {smallAmount, func(s *scene) { s.say(approval.Submit, "awa"); s.say(approval.Submit, "koffi") }, approval.Waiting, []approval.Reason{"not_maker"}},
		"the signer left":               {smallAmount, func(s *scene) { s.approve("koffi"); s.remove("koffi") }, approval.Waiting, []approval.Reason{"removed"}},
		"the signer left and came back": {smallAmount, func(s *scene) { s.approve("koffi"); s.remove("koffi"); s.add("koffi", "checker") }, approval.Waiting, []approval.Reason{"removed"}},
		"came back and signed again": {smallAmount, func(s *scene) {
			s.remove("koffi")
			s.add("koffi", "checker")
			s.approve("koffi")
		}, approval.Approved, nil},
		"signed before being there": {smallAmount, func(s *scene) {
			s.keys["yves"] = key(t, "yves")
			s.approve("yves")
			s.add("yves", "checker")
		}, approval.Waiting, []approval.Reason{"person"}},
		"the same decision again": {largeAmount, func(s *scene) { s.approve("koffi"); s.Decisions = append(s.Decisions, s.Decisions[0]) }, approval.Waiting, []approval.Reason{"nonce"}},
		"under another's name": {smallAmount, func(s *scene) {
			s.Decisions = append(s.Decisions, s.sign(approval.Statement{Word: approval.Approve, Subject: s.about, By: "koffi", NotAfter: s.now.Add(time.Hour), Nonce: approval.NewNonce()}, s.keys["awa"]))
		}, approval.Waiting, []approval.Reason{"key"}},
		"its time is over": {smallAmount, func(s *scene) {
			s.Decisions = append(s.Decisions, s.sign(approval.Statement{Word: approval.Approve, Subject: s.about, By: "koffi", NotAfter: s.now.Add(-time.Second), Nonce: approval.NewNonce()}, s.keys["koffi"]))
		}, approval.Waiting, []approval.Reason{"expired"}},
		"nobody left to ask":       {largeAmount, func(s *scene) { s.remove("fanta"); s.approve("koffi") }, approval.Waiting, nil},
		"the batch's time is over": {smallAmount, func(s *scene) { s.approve("koffi"); s.now = sealed.Add(72*time.Hour + time.Second) }, approval.Expired, []approval.Reason{}},
		"its last moment": {smallAmount, func(s *scene) {
			s.now = sealed.Add(70 * time.Hour)
			s.approve("koffi")
			s.now = sealed.Add(72 * time.Hour)
		}, approval.Approved, nil},
		"a rejection after its time": {smallAmount, func(s *scene) { s.say(approval.Reject, "koffi"); s.now = sealed.Add(100 * time.Hour) }, approval.Rejected, nil},
		"begun in time goes on":      {smallAmount, func(s *scene) { s.approve("koffi"); s.Begun = s.now; s.now = s.now.Add(7 * 24 * time.Hour) }, approval.Approved, nil},
		"but not for ever":           {smallAmount, func(s *scene) { s.approve("koffi"); s.Begun = s.now; s.now = s.now.Add(7*24*time.Hour + 1) }, approval.Expired, nil},
		"begun too late":             {smallAmount, func(s *scene) { s.approve("koffi"); s.Begun = sealed.Add(73 * time.Hour); s.now = s.Begun }, approval.Expired, nil},
		"the signer left since":      {smallAmount, func(s *scene) { s.approve("koffi"); s.Begun = s.now; s.remove("koffi") }, approval.Waiting, []approval.Reason{"removed"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, c.amount)
			c.happens(s)
			v := s.evaluate()
			if v.State != c.want || v.Pays(s.now) != (c.want == approval.Approved) {
				t.Errorf("%s, want %s: %+v", v.State, c.want, v)
			}
			if got := reasons(v); c.ignored != nil && !slices.Equal(got, c.ignored) && len(c.ignored) > 0 || c.ignored == nil && len(got) > 0 {
				t.Errorf("ignored because of %q, want %q", got, c.ignored)
			}
		})
	}
}

// TestSignaturesThatDoNotCount tampers with an approval.
func TestSignaturesThatDoNotCount(t *testing.T) {
	other := newScene(t, smallAmount+1)
	for name, c := range map[string]struct {
		make func(*scene) approval.Decision
		want approval.Reason
	}{
		"another content": {func(s *scene) approval.Decision { return s.decide(approval.Approve, other.about, "koffi") }, "subject"},
		"its policy":      {func(s *scene) approval.Decision { return s.decide(approval.Approve, s.Policy.Subject(nil), "koffi") }, "subject"},
		"another total in words": {func(s *scene) approval.Decision {
			about := s.about
			about.Total--
			return s.decide(approval.Approve, about, "koffi")
		}, "subject"},
		"a tampered text": {func(s *scene) approval.Decision {
			d := s.decide(approval.Approve, other.about, "koffi")
			d.Text = bytes.Replace(d.Text, []byte(other.about.Digest.String()), []byte(s.about.Digest.String()), 1)
			d.Text = bytes.Replace(d.Text, []byte("total: 3\u202f003"), []byte("total: 3\u202f000"), 1)
			return d
		}, "signature"},
		"no text": {func(*scene) approval.Decision { return approval.Decision{Text: []byte("approve")} }, "text"},
		"a space more": {func(s *scene) approval.Decision {
			d := s.decide(approval.Approve, s.about, "koffi")
			d.Text = append(d.Text, '\n')
			return d
		}, "text"},
		"no signature": {func(s *scene) approval.Decision {
			d := s.decide(approval.Approve, s.about, "koffi")
			d.Signature = nil
			return d
		}, "signature"},
		"another purpose": {func(s *scene) approval.Decision {
			d := s.decide(approval.Approve, s.about, "koffi")
			made, err := sshsig.Sign(s.keys["koffi"], "file", bytes.NewReader(d.Text))
			if err != nil {
				t.Fatal(err)
			}
			d.Signature = made.Armour()
			return d
		}, "namespace"},
		"another's signature": {func(s *scene) approval.Decision {
			d := s.decide(approval.Approve, s.about, "koffi")
			made, err := sshsig.Sign(s.keys["awa"], approval.Namespace, bytes.NewReader(d.Text))
			if err != nil {
				t.Fatal(err)
			}
			d.Signature = made.Armour()
			return d
		}, "key"},
		"nobody": {func(s *scene) approval.Decision {
			s.keys["yves"] = key(t, "yves")
			return s.decide(approval.Approve, s.about, "yves")
		}, "person"},
	} {
		s := newScene(t, smallAmount)
		s.Decisions = append(s.Decisions, c.make(s))
		if v := s.evaluate(); v.State != approval.Waiting || !slices.Equal(reasons(v), []approval.Reason{c.want}) {
			t.Errorf("%s: %s, %q, want %q", name, v.State, reasons(v), c.want)
		}
	}
}

// TestPasskeysCountOnTheirPage approves with a passkey, which counts or does not.
func TestPasskeysCountOnTheirPage(t *testing.T) {
	for name, c := range map[string]struct {
		flags    byte
		counters []uint32
		origin   string
		want     []approval.Reason
		state    approval.State
	}{
		"honest":              {sshsigtest.Touched | sshsigtest.Verified, []uint32{5}, page, nil, approval.Approved},
		"does not count":      {sshsigtest.Touched | sshsigtest.Verified, []uint32{0}, page, nil, approval.Approved},
		"counts back":         {sshsigtest.Touched | sshsigtest.Verified, []uint32{5, 4}, page, []approval.Reason{"counter"}, approval.Approved},
		"without PIN":         {sshsigtest.Touched, []uint32{5}, page, []approval.Reason{"device"}, approval.Waiting},
		"enrolled on another": {sshsigtest.Touched | sshsigtest.Verified, []uint32{5}, "https://other.pay.example.ci", []approval.Reason{"device"}, approval.Waiting},
		"not enrolled as one": {sshsigtest.Touched | sshsigtest.Verified, []uint32{5}, "", []approval.Reason{"device"}, approval.Waiting},
	} {
		s := newScene(t, smallAmount)
		device := sshsigtest.NewDevice(t, "pay.example.ci", false)
		device.Flags = c.flags
		p := person(t, "yves", "checker")
		p.Keys = []approval.Key{{Public: device.PublicKey(), Origin: c.origin}}
		s.act(approval.Act{Kind: approval.Add, Person: p})
		for _, counter := range c.counters {
			device.Counter = counter
			s.Decisions = append(s.Decisions, s.byPasskey(device, approval.Statement{Word: approval.Approve, Subject: s.about, By: "yves"}))
		}
		if v := s.evaluate(); v.State != c.state || !slices.Equal(reasons(v), c.want) {
			t.Errorf("%s: %s, %q", name, v.State, reasons(v))
		}
	}
}

// TestValidityIsThatOfTheMomentOfSigning approves at the edges of a person's time.
func TestValidityIsThatOfTheMomentOfSigning(t *testing.T) {
	for name, c := range map[string]struct {
		after, before time.Duration // from the signing; 0 is none
		want          approval.State
	}{
		"no bounds":        {0, 0, approval.Approved},
		"within":           {-time.Hour, time.Hour, approval.Approved},
		"over since":       {-time.Hour, time.Second, approval.Approved},
		"not yet":          {time.Second, 0, approval.Waiting},
		"no longer":        {0, -time.Second, approval.Waiting},
		"at its beginning": {-time.Second, 0, approval.Approved},
	} {
		s := newScene(t, smallAmount)
		p := person(t, "yves", "checker")
		if c.after != 0 {
			p.ValidAfter = s.now.Add(c.after)
		}
		if c.before != 0 {
			p.ValidBefore = s.now.Add(c.before)
		}
		s.keys["yves"] = key(t, "yves")
		s.act(approval.Act{Kind: approval.Add, Person: p})
		s.approve("yves")
		s.now = s.now.Add(2 * time.Hour)
		if v := s.evaluate(); v.State != c.want {
			t.Errorf("%s: %s, %q", name, v.State, reasons(v))
		}
	}
}

// TestNoSignatureHelps tries contents that nobody can approve.
func TestNoSignatureHelps(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*scene)
		want   string
	}{
		"another policy":           {func(s *scene) { s.Policy = policy(t, policyText+"retry: unchanged\n") }, approval.BecausePolicy},
		"no policy":                {func(s *scene) { s.Policy = approval.Policy{} }, approval.BecausePolicy},
		"another currency":         {func(s *scene) { s.Content.Currency.Code = "EUR" }, approval.BecauseCurrency},
		"no maker":                 {func(s *scene) { s.Content.Makers = nil }, approval.BecauseMaker},
		"a maker nobody knows":     {func(s *scene) { s.Content.Makers = []string{"koffi2"} }, approval.BecauseMaker},
		"more time than given":     {func(s *scene) { s.Content.NotAfter = s.Content.NotAfter.Add(time.Second) }, approval.BecauseNotAfter},
		"figures do not add up":    {func(s *scene) { s.Content.Payouts++ }, approval.BecauseText},
		"an empty content":         {func(s *scene) { s.Content = approval.Content{} }, approval.BecauseText},
		"the maker left, is known": {func(s *scene) { s.remove("awa") }, ""},
	} {
		s := newScene(t, smallAmount)
		c.change(s)
		if about, err := s.Content.Subject(); err == nil {
			s.about = about
		}
		s.approve("koffi", "fanta", "ibou")
		v := s.evaluate()
		if v.Because != c.want || (c.want == "") != v.Pays(s.now) || (c.want == "") != (v.State == approval.Approved) {
			t.Errorf("%s: %s because of %q, want %q", name, v.State, v.Because, c.want)
		}
	}
	if (approval.Verdict{}).Pays(time.Time{}) {
		t.Error("no verdict at all pays")
	}
}

// TestTheVerdictNamesWhomToAsk checks what is missing and who may give it.
func TestTheVerdictNamesWhomToAsk(t *testing.T) {
	for name, c := range map[string]struct {
		amount    int64
		happens   func(*scene)
		missing   []approval.Need
		may       []string
		reachable bool
	}{
		"small, nobody": {smallAmount, func(*scene) {}, []approval.Need{{Count: 1, From: []string{"checker", "director"}}}, []string{"koffi", "ibou", "fanta"}, true},
		"large, nobody": {largeAmount, func(*scene) {}, []approval.Need{{Count: 1, From: []string{"checker"}}, {Count: 1, From: []string{"director"}}}, []string{"koffi", "ibou", "fanta"}, true},
		"large, one":    {largeAmount, func(s *scene) { s.approve("koffi") }, []approval.Need{{Count: 1, From: []string{"director"}}}, []string{"fanta"}, true},
		"nobody left":   {largeAmount, func(s *scene) { s.approve("koffi"); s.remove("fanta") }, []approval.Need{{Count: 1, From: []string{"director"}}}, nil, false},
		"a maker among them": {largeAmount, func(s *scene) {
			s.Content.Makers = []string{"awa", "ibou"}
			s.about = subject(t, s.Content)
			s.approve("fanta")
		}, []approval.Need{{Count: 1, From: []string{"checker"}}}, []string{"koffi"}, true},
		"one of both roles makes room": {largeAmount, func(s *scene) {
			s.add("yves", "checker", "director")
			s.approve("yves")
		}, []approval.Need{{Count: 1, From: []string{"director"}}}, []string{"koffi", "ibou", "fanta"}, true},
	} {
		s := newScene(t, c.amount)
		c.happens(s)
		v := s.evaluate()
		if v.State != approval.Waiting || !slices.Equal(v.May, c.may) || v.Reachable != c.reachable ||
			!slices.EqualFunc(v.Missing, c.missing, func(a, b approval.Need) bool { return a.Count == b.Count && slices.Equal(a.From, b.From) }) {
			t.Errorf("%s: %s, missing %v, may %q, reachable %t", name, v.State, v.Missing, v.May, v.Reachable)
		}
	}
}

// TestNothingIsPaidBeforeItsTime has a batch wait for its morning.
func TestNothingIsPaidBeforeItsTime(t *testing.T) {
	s := newScene(t, smallAmount)
	s.Content.NotBefore = sealed.Add(60 * time.Hour)
	s.Content.NotAfter = s.Policy.NotAfter(sealed, s.Content.NotBefore)
	s.about = subject(t, s.Content)
	s.now = sealed.Add(59 * time.Hour)
	s.approve("koffi")
	for at, want := range map[time.Duration]bool{59 * time.Hour: false, 60 * time.Hour: true, 84 * time.Hour: true, 84*time.Hour + 1: false} {
		s.now = sealed.Add(at)
		if v := s.evaluate(); v.Pays(s.now) != want {
			t.Errorf("%s after sealing: %+v", at, v)
		}
	}
}

// TestMakersMaySignToo runs a policy under which every maker signs what was submitted.
func TestMakersMaySignToo(t *testing.T) {
	s := newScene(t, smallAmount)
	s.Policy = policy(t, policyText+"makers: signed\n")
	s.Content.Policy, s.Content.Makers = s.Policy.Digest(), []string{"awa", "ibou"}
	s.about = subject(t, s.Content)
	s.approve("koffi")
	s.say(approval.Submit, "awa")
	if v := s.evaluate(); v.State != approval.Waiting || !slices.Equal(v.May, []string{"ibou"}) || len(v.Missing) > 0 {
		t.Errorf("one maker is missing: %+v", v)
	}
	s.say(approval.Submit, "ibou")
	if v := s.evaluate(); v.State != approval.Approved {
		t.Errorf("all signed: %+v", v)
	}
}

// TestAPolicyIsReplacedByItsOwnRules has the old policy say who may replace it.
func TestAPolicyIsReplacedByItsOwnRules(t *testing.T) {
	inForce := policy(t, policyText)
	proposed := policy(t, "currency: XOF\ntiers: [{name: all, approvals: [{count: 1, from: [maker]}]}]\n")
	for name, c := range map[string]struct {
		inForce  *approval.Policy
		proposer string
		by       []string
		want     approval.State
	}{
		"the first, by an admin":      {nil, "root", []string{"root"}, approval.Approved},
		"the first, by somebody else": {nil, "awa", []string{"koffi", "fanta"}, approval.Waiting},
		"as its highest tier wants":   {&inForce, "awa", []string{"koffi", "fanta"}, approval.Approved},
		"one is not enough":           {&inForce, "awa", []string{"koffi"}, approval.Waiting},
		"the admin alone":             {&inForce, "root", []string{"root"}, approval.Waiting},
		"the proposer":                {&inForce, "fanta", []string{"koffi", "fanta"}, approval.Waiting},
		"by the new rules":            {&inForce, "root", []string{"awa"}, approval.Waiting},
		"proposed by nobody":          {&inForce, "nobody", []string{"koffi", "fanta"}, approval.Unusable},
	} {
		w := newWorld(t)
		var decisions []approval.Decision
		for _, name := range c.by {
			decisions = append(decisions, w.decide(approval.Approve, proposed.Subject(c.inForce), name))
		}
		if v := approval.EvaluatePolicy(c.inForce, w.people, proposed, c.proposer, decisions, w.now); v.State != c.want {
			t.Errorf("%s: %s, %q", name, v.State, reasons(v))
		}
	}
}
