package session

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"payrun/batch/clearance"
	"payrun/batch/engine"
	"payrun/batch/metrics"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/ledger"
	"payrun/ledger/anchor"
	"payrun/ledger/boltledger"
	"payrun/ledger/boltledger/snapshot"
	"payrun/ledger/pgledger"
	"payrun/provider/policy"
)

// Session is the service over a ledger that it holds and a provider, until it is closed.
type Session struct {
	*service.Service
	// Store is the ledger, Path its place, for people.
	Store ledger.Store
	Path  string
	Rules *rules.Set

	opener     *Opener
	connection *Connection
	options    settings.PayOptions
	// snapshots serves consistent copies to other processes.
	snapshots *snapshot.Server
	// metrics measures the run; nil if nobody asked.
	metrics *metrics.Metrics
	// registry is of who may sign in the ledger.
	registry *clearance.Registry
	// hints bring look-ups forward, said are those that others are to be told.
	hints       *engine.Hints
	said        chan []string
	stopMetrics func()
}

// Start opens a session for paying and asks the anchors whether the ledger is the newest,
// which is told. Only a command that brings in a file may begin a ledger. Person is who
// works with it.
func (o *Opener) Start(ctx context.Context, p settings.PayOptions, person service.Actor, mayCreate bool) (*Session, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if account, known := o.AccountOf(p.Provider); known {
		err := service.CheckGrace(p.LookupGrace, p.Provider.RequestTimeout, account.Loopback())
		if err != nil {
			return nil, o.WordGrace(err, account.Host)
		}
	}
	open := o.OpenLedger
	if mayCreate {
		open = o.CreateLedger
	}
	s, err := o.open(ctx, p, open)
	if err != nil {
		return nil, err
	}
	vouching, err := s.Vouch(ctx, person)
	if err != nil {
		s.Close()
		return nil, err
	}
	o.SayVouching(vouching, s.Path)
	return s, nil
}

// Open opens a session that sends nothing.
func (o *Opener) Open(ctx context.Context, p settings.PayOptions) (*Session, error) {
	return o.open(ctx, p, o.OpenLedger)
}

// open opens the ledger and wires the provider, of which nothing is asked yet.
func (o *Opener) open(ctx context.Context, p settings.PayOptions, openLedger func(ctx context.Context, path string) (ledger.Store, error)) (_ *Session, err error) {
	path := o.LedgerPath(p.Provider.Sandbox)
	s := &Session{opener: o, options: p, Path: pgledger.Name(path)}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	if s.Rules, err = o.Rules(p.Provider.Rules); err != nil {
		return nil, err
	}
	// What the person forgot is told before a ledger is begun.
	if !p.Provider.Sandbox {
		if s.connection, err = o.connect(p.Provider); err != nil {
			return nil, err
		}
	}
	if p.MetricsAddr != "" {
		if err := s.serveMetrics(ctx); err != nil {
			return nil, err
		}
	}
	if p.Measured {
		s.metrics = metrics.New(o.Version)
	}
	if s.Store, err = openLedger(ctx, path); err != nil {
		return nil, err
	}
	// The simulator's books belong to whoever holds the ledger.
	if p.Provider.Sandbox {
		if s.connection, err = o.connectSandbox(ctx, p.Provider, path); err != nil {
			return nil, err
		}
	}
	if shared, is := s.Store.(*pgledger.Store); is {
		s.connection.Provider = policy.Fenced(s.connection.Provider, shared.MaySend)
	}
	if s.metrics != nil {
		s.connection.Provider = policy.Observed(s.connection.Provider, s.metrics.Answered)
	}
	s.registry = clearance.NewRegistry(s.Store)
	if s.Service, err = s.serve(); err != nil {
		return nil, err
	}
	if err := s.CheckLedger(ctx); err != nil {
		return nil, err
	}
	if file, is := s.Store.(*boltledger.Store); is {
		if s.snapshots, err = snapshot.Serve(ctx, path, file); err != nil {
			o.Logger().Warn().Err(err).Msg("other processes cannot read the ledger during this run")
		}
	}
	return s, nil
}

