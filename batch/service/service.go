package service

import (
	"time"

	"github.com/rs/zerolog"

	"payrun/batch/clearance"
	"payrun/batch/engine"
	"payrun/batch/intake/mapping"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/anchor"
	"payrun/provider"
	"payrun/provider/policy"
)

// Service is the use cases over one ledger and one account of a provider. It is for one
// caller at a time.
type Service struct {
	config Config
	// began is when this service began with the ledger.
	began time.Time
	// paying is the ledger for what sends, nil before anchors were asked. Verdict is what
	// they said of the ledger, which is here.
	paying  ledger.Store
	verdict anchor.Verdict
	here    anchor.Anchor
	// checked is set once the ledger was, adopted once that was recorded, begun once
	// somebody said that the account never paid anybody.
	checked, adopted, begun bool
}

// New returns a service. It asks nothing and opens nothing.
func New(config Config) *Service {
	s := &Service{config: config.withDefaults()}
	s.began = s.now()
	return s
}

// Config is a service's surroundings. A use case that needs no provider, or no rules,
// is content without.
type Config struct {
	// Ledger is where batches are.
	Ledger ledger.Store
	// Registry keeps who may sign in the ledger and by which policy. Services over one ledger
	// share theirs. Default: one of its own.
	Registry *clearance.Registry
	// Path is the ledger's name in its anchors, for people to find it.
	Path string
	// Shared says that other processes may pay from the ledger at the same time.
	Shared bool
	// Anchors are where the ledger's head is kept outside it.
	Anchors *anchor.Folder
	// Unanchored is told, once, why an anchor could not be advanced while paying went on.
	Unanchored func(error)

	Provider provider.Provider
	// Account is whose money the provider moves.
	Account provider.Account
	Pace    Pace
	// StartWithin is how long after its time a batch that waited for one may still begin by
	// itself. Default an hour.
	StartWithin time.Duration
	// AccountCell shares the account with other machines, nil if there are none: see
	// engine.Config.
	AccountCell policy.Cell
	// Paying changes the ledger that is paid from, outside its anchor. Default: nothing.
	Paying func(ledger.Store) ledger.Store
	// Engine changes what the engine is given, for what measures it or takes its parts
	// apart. Default: nothing.
	Engine func(engine.Config) engine.Config

	Rules *rules.Set
	// Answers keep what people said of the columns of files.
	Answers *mapping.Store
	Log     zerolog.Logger
	// Clock tells the time. Default time.Now.
	Clock func() time.Time
}

// Pace is how fast and how patiently a provider is asked. The fields are as in
// engine.Config.
type Pace struct {
	Workers          int
	Rate             float64
	Wait             time.Duration
	LookupGrace      time.Duration
	PollMin, PollMax time.Duration
	OutageMax        time.Duration
}

func (c Config) withDefaults() Config {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Registry == nil {
		c.Registry = clearance.NewRegistry(c.Ledger)
	}
	if c.StartWithin <= 0 {
		c.StartWithin = time.Hour
	}
	if c.Unanchored == nil {
		c.Unanchored = func(error) {}
	}
	if c.Paying == nil {
		c.Paying = func(paying ledger.Store) ledger.Store { return paying }
	}
	if c.Engine == nil {
		c.Engine = func(given engine.Config) engine.Config { return given }
	}
	return c
}

// now is the time in UTC.
func (s *Service) now() time.Time { return s.config.Clock().UTC() }

// Actor is whoever asks for an act, as the audit log keeps it.
type Actor struct {
	// Person is the name of the person who asks, Host the machine they ask at.
	Person, Host string
	// Confirmed is how they said that they mean it.
	Confirmed Confirmation
}

// Confirmation is how an act was confirmed. Its words are stable.
type Confirmation string

// The ways to confirm.
const (
	// Unconfirmed: nothing was asked.
	Unconfirmed Confirmation = ""
	// Typed: a person saw what it comes to and typed it.
	Typed Confirmation = "typed"
	// ByFlag: it was said beforehand, by a flag or a setting.
	ByFlag Confirmation = "yes"
	// BySignature: they signed it.
	BySignature Confirmation = "signature"
	// ByRequest: a program named count and total in its call, with a person's token.
	ByRequest Confirmation = "request"
)

// person is the actor as the ledger has it.
func (a Actor) person() ledger.Person {
	return ledger.Person{Name: a.Person, Host: a.Host, Confirmed: string(a.Confirmed)}
}
