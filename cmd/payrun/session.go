package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"time"

	"github.com/rs/zerolog"

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
	"payrun/provider/policy"
)

// session is what a command works with that asks the provider: a ledger, a connection and
// the service over both.
type session struct {
	*service.Service
	app   *app
	store *boltledger.Store
	// path is where the ledger lies.
	path       string
	rules      *rules.Set
	connection *connection
	options    settings.PayOptions
	log        *zerolog.Logger
	// snapshots serves consistent copies to other processes.
	snapshots *snapshot.Server
	// metrics measures the run; nil if nobody asked.
	metrics     *metrics.Metrics
	stopMetrics func()
}

// startSession begins the session of a command that pays.
func (a *app) startSession(ctx context.Context, o settings.PayOptions, mayCreate bool) (*session, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if account, known := a.account(o.Provider); known {
		err := service.CheckGrace(o.LookupGrace, o.Provider.RequestTimeout, account.Loopback())
		if err != nil {
			return nil, a.WordGrace(err, account.Host)
		}
	}
	s, err := a.openSession(ctx, o, mayCreate)
	if err != nil {
		return nil, err
	}
	vouching, err := s.Vouch(ctx, s.actor())
	if err != nil {
		s.close()
		return nil, err
	}
	a.SayVouching(vouching, s.path)
	return s, nil
}

// openSession opens the ledger and wires the provider, of which nothing is
// asked yet. Only a command that brings in a file may begin a ledger.
func (a *app) openSession(ctx context.Context, o settings.PayOptions, mayCreate bool) (_ *session, err error) {
	s := &session{app: a, options: o, log: a.Logger(), path: a.LedgerPath(o.Provider.Sandbox)}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.rules, err = a.loadRules(o.Provider.Rules); err != nil {
		return nil, err
	}
	// What the person forgot is told before a ledger is begun.
	if !o.Provider.Sandbox {
		if s.connection, err = a.connect(o.Provider, s.rules); err != nil {
			return nil, err
		}
	}
	if o.MetricsAddr != "" {
		if s.metrics, s.stopMetrics, err = a.serveMetrics(ctx, o); err != nil {
			return nil, err
		}
	}
	open := a.openLedger
	if mayCreate {
		open = a.createLedger
	}
	if s.store, err = open(s.path); err != nil {
		return nil, err
	}
	// The simulator's books belong to whoever holds the ledger.
	if o.Provider.Sandbox {
		if s.connection, err = a.connectSandbox(ctx, o.Provider, s.rules, s.path); err != nil {
			return nil, err
		}
	}
	if s.metrics != nil {
		s.connection.provider = policy.Observed(s.connection.provider, s.metrics.Answered)
	}
	if s.Service, err = s.serve(); err != nil {
		return nil, err
	}
	if err := s.CheckLedger(ctx); err != nil {
		return nil, err
	}
	if s.snapshots, err = snapshot.Serve(ctx, s.path, s.store); err != nil {
		s.log.Warn().Err(err).Msg("other processes cannot read the ledger during this run")
	}
	return s, nil
}

// serve makes the service out of what was opened.
func (s *session) serve() (*service.Service, error) {
	path, err := filepath.Abs(s.path)
	if err != nil {
		return nil, err
	}
	o := s.options
	return service.New(service.Config{
		Ledger:  s.store,
		Path:    path,
		Anchors: anchor.Open(s.app.anchorFolders(s.path, o.Report.Anchors, o.Provider.Sandbox)...),
		Unanchored: func(err error) {
			s.app.Remark(s.app.Text("anchor.failed", "reason", err.Error()))
		},
		Provider: s.connection.provider, Account: s.connection.account,
		Pace: service.Pace{
			Workers: o.Provider.Workers, Rate: o.Provider.Rate, Wait: o.Wait, LookupGrace: o.LookupGrace,
			PollMin: o.PollMin, PollMax: o.PollMax, OutageMax: o.OutageMax,
		},
		Engine: s.measured, Rules: s.rules, Log: *s.log,
	}), nil
}

// serveMetrics serves measurements of a run until stop is called.
func (a *app) serveMetrics(ctx context.Context, o settings.PayOptions) (m *metrics.Metrics, stop func(), err error) {
	host, port, err := net.SplitHostPort(o.MetricsAddr)
	if err != nil {
		return nil, nil, ui.Mistaken("metrics_addr", "given", o.MetricsAddr)
	}
	m, stop, err = metrics.Serve(ctx, version, host, port, strings.Split(o.MetricsHosts, ","), a.Logger())
	if err != nil {
		return nil, nil, ui.UsageOf(fmt.Errorf("serve metrics: %w", err), "choose another --metrics-addr; nothing was sent")
	}
	return m, stop, nil
}

