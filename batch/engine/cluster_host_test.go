package engine_test

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"time"

	"payrun/ledger"
	"payrun/ledger/memledger"
	"payrun/provider"
)

// point is a place in a worker's doing at which its process can freeze.
type point uint8

const (
	// beforeCheck: a payout is claimed, and about to be sent.
	beforeCheck point = iota
	// checked: it was found that the request may leave, and it has not left.
	checked
	// answered: the provider's answer is there, and nobody has read it.
	answered
	// committed: what was asked of the ledger is done, and its answer not read.
	committed
)

// freeze is a standstill of a process or its machine.
type freeze struct {
	// row is the payout whose sending, or commit number the one whose answer, it begins at.
	at     point
	row    ledger.TransactionID
	commit int
	lasts  time.Duration
	// stopped is set if no clock of the machine goes on: a virtual machine that is paused.
	stopped bool
	// noticed is when the ledger finds the session gone; 0 for never, as of a process that
	// is stopped.
	noticed time.Duration
	// evicted is when a person evicts the worker, 0 for never.
	evicted time.Duration
	// thaws is how long after its claim ended it wakes at the latest, where only the grace
	// protects: 0 for whenever.
	thaws time.Duration
}

// graced reports whether nothing but the grace of those who take over protects against what
// the frozen one may still send: no clock tells it, or the request was let go before. Whose
// session stays, and nobody evicts, is not taken over.
func (f *freeze) graced() bool { return f.leaves() && (f.noticed > 0 || f.evicted > 0) }

// leaves reports whether a request may leave after the standstill, whatever passed meanwhile.
func (f *freeze) leaves() bool { return f.stopped || f.at == checked }

// host is a machine that pays, whatever processes it has one after the other. It is safe for
// concurrent use.
type host struct {
	c    *cluster
	name string
	// skew is how far its wall clock is ahead.
	skew time.Duration

	mu sync.Mutex
	// thawed is closed when the standstill is over, nil while there is none.
	thawed chan struct{}
	// lost is how long its clocks stood still, and since since when they do.
	lost   time.Duration
	since  time.Time
	frozen *freeze
	// gone is set while the ledger has found its session gone.
	gone bool
	// plans are the standstills to come.
	plans   []*freeze
	commits int
	// cutOff and silent are until when the ledger and the provider cannot be reached.
	cutOff, silent time.Time
	// machineNow is the ledger as the process has it that it has now.
	machineNow *memledger.Machine
}

// clocks reads the machine's clocks.
func (h *host) clocks() ledger.Clocks {
	h.mu.Lock()
	defer h.mu.Unlock()
	lost := h.lost
	if !h.since.IsZero() {
		lost += time.Since(h.since)
	}
	now := time.Now().Add(-lost)
	return ledger.Clocks{Now: now.Add(h.skew).Round(0), Boot: now.Sub(h.c.began)}
}

// awake returns once the machine does not stand still.
func (h *host) awake() {
	for {
		h.mu.Lock()
		thawed := h.thawed
		h.mu.Unlock()
		if thawed == nil {
			return
		}
		<-thawed
	}
}

// reach comes to a point in the sending of a payout, or in a commit.
func (h *host) reach(p *process, at point, row ledger.TransactionID) {
	h.mu.Lock()
	if at == committed {
		h.commits++
	}
	for i, f := range h.plans {
		if h.thawed == nil && f.at == at && (f.row == row && at != committed || at == committed && f.commit == h.commits) {
			h.plans = append(h.plans[:i:i], h.plans[i+1:]...)
			h.begin(p, f)
			break
		}
	}
	h.mu.Unlock()
	h.awake()
}

// begin begins a standstill. The host is locked.
func (h *host) begin(p *process, f *freeze) {
	h.thawed, h.frozen = make(chan struct{}), f
	if h.gone {
		f.noticed = 1 // by a trouble that is just over
	}
	if f.stopped {
		h.since = time.Now()
	}
	h.c.happened("frozen", 1)
	h.c.threads.Go(func() { h.standStill(p, f) })
}

// vanishes has the ledger find the session of a machine gone.
func (h *host) vanishes(machine *memledger.Machine) {
	machine.Disconnect()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.gone = true
}

