package engine_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"payrun/provider/digitalpaye"
	"payrun/provider/sandbox"
)

// broken is a world in which something that payrun takes for granted does not hold: of
// the provider, of the ledger being the only and newest one, of the account, of what
// stands in front of the provider, or of the disk. Some of it is drawn from a seed and
// combined. It can only be asked to stop or to show what happened, and to pay nobody
// twice.
type broken struct {
	*world
	random *rand.Rand
	// breaks are the names of what is broken, plot is who does what.
	breaks map[string]bool
	plot   string
	// folder holds ledgers and anchors, machine the anchors that desks of one machine
	// share.
	folder, machine string
	desks           []*desk
	// copies is set where there are several ledgers, or an older one was put back, apart
	// where two machines share no anchors.
	copies, apart bool
	// began is the payday's first moment: what was paid before was for something else.
	began time.Time
	// wrong are the complaints that came up on the way.
	wrong []error
	bug   bug
}

// breaking is one thing that the provider, or what stands before it, does.
type breaking struct {
	name string
	of   func(b *broken, s *sandbox.Scenario)
}

// breakings lists them. Their weights fit into their groups together.
var breakings = []breaking{
	{"blind look-ups", func(b *broken, s *sandbox.Scenario) {
		switch b.random.IntN(4) {
		case 0:
			s.LookupFinds = sandbox.FindsNothing
		case 1:
			s.LookupFinds = sandbox.FindsRef
		case 2:
			s.NotFound = pick(b.random, sandbox.NotFoundAWS, sandbox.NotFoundAzure, sandbox.NotFoundKong)
		default:
			s.NotFound = pick(b.random, sandbox.NotFoundPage, sandbox.NotFoundRoute)
		}
	}},
	{"look-ups that lag", func(b *broken, s *sandbox.Scenario) {
		lag := time.Duration(b.random.Int64N(int64(10 * time.Minute)))
		s.Faults[sandbox.LookupLag] = 100
		s.LookupLag = sandbox.Range{Min: lag, Max: lag + lag/5}
	}},
	{"look-ups that lag a little", func(b *broken, s *sandbox.Scenario) {
		lag := 20*time.Second + time.Duration(b.random.Int64N(int64(30*time.Second)))
		s.Faults[sandbox.LookupLag] = 100
		s.LookupLag = sandbox.Range{Min: lag, Max: lag + lag/5}
	}},
	{"late acceptance", func(b *broken, s *sandbox.Scenario) {
		s.Faults[sandbox.Late] = 15
		s.Late = sandbox.Range{Min: time.Second, Max: time.Minute + time.Duration(b.random.Int64N(int64(20*time.Minute)))}
	}},
	{"proxies' words", func(_ *broken, s *sandbox.Scenario) {
		for _, fault := range []sandbox.Fault{
			sandbox.HTTP401After, sandbox.HTTP403After, sandbox.HTTP429After, sandbox.HTTP503After,
			sandbox.GatewayAfter, sandbox.ExpiredButPaid,
		} {
			s.Faults[fault] = 6
		}
	}},
	{"a gateway before look-ups", func(_ *broken, s *sandbox.Scenario) { s.Faults[sandbox.LookupGateway] = 75 }},
	{"repeats refused", func(b *broken, s *sandbox.Scenario) {
		s.RepeatedReference = pick(b.random, sandbox.RepeatRefuse, sandbox.RepeatTaken, sandbox.RepeatUnique, sandbox.RepeatVague)
		wordsOfItsOwn(s)
	}},
	{"repeats replayed", func(_ *broken, s *sandbox.Scenario) {
		s.RepeatedReference = sandbox.RepeatIgnore
		wordsOfItsOwn(s)
	}},
	{"no list", func(b *broken, s *sandbox.Scenario) {
		s.List = pick(b.random, sandbox.ListFails, sandbox.ListCut, sandbox.ListNewest, sandbox.ListMissing)
	}},
	{"words for people", func(_ *broken, s *sandbox.Scenario) { s.Writing = sandbox.WritingPeople }},
	{"another clock", func(b *broken, s *sandbox.Scenario) {
		s.ClockAhead = time.Duration(b.random.Int64N(int64(6*time.Hour))) - 3*time.Hour
	}},
	{"an empty account", func(b *broken, s *sandbox.Scenario) {
		s.Balance = sandbox.Francs(b.random.IntN(5_000_000))
		s.BalanceWords = pick(b.random, sandbox.BalanceFrench, sandbox.BalanceEnglish, sandbox.BalancePayment, sandbox.BalancePage)
	}},
	{"a barred account", func(_ *broken, s *sandbox.Scenario) {
		clear(s.Faults)
		s.Faults[sandbox.RowRefused] = 100
	}},
}

// wordsOfItsOwn has the provider say that it did nothing although it did. Where it pays
// a repeat nothing could prevent that somebody is paid twice, or show it.
func wordsOfItsOwn(s *sandbox.Scenario) {
	for _, fault := range []sandbox.Fault{sandbox.ThrottleAfter, sandbox.UnavailableAfter, sandbox.ExpiredAfter} {
		s.Faults[fault] = 6
	}
}

func pick[T any](random *rand.Rand, of ...T) T { return of[random.IntN(len(of))] }

// newBroken draws a broken world from a seed.
func newBroken(t *testing.T, seed uint64, bug bug) *broken {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 2))
	folder := t.TempDir()
	b := &broken{
		world: &world{
			seed: seed, entries: drawEntries(random),
			dialect: pick(random, digitalpaye.V2, digitalpaye.V1),
		},
		random: random, breaks: map[string]bool{}, folder: folder, machine: filepath.Join(folder, "anchors"), bug: bug,
	}
	b.scenario = drawScenario(random, seed)
	b.scenario.Balance = sandbox.DefaultScenario().Balance
	b.scenario.Merchants = []sandbox.Merchant{{Key: otherKey, Secret: otherSecret}}
	// In order: one seed is one world, and a map has an order of its own each time.
	for _, fault := range slices.Sorted(maps.Keys(b.scenario.Faults)) {
		b.scenario.Faults[fault] *= 0.3
		if random.IntN(2) == 0 {
			delete(b.scenario.Faults, fault)
		}
	}
	chosen := plots[random.IntN(len(plots))]
	for _, one := range plots {
		if one.name == bug.plot {
			chosen = one
		}
	}
	b.plot = chosen.name
	for _, one := range breakings {
		if random.IntN(5) == 0 || slices.Contains(bug.breaks, one.name) {
			b.breaks[one.name] = true
			one.of(b, &b.scenario)
		}
	}
	b.config = brokenConfig(random)
	b.open(t)
	b.began = time.Now()
	chosen.play(t, b)
	return b
}

const (
	otherKey    = "other-key"
	otherSecret = "other-secret"
)

// describe names what the world breaks.
func (b *broken) describe() string { return fmt.Sprintf("%s, %v", b.plot, b.broken()) }

func (b *broken) broken() []string {
	var names []string
	for _, one := range breakings {
		if b.breaks[one.name] {
			names = append(names, one.name)
		}
	}
	return names
}