// measured has metrics taken of what an engine does beside asking the provider, if somebody asked for them.
func (s *session) measured(config engine.Config) engine.Config {
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

func (s *session) close() {
	if s.snapshots != nil {
		s.snapshots.Close()
	}
	if s.connection != nil {
		s.connection.close()
	}
	if s.store != nil {
		s.app.closeLedger(s.store)
	}
	if s.stopMetrics != nil {
		s.stopMetrics()
	}
}

// actor is who works with payrun here, and how they confirm what they ask for.
func (s *session) actor() service.Actor {
	by := actor(service.Typed)
	if s.options.Yes || s.options.NewLedger || s.options.Adopt {
		by.Confirmed = service.ByFlag
	}
	return by
}

// anchorFolders are where a ledger's anchor may lie, the preferred first. That of a
// rehearsal lies beside its ledger, as its books do.
func (a *app) anchorFolders(ledgerPath, chosen string, sandboxed bool) []string {
	switch {
	case chosen != "":
		return []string{chosen}
	case sandboxed:
		return []string{ledgerPath + ".anchors"}
	}
	folders := []string{anchor.MachineWide}
	if state := a.StateFolder(); state != "" {
		folders = append(folders, filepath.Join(state, "anchors"))
	}
	return folders
}

// release shows what continuing a batch may send and asks before money moves. A
// batch that is only waited for is not asked about.
func (s *session) release(ctx context.Context, b ledger.Batch) error {
	found, err := s.Prepare(ctx, b.ID)
	total := found.Total()
	if err != nil || total.Count == 0 {
		return err
	}
	where := s.connection.account.Place()
	if err := s.app.ShowSendable(b.ID, found, where); err != nil {
		return err
	}
	if err := s.covered(found.Covered()); err != nil {
		return err
	}
	if err := s.app.ConfirmSendable(s.options.Yes, b.ID, found, where); err != nil {
		return err
	}
	return s.Release(ctx, s.actor(), b.ID, total)
}

// covered refuses a payment that the account cannot cover, unless a person wants to begin
// all the same.
func (s *session) covered(err error) error {
	if s.options.Partial && is[*service.ShortfallError](err) {
		return nil
	}
	return s.app.WordShortfall(err)
}

// pay has a batch paid, writes its reports and tells how it ended. The error is one that
// is still to be told, that of the end for one.
func (s *session) pay(ctx context.Context, b ledger.Batch, e ui.Ending) (service.Outcome, error) {
	if err := s.app.checkReports(s.options.Report, b.ID, b.Account.Place); err != nil {
		return service.Broken, err
	}
	if err := s.record(ctx); err != nil {
		return service.Broken, err
	}
	paid, err := s.drive(ctx, b)
	if err != nil {
		return service.Broken, err
	}
	after := context.WithoutCancel(ctx) // the reports are written even if the run was interrupted
	if errors.Is(paid.Stopped, ledger.ErrReplaced) {
		s.save(after)
	}
	if e.Concluded, err = s.Conclude(after, paid, e.Ending, s.app.reporting(s.options.Report)); err != nil {
		return service.Broken, errors.Join(s.app.WordRanDry(paid.Stopped), err)
	}
	return e.Outcome(), s.app.tellEnding(e)
}

// tellEnding prints how a run ended. It returns why it ended early, if nothing is graver:
// that is still to be told.
func (a *app) tellEnding(e ui.Ending) error {
	outcome, stopped := e.Outcome(), a.WordRanDry(e.Stopped)
	if err := a.ShowEnding(e, int(exitOf(outcome))); err != nil {
		return err
	}
	if stopped != nil && outcome != service.OutcomeOf(stopped) {
		// The outcome is graver. What stopped the run is said all the same.
		a.PrintError(stopped, int(codeOf(stopped)))
		return nil
	}
	return stopped
}

// record makes durable what a person said of the ledger and the account by flags.
func (s *session) record(ctx context.Context) error {
	if s.options.Adopt {
		adopted, err := s.Adopt(ctx, s.actor())
		if err != nil {
			return err
		}
		if adopted {
			s.app.Notices.Say("payrun: " + s.app.Text("adopt.done"))
		}
	}
	if s.options.NewLedger {
		return s.BeginAccount(ctx, s.actor())
	}
	return nil
}

// drive pays, and goes on once a person has said that the account never paid anybody,
// where nothing vouches for the ledger and nothing can be compared with it.
func (s *session) drive(ctx context.Context, b ledger.Batch) (service.Paid, error) {
	payment := service.Payment{Batch: b, Drain: s.app.Accepting.Done(), Watch: s.watch(b.ID)}
	paid, err := s.Pay(ctx, s.actor(), payment)
	if err != nil || !errors.Is(paid.Stopped, engine.ErrFirstPayday) || s.options.NewLedger || !s.app.StdinTerminal {
		return paid, err
	}
	if paid.Stopped = s.app.TypeNew(); paid.Stopped != nil {
		return paid, err
	}
	s.options.NewLedger = true
	if err := s.BeginAccount(ctx, s.actor()); err != nil {
		return paid, err
	}
	return s.Pay(ctx, s.actor(), payment)
}

// watch shows a person, or a log, where paying a batch stands.
func (s *session) watch(id ledger.BatchID) func(engine.Tally) service.Watch {
	return func(before engine.Tally) service.Watch {
		a := s.app
		display := a.StartProgress(before.Total().Count, before.Final().Count)
		stderr := a.Notices.Redirect(display.Logs)
		return service.Watch{
			Progress: display.Show,
			Log:      a.LoggerTo(display.Logs).With().Str("batch", string(id)).Logger(),
			Ended: func() {
				a.Notices.Redirect(stderr)
				display.Stop()
				if display.Slowed() {
					a.Remark(a.Text("progress.was_slowed"))
				}
			},
		}
	}
}

// save writes what a ledger holds that lost its name into a file that a person can put
// in its place.
func (s *session) save(ctx context.Context) {
	to := s.path + ".saved-" + time.Now().UTC().Format("20060102T150405Z")
	if err := backUp(ctx, s.store, to); err != nil {
		s.log.Error().Err(err).Msg("what was recorded could not be saved")
		return
	}
	s.app.Remark(s.app.Text("ledger.saved", "file", to))
}