// standStill waits until a frozen machine wakes; meanwhile others do to it as its plan says.
func (h *host) standStill(p *process, f *freeze) {
	// A claim that ended in an earlier standstill is others' since then.
	before := p.over
	began, ended, after := time.Now(), before, ""
	for passed := time.Duration(0); passed < f.lasts; passed = time.Since(began) {
		h.mu.Lock()
		noticed, graced := f.noticed, f.graced() || !before.IsZero() && f.leaves()
		h.mu.Unlock()
		if noticed > 0 && passed >= noticed {
			h.vanishes(p.machine)
		}
		if f.evicted > 0 && passed >= f.evicted {
			p.evict()
		}
		if ended.IsZero() && p.ended() {
			ended, after = time.Now(), "thawed after it was taken over"
			p.over = ended
			if f.stopped {
				after += ", all clocks stopped"
			}
		}
		if !ended.IsZero() && f.thaws > 0 && graced && time.Since(ended) >= f.thaws {
			break
		}
		pass(thawEach)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if f.stopped {
		h.lost += time.Since(h.since)
		h.since = time.Time{}
	}
	close(h.thawed)
	h.thawed, h.frozen = nil, nil
	if after != "" {
		h.c.happened(after, 1)
	}
}

const thawEach = 250 * time.Millisecond

// process is one process of a host that pays.
type process struct {
	*host
	number  int
	machine *memledger.Machine
	client  provider.Provider
	kill    context.CancelFunc
	// renewing is the goroutine that renews its leases.
	renewing sync.WaitGroup
	// over is when its claim was found ended, by the one standstill that it is in.
	over time.Time

	pmu sync.Mutex
	// dead is set once the process was killed, stopped once its store records nothing any
	// more.
	dead, stopped bool
	// claims are those that it ever had.
	claims []ledger.Claim
	asks   int
	// heard are the payouts of which the provider told it that they are paid.
	heard map[ledger.TransactionID]bool
}

// dies ends the process as a power cut does.
func (p *process) dies() {
	p.pmu.Lock()
	p.dead = true
	p.pmu.Unlock()
	p.kill()
	p.machine.Disconnect()
}

func (p *process) isDead() bool {
	p.pmu.Lock()
	defer p.pmu.Unlock()
	return p.dead
}

func (p *process) hasStopped() bool {
	p.pmu.Lock()
	defer p.pmu.Unlock()
	return p.stopped
}

func (p *process) claimed() []ledger.Claim {
	p.pmu.Lock()
	defer p.pmu.Unlock()
	return append([]ledger.Claim{}, p.claims...)
}

// evict ends the process's claims, as a person does who takes it for gone.
func (p *process) evict() {
	for _, claim := range p.claimed() {
		if p.c.shared.Evict(context.Background(), claim.Epoch, "simulated") == nil {
			p.c.happened("evicted", 1)
		}
	}
}

// ended reports whether somebody ended the process's claim.
func (p *process) ended() bool {
	for _, claim := range p.claimed() {
		if !p.c.shared.AtWork(claim) {
			return true
		}
	}
	return false
}

// draw returns a number below n that follows from what it is for, and how often that was.
func (p *process) draw(what string, n uint64) uint64 {
	p.pmu.Lock()
	p.asks++
	nth := p.asks
	p.pmu.Unlock()
	return hash(p.c.seed, fmt.Sprint(p.name, p.number, what, nth), nil) % n
}

// drawDelay draws a time below most.
func (p *process) drawDelay(what string, most time.Duration) time.Duration {
	return time.Duration(p.draw(what, uint64(most))) //nolint:gosec // no time is negative, or that long
}

// outage is how long the store waits for a ledger that cannot be reached.
const outage = 40 * time.Second

// link takes a question to the ledger: slowly, not at all, or with an answer that is lost.
func (p *process) link(_ context.Context, ask func() error) error {
	p.awake()
	if p.isDead() || p.hasStopped() {
		return ledger.ErrStopped
	}
	delay := time.Millisecond + p.drawDelay("way", 3*time.Millisecond)
	if !p.c.steady && !p.c.calm() && p.draw("slow", 25) == 0 {
		delay = p.drawDelay("slowness", 20*time.Second)
		p.c.happened("slow commit", 1)
	}
	pass(delay)
	if !p.reaches() {
		return p.gives()
	}
	if p.isDead() {
		return ledger.ErrStopped
	}
	err := ask()
	if !p.c.steady && !p.c.calm() && p.draw("lost", 40) == 0 {
		p.c.happened("lost commit", 1)
		pass(p.drawDelay("lasts", outage))
		if p.draw("resolved", 3) == 0 {
			return p.gives() // nobody can tell whether it is in
		}
	}
	p.reach(p, committed, "")
	if p.isDead() {
		return ledger.ErrStopped
	}
	return err
}

// reaches waits until the ledger can be reached, and reports false if that takes too long.
func (p *process) reaches() bool {
	for began := time.Now(); ; pass(thawEach) {
		p.mu.Lock()
		cut := time.Now().Before(p.cutOff)
		p.mu.Unlock()
		if !cut || time.Since(began) > outage {
			return !cut
		}
	}
}

// gives up: the store refuses everything from now on.
func (p *process) gives() error {
	p.awake()
	p.pmu.Lock()
	defer p.pmu.Unlock()
	p.stopped = true
	return ledger.ErrStopped
}

// keep renews the leases until the process ends.
func (p *process) keep(ctx context.Context) {
	ticker := time.NewTicker(time.Second / 2)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		p.mu.Lock()
		cut := time.Now().Before(p.cutOff)
		p.mu.Unlock()
		if cut {
			continue // the connection is silent, and tried again
		}
		p.awake()
		if p.machine.Renew(ctx) != nil {
			continue // the lease ends
		}
		p.mu.Lock()
		p.gone = false
		p.mu.Unlock()
	}
}

