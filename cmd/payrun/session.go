package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/rs/zerolog"

	"payrun/batch"
	"payrun/batch/engine"
	"payrun/batch/metrics"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/money"
)

// session is what a command that pays works with.
type session struct {
	app        *app
	store      *boltledger.Store
	rules      *rules.Set
	connection *connection
	options    payOptions
	log        *zerolog.Logger
	// snapshots serves consistent copies to other processes.
	snapshots *snapshotServer
	// metrics measures the run; nil if nobody asked.
	metrics     *metrics.Metrics
	stopMetrics func()
}

// startSession begins the session of a command that pays.
func (a *app) startSession(ctx context.Context, o payOptions, mayCreate bool) (*session, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	return a.openSession(ctx, o, mayCreate)
}

// openSession opens the ledger and wires the provider, of which nothing is
// asked yet. Only a command that brings in a file may begin a ledger.
func (a *app) openSession(ctx context.Context, o payOptions, mayCreate bool) (*session, error) {
	set, err := loadRules(o.provider.rules)
	if err != nil {
		return nil, err
	}
	s := &session{app: a, rules: set, options: o, log: a.logger()}
	path := a.ledgerPath(o.provider.sandbox)
	// What the person forgot is told before a ledger is begun.
	if !o.provider.sandbox {
		if s.connection, err = a.connect(o.provider); err != nil {
			return nil, err
		}
	}
	if o.metricsAddr != "" {
		if s.metrics, s.stopMetrics, err = a.serveMetrics(ctx, o.metricsAddr); err != nil {
			s.close()
			return nil, err
		}
	}
	open := a.openLedger
	if mayCreate {
		open = a.createLedger
	}
	if s.store, err = open(path); err != nil {
		s.close()
		return nil, err
	}
	// The simulator's books belong to whoever holds the ledger.
	if o.provider.sandbox {
		if s.connection, err = a.connectSandbox(ctx, o.provider, path); err != nil {
			s.close()
			return nil, err
		}
	}
	if s.snapshots, err = serveSnapshots(ctx, path, s.store); err != nil {
		s.log.Warn().Err(err).Msg("other processes cannot read the ledger during this run")
	}
	return s, nil
}

func (s *session) close() {
	if s.snapshots != nil {
		s.snapshots.close()
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

// existing returns a batch of the ledger that was made for this provider.
func (s *session) existing(ctx context.Context, id ledger.BatchID) (ledger.Batch, error) {
	found, err := batch.Find(ctx, s.store, id)
	if err != nil {
		return ledger.Batch{}, err
	}
	if found.Environment != s.connection.environment {
		return ledger.Batch{}, &ledger.EnvironmentError{Recorded: found.Environment, Given: s.connection.environment}
	}
	return found, nil
}

// balance asks what the account holds. It is the first thing the provider hears
// of a run, so it also tells whether it can be reached and whether the
// credentials are right.
func (s *session) balance(ctx context.Context) (money.XOF, error) {
	balance, err := s.connection.provider.Balance(ctx)
	if err != nil {
		return 0, fmt.Errorf("nothing was sent: %w", err)
	}
	return balance, nil
}

// covers refuses to start a batch that the balance cannot finish.
func (s *session) covers(balance money.XOF, toPay ledger.Count, fees money.Centimes) error {
	short := shortfall(balance, toPay.Amount, fees)
	if short <= 0 || s.options.partial {
		return nil
	}
	return advise(
		errors.New(s.app.text("confirm.short", "balance", balance.String(), "amount", toPay.Amount.String(),
			"fees", fees.String(), "missing", short.String())),
		exitStopped, s.app.text("confirm.short_hint"))
}

// shortfall returns how many francs are missing, rounded up.
func shortfall(balance, amount money.XOF, fees money.Centimes) money.XOF {
	missing := amount.InCentimes() + fees - balance.InCentimes()
	if missing <= 0 {
		return 0
	}
	const centimesPerFranc = 100
	return money.XOF((missing + centimesPerFranc - 1) / centimesPerFranc)
}

// pay runs the engine over a batch, writes its reports and tells how it ended.
func (s *session) pay(ctx context.Context, b ledger.Batch) error {
	if err := checkReports(s.options.report, b.ID, b.Environment); err != nil {
		return err
	}
	before, err := engine.Look(ctx, s.store, b)
	if err != nil {
		return err
	}
	open := before.Tally().Open().Count > 0
	tally, stopped := before.Tally(), error(nil)
	if open {
		tally, stopped = s.drive(ctx, b, before)
	}
	if errors.Is(stopped, ledger.ErrStopped) || errors.Is(stopped, ledger.ErrUnsealed) {
		return stopped
	}
	if errors.Is(stopped, engine.ErrBalance) {
		stopped = s.missing(ctx, tally, stopped)
	}
	// The reports are written even if the run was interrupted.
	written, err := s.app.writeReports(context.WithoutCancel(ctx), s.store, b, s.options.report)
	if err != nil {
		return errors.Join(stopped, err)
	}
	return s.app.tellEnd(ending{
		batch: b.ID, summary: written.Summary, files: written.Files,
		worked: open, stopped: stopped,
		ledger: s.app.typedLedger(), folder: s.options.report.chosenFolder(),
		sandboxed: s.options.provider.sandbox,
	})
}

// drive pays, and returns why it ended early if it did.
func (s *session) drive(ctx context.Context, b ledger.Batch, before engine.Standing) (engine.Tally, error) {
	display := s.app.startProgress(before.Tally().Total().Count, before.Tally().Final().Count)
	stderr := s.app.notices.lead(display.logs)
	defer func() {
		s.app.notices.lead(stderr)
		display.Stop()
	}()
	config := engine.Config{
		Store:       s.store,
		Provider:    s.connection.provider,
		Request:     requestFor(s.rules, s.options.provider.dialect),
		Workers:     s.options.provider.workers,
		Rate:        s.options.provider.rate,
		Wait:        s.options.wait,
		LookupGrace: s.options.lookupGrace,
		PollMin:     s.options.pollMin,
		PollMax:     s.options.pollMax,
		OutageMax:   s.options.outageMax,
		Log:         s.app.loggerTo(display.logs).With().Str("batch", string(b.ID)).Logger(),
		Progress:    display.Show,
	}
	if s.metrics != nil {
		config = measured(config, s.metrics)
	}
	return engine.Run(ctx, config, before, s.app.accepting.Done())
}

// missing adds to the reason how much the account lacks to finish.
func (s *session) missing(ctx context.Context, tally engine.Tally, stopped error) error {
	queued := tally.In(ledger.Queued)
	balance, err := s.connection.provider.Balance(ctx)
	if err != nil {
		return fmt.Errorf("%w; %d payouts, %s, are still queued", stopped, queued.Count, queued.Amount)
	}
	return &wordedError{s.app.text("end.missing", "count", number(queued.Count), "amount", queued.Amount.String(),
		"balance", balance.String(), "missing", shortfall(balance, queued.Amount, 0).String()), stopped}
}