// serveMetrics serves measurements of the run until the session is closed.
func (s *Session) serveMetrics(ctx context.Context) error {
	host, port, err := net.SplitHostPort(s.options.MetricsAddr)
	if err != nil {
		return ui.Mistaken("metrics_addr", "given", s.options.MetricsAddr)
	}
	names := strings.Split(s.options.MetricsHosts, ",")
	s.metrics, s.stopMetrics, err = metrics.Serve(ctx, s.opener.Version, host, port, names, s.opener.Logger())
	if err != nil {
		return ui.UsageOf(fmt.Errorf("serve metrics: %w", err), s.opener.Text("metrics.hint"))
	}
	return nil
}

// serve makes the service out of what was opened.
func (s *Session) serve() (*service.Service, error) {
	path, shared := s.Path, pgledger.Is(s.Path)
	if !shared {
		var err error
		if path, err = filepath.Abs(path); err != nil {
			return nil, err
		}
	}
	o, p := s.opener, s.options
	var account policy.Cell
	if shared, is := s.Store.(*pgledger.Store); is {
		account = shared.Shared(s.connection.Account.Place())
	}
	return service.New(service.Config{
		AccountCell: account,

		Ledger:   s.Store,
		Registry: s.registry,
		Path:     path,
		Shared:   shared,
		Anchors:  anchor.Open(o.AnchorFolders(s.Path, p.Report.Anchors, p.Provider.Sandbox)...),
		Unanchored: func(err error) {
			o.Remark(o.Text("anchor.failed", "reason", err.Error()))
		},
		Provider: s.connection.Provider, Account: s.connection.Account,
		Pace: service.Pace{
			Workers: p.Provider.Workers, Rate: p.Provider.Rate, Wait: p.Wait, LookupGrace: p.LookupGrace,
			PollMin: p.PollMin, PollMax: p.PollMax, OutageMax: p.OutageMax,
		},
		StartWithin: p.StartWithin, Engine: s.measured, Rules: s.Rules, Log: *o.Logger(),
	}), nil
}

// Another returns a further service over the same ledger and provider: one is for one caller
// at a time.
func (s *Session) Another() (*service.Service, error) { return s.serve() }

// Moment returns the ledger as it stands now, for what reads all of it, and what lets go of it: a copy
// of a file, since that is paid from meanwhile.
func (s *Session) Moment(ctx context.Context) (ledger.Store, func(), error) {
	file, is := s.Store.(*boltledger.Store)
	if !is {
		return s.Store, func() {}, nil
	}
	copied, release, err := snapshot.Copy(ctx, file)
	if err != nil {
		return nil, nil, err
	}
	return copied, func() { s.opener.CloseLedger(copied); release() }, nil
}

// Metrics serves what is measured, if that was asked for.
func (s *Session) Metrics() http.Handler { return s.metrics.Handler() }

// measured gives an engine the hints, and has metrics taken of what an engine does beside asking the provider, if
// somebody asked for them.
func (s *Session) measured(config engine.Config) engine.Config {
	config.Hints = s.hints
	m := s.metrics
	if m == nil {
		return config
	}
	config.Store = m.Store(config.Store)
	config.Observer = m
	show := config.Progress
	config.Progress = func(now engine.Progress) {
		m.Progress(now)
		show(now)
	}
	return config
}

// Place names where payouts go.
func (s *Session) Place() string { return s.connection.Account.Place() }

// Save writes what a ledger holds that lost its name into a file that a person can put
// in its place.
func (s *Session) Save(ctx context.Context) {
	to := s.Path + ".saved-" + time.Now().UTC().Format("20060102T150405Z")
	if err := BackUp(ctx, s.Store, to); err != nil {
		s.opener.Logger().Error().Err(err).Msg("what was recorded could not be saved")
		return
	}
	s.opener.Remark(s.opener.Text("ledger.saved", "file", to))
}

// Close ends the session and whatever it opened.
func (s *Session) Close() {
	if s.snapshots != nil {
		s.snapshots.Close()
	}
	if s.connection != nil {
		s.connection.Close()
	}
	if s.Store != nil {
		s.opener.CloseLedger(s.Store)
	}
	if s.stopMetrics != nil {
		s.stopMetrics()
	}
}