// maySend is asked right before a transfer leaves.
func (p *process) maySend() (time.Duration, error) {
	p.awake()
	return p.machine.MaySend()
}

// wire carries a process's requests to its client, which freezes with it, and hears with it.
type wire struct {
	provider.Provider
	p *process
}

// Send implements provider.Provider. A request that was let go leaves, however long the
// machine stands still before; with clocks that go on it may also find its time over.
func (w wire) Send(ctx context.Context, r provider.Request) provider.Outcome {
	left := cmp.Or(timeLeft(ctx), time.Hour)
	row := ledger.TransactionID(r.Reference)
	pass(time.Duration(hash(w.p.c.seed, "window "+w.p.name, []byte(r.Reference)) % uint64(time.Millisecond)))
	w.p.reach(w.p, checked, row)
	if w.p.isDead() {
		return provider.Outcome{Class: provider.NotSent, Code: provider.CodeInterrupted, Unsent: true}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), left)
	defer cancel()
	o := w.Provider.Send(ctx, r)
	w.p.reach(w.p, answered, row)
	w.p.hears(row, o)
	return o
}

func timeLeft(ctx context.Context) time.Duration {
	if at, has := ctx.Deadline(); has {
		return time.Until(at)
	}
	return 0
}

// LookUp implements provider.Provider.
func (w wire) LookUp(ctx context.Context, q provider.Query) provider.Outcome {
	w.p.awake()
	o := w.Provider.LookUp(ctx, q)
	w.p.awake()
	return o
}

// early comes to the point before a transfer is checked.
type early struct {
	provider.Provider
	p *process
}

// Send implements provider.Provider.
func (e early) Send(ctx context.Context, r provider.Request) provider.Outcome {
	e.p.reach(e.p, beforeCheck, ledger.TransactionID(r.Reference))
	return e.Provider.Send(ctx, r)
}

func (p *process) hears(id ledger.TransactionID, o provider.Outcome) {
	if o.Class != provider.Successful || o.Mismatch {
		return
	}
	p.pmu.Lock()
	defer p.pmu.Unlock()
	p.heard[id] = true
}

// path is the way to the provider, which can be silent for one machine: then a request is
// turned back, lost, or answered in vain.
type path struct {
	h    *host
	next http.RoundTripper
}

func (w path) RoundTrip(r *http.Request) (*http.Response, error) {
	w.h.mu.Lock()
	silent := time.Now().Before(w.h.silent)
	w.h.mu.Unlock()
	if !silent {
		return w.next.RoundTrip(r)
	}
	w.h.c.happened("cut off from the provider", 1)
	const ways = 3
	switch hash(w.h.c.seed, r.URL.Path+strconv.FormatInt(time.Now().UnixNano(), 36), nil) % ways {
	case 0:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case 1:
		pass(requestTimeout)
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ETIMEDOUT}
	default:
		if response, err := w.next.RoundTrip(r); err == nil {
			response.Body.Close()
		}
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
}
