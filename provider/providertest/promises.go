package providertest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"payrun/ledger/money"
	"payrun/ledger/phone"
	"payrun/provider"
)

const typical = 25_000

func paysOnce(ctx context.Context, h Harness) error {
	for i, amount := range []int64{100, 101, typical, 1_000_000} {
		request := h.request(fmt.Sprintf("ONCE-%d", i), amount)
		if err := h.payOnce(ctx, request); err != nil {
			return err
		}
	}
	return nil
}

func (h Harness) payOnce(ctx context.Context, request provider.Request) error {
	sent := h.send(ctx, request)
	if sent.Class != provider.Successful && sent.Class != provider.Pending {
		return fmt.Errorf("send %s: %+v, want it taken", request.Reference, sent)
	}
	settled, err := h.settle(ctx, request, sent)
	if err != nil {
		return err
	}
	if settled.Class != provider.Successful || settled.Code == "" {
		return fmt.Errorf("%s ended as %+v, want it successful, in the provider's word", request.Reference, settled)
	}
	return h.credited(request, 1)
}

func paysManyAtOnce(ctx context.Context, h Harness) error {
	const workers, each = 16, 5
	return together(workers, func(worker int) error {
		for i := range each {
			request := h.request(fmt.Sprintf("MANY-%d-%d", worker, i), typical+int64(worker*each+i))
			if err := h.payOnce(ctx, request); err != nil {
				return err
			}
		}
		return nil
	})
}

// together runs a function in several goroutines and joins their errors.
func together(workers int, work func(worker int) error) error {
	complaints := make([]error, workers)
	var working sync.WaitGroup
	for worker := range workers {
		working.Go(func() { complaints[worker] = work(worker) })
	}
	working.Wait()
	return errors.Join(complaints...)
}

func doesNotKnow(ctx context.Context, h Harness) error {
	request := h.request("NEVER-SENT", typical)
	if o := h.Provider.LookUp(ctx, about(request, provider.Outcome{})); o.Class != provider.NotFound || !o.Documented {
		return fmt.Errorf("look up what was never sent: %+v, want not found, in a documented form", o)
	}
	return nil
}

// describes tries that an answer says what it is about, so that a transfer found
// without a record of it can be compared, and an old one told from a new.
func describes(ctx context.Context, h Harness) error {
	request := h.request("DESCRIBED", typical)
	before := time.Now()
	sent := h.send(ctx, request)
	settled, err := h.settle(ctx, request, sent)
	if err != nil {
		return err
	}
	looked := h.Provider.LookUp(ctx, about(request, provider.Outcome{}))
	const clocks = 2 * time.Second // dates have no fractions
	for _, o := range []provider.Outcome{sent, settled, looked} {
		d := o.Described
		if !o.Documented || !d.Ours || !d.AmountKnown || d.Amount != request.Amount || d.Number != request.Number ||
			d.At.IsZero() || o.DatedBefore(before.Add(-clocks)) || !o.DatedBefore(time.Now().Add(day)) {
			return fmt.Errorf("%+v does not describe %s of %s, taken just now", o, request.Reference, request.Amount)
		}
	}
	other := about(request, sent)
	other.Amount.Minor++
	if o := h.Provider.LookUp(ctx, other); o.Described.Amount != request.Amount || !o.Described.Ours {
		return fmt.Errorf("%+v does not describe the transfer that was found instead", o)
	}
	return nil
}

const day = 24 * time.Hour

func confirmsNothingElse(ctx context.Context, h Harness) error {
	request := h.request("ELSE", typical)
	sent := h.send(ctx, request)
	if _, err := h.settle(ctx, request, sent); err != nil {
		return err
	}
	amount, number := about(request, sent), about(request, sent)
	amount.Amount.Minor++
	number.Number = another(request.Number)
	can := h.Provider.Capabilities().LookUp
	for says, query := range map[string]provider.Query{"amount": amount, "number": number} {
		if says == "amount" && !can.Amount || says == "number" && !can.Number {
			continue
		}
		if o := h.Provider.LookUp(ctx, query); o.Class != provider.Unknown || !o.Mismatch {
			return fmt.Errorf("look up with another %s: %+v, want an unknown flagged as a mismatch", says, o)
		}
	}
	return nil
}

// another returns a number of the same length with another last digit.
func another(number phone.E164) phone.E164 {
	digits := []byte(number.Reveal())
	digits[len(digits)-1] = '0' + (digits[len(digits)-1]-'0'+1)%10
	return phone.E164(digits)
}

func refuses(ctx context.Context, h Harness) error {
	free := h.request("FREE", 0)
	nobody := h.request("NOBODY", typical)
	nobody.Scheme = "NO SUCH OPERATOR"
	for _, request := range []provider.Request{free, nobody} {
		if o := h.Provider.Send(ctx, request); o.Class != provider.Refused || o.Code == "" {
			return fmt.Errorf("send %s: %+v, want it refused with a code", request.Reference, o)
		}
		if err := h.credited(request, 0); err != nil {
			return err
		}
	}
	return nil
}

func takesFromTheBalance(ctx context.Context, h Harness) error {
	if !h.Provider.Capabilities().Balance {
		return nil
	}
	before, err := h.Provider.Balance(ctx)
	if err != nil {
		return err
	}
	if err := h.payOnce(ctx, h.request("BALANCE", typical)); err != nil {
		return err
	}
	after, err := h.Provider.Balance(ctx)
	if err != nil {
		return err
	}
	// Fees come on top; nobody charges as much again.
	if took := before.Minus(after); took.Minor < typical || took.Minor >= 2*typical {
		return fmt.Errorf("the balance fell by %s for a payout of %d", took, typical)
	}
	return nil
}

func sendsNothingWhenCancelled(ctx context.Context, h Harness) error {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	request := h.request("CANCELLED", typical)
	if o := h.Provider.Send(ctx, request); o.Class != provider.NotSent || !o.Unsent {
		return fmt.Errorf("send with a cancelled context: %+v, want not sent", o)
	}
	return h.credited(request, 0)
}

func lists(ctx context.Context, h Harness) error {
	lister, ok := h.Provider.(provider.Lister)
	if !ok {
		return nil
	}
	want := map[string]money.Amount{}
	for i := range 5 {
		request := h.request(fmt.Sprintf("LIST-%d", i), typical+int64(i))
		if err := h.payOnce(ctx, request); err != nil {
			return err
		}
		want[request.Reference] = request.Amount
	}
	for entry, err := range lister.Transactions(ctx) {
		if err != nil {
			return fmt.Errorf("list: %w", err)
		}
		if entry.Amount != want[entry.Reference] || entry.Class != provider.Successful || entry.Number != h.Template.Number {
			return fmt.Errorf("listed %+v, want what was sent", entry)
		}
		delete(want, entry.Reference)
	}
	if len(want) > 0 {
		return fmt.Errorf("%d payouts are not listed", len(want))
	}
	return nil
}

func findsWhatWasLost(ctx context.Context, h Harness) error {
	for i := range 20 {
		request := h.request(fmt.Sprintf("LOST-%d", i), typical+int64(i))
		sent := h.Provider.Send(ctx, request)
		if sent.Class != provider.Unknown {
			return fmt.Errorf("send without an answer: %+v, want unknown", sent)
		}
		settled, err := h.settle(ctx, request, sent)
		if err != nil {
			return err
		}
		if settled.Class != provider.Successful {
			return fmt.Errorf("looked up: %+v, want it successful", settled)
		}
		if err := h.credited(request, 1); err != nil {
			return err
		}
	}
	return nil
}

func flagsMismatches(ctx context.Context, h Harness) error {
	for i := range 20 {
		request := h.request(fmt.Sprintf("LIE-%d", i), typical+int64(i))
		if o := h.Provider.Send(ctx, request); o.Class != provider.Unknown || !o.Mismatch || o.ProviderRef != "" {
			return fmt.Errorf("send %s: %+v, want an unknown flagged as a mismatch, of which nothing is kept", request.Reference, o)
		}
	}
	return nil
}

// turnedAway is kept if a transfer gets this class and nobody is paid.
func turnedAway(class provider.Class) func(context.Context, Harness) error {
	return func(ctx context.Context, h Harness) error {
		request := h.request("AWAY", typical)
		o := h.Provider.Send(ctx, request)
		if o.Class != class || o.Code == "" || o.RetryAfter < 0 {
			return fmt.Errorf("send: %+v, want it %s, with a code", o, class)
		}
		return h.agrees(request, o)
	}
}

func isLockedOut(ctx context.Context, h Harness) error {
	if err := turnedAway(provider.Unauthorized)(ctx, h); err != nil {
		return err
	}
	if o := h.Provider.LookUp(ctx, about(h.request("LOCKED", typical), provider.Outcome{})); o.Class != provider.Unauthorized {
		return fmt.Errorf("look up: %+v, want unauthorized", o)
	}
	if !h.Provider.Capabilities().Balance {
		return nil
	}
	_, err := h.Provider.Balance(ctx)
	if refused := (*provider.Error)(nil); !errors.As(err, &refused) || refused.Class != provider.Unauthorized {
		return fmt.Errorf("balance: %v, want a *provider.Error that says unauthorized", err)
	}
	return nil
}

// saysNoMoreThanTheBooks sends each payout once, in any weather, and holds what
// was said about it against the books: at once, and again when it is final.
func saysNoMoreThanTheBooks(ctx context.Context, h Harness) error {
	const workers, each = 16, 20
	return together(workers, func(worker int) error {
		for i := range each {
			request := h.request(fmt.Sprintf("ROUGH-%d-%d", worker, i), typical+int64(worker*each+i))
			if err := h.tellsTheTruth(ctx, request); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h Harness) tellsTheTruth(ctx context.Context, request provider.Request) error {
	sent := h.send(ctx, request)
	if err := h.agrees(request, sent); err != nil {
		return err
	}
	if sent.Class != provider.Pending {
		return nil // what is unknown may never have been heard of
	}
	settled, err := h.settle(ctx, request, sent)
	if err != nil {
		return err
	}
	return h.agrees(request, settled)
}

// agrees checks what may be concluded from an outcome.
func (h Harness) agrees(request provider.Request, o provider.Outcome) error {
	var err error
	switch {
	case o.Class == provider.Successful:
		err = h.credited(request, 1)
	case o.Class == provider.Failed, o.Class == provider.Refused, o.Class.NotProcessed():
		err = h.credited(request, 0)
	case o.Class == provider.NotFound:
		err = errors.New("a transfer cannot be answered so")
	case o.Mismatch && o.Class != provider.Unknown:
		err = errors.New("a mismatch is an unknown")
	}
	if (o.Class == provider.Refused || o.Class.NotProcessed()) && !o.Documented && !o.Unsent {
		err = errors.Join(err, errors.New("only the provider's own word says that nothing was done"))
	}
	if err != nil {
		return fmt.Errorf("%+v: %w", o, err)
	}
	return nil
}
