package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
	"payrun/provider"
	"payrun/provider/providertest"
	"payrun/provider/sandbox"
)

// plots are who does what with which ledger. Each begins with a desk that is told that
// its account is new, and ends when every desk was visited to its end.
var plots = []struct {
	name string
	play func(t *testing.T, b *broken)
}{
	{"one ledger", playAlone},
	{"a copy of half-way", playCopy},
	{"an older copy put back", playRestored},
	{"an empty ledger", playEmpty},
	{"two at once", playAtOnce},
	{"another account", playAccount},
	{"last month's ids", playMonth},
	{"a bad disk", playDisk},
	{"an interrupted retry", playRetried},
}

// begun is the first desk, after a few visits that died.
func (b *broken) begun(t *testing.T, deaths int) *desk {
	t.Helper()
	first := b.desk(t, "first")
	first.newcomer, first.films = true, true
	for range deaths {
		_ = first.pay(visit{crash: b.crash(), isNew: true}) // how it ended is kept
		first.newcomer = false
		b.pause(2 * time.Minute)
		if b.random.IntN(3) == 0 {
			<-time.After(time.Hour)
		}
	}
	return first
}

func playAlone(t *testing.T, b *broken) {
	t.Helper()
	first := b.begun(t, b.random.IntN(4))
	if b.random.IntN(4) == 0 {
		first.loseAnchors(t)
	}
	first.heed()
}

// loseAnchors removes what is known outside the ledgers.
func (d *desk) loseAnchors(t *testing.T) {
	t.Helper()
	if err := os.RemoveAll(d.anchors); err != nil {
		t.Fatal(err)
	}
}

func playCopy(t *testing.T, b *broken) {
	t.Helper()
	first := b.begun(t, 1+b.random.IntN(2))
	second := b.desk(t, "second")
	b.copies = true
	if b.random.IntN(2) == 0 {
		second.elsewhere()
	}
	b.copied(t, first, second)
	order := []*desk{first, second}
	if b.random.IntN(2) == 0 {
		order[0], order[1] = second, first
	}
	if b.random.IntN(3) == 0 {
		_ = order[0].pay(visit{crash: b.crash()})
	}
	b.between(second)
	order[0].heed()
	b.between(second)
	order[1].heed()
	order[0].heed()
}

// between passes the time from one desk's work to another's. Machines that share no
// anchors know nothing of each other but what the provider shows: what it hides for
// longer than that time nobody can know.
func (b *broken) between(other *desk) {
	b.pause(5 * time.Minute)
	if other.anchors != b.machine {
		<-time.After(b.scenario.LookupLag.Max + b.scenario.Late.Max)
	}
}

// copied copies a desk's ledger; it may be missing if the first visit died early.
func (b *broken) copied(t *testing.T, from, to *desk) {
	t.Helper()
	image, err := from.image()
	if err == nil {
		err = copyTo(image, to)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func playRestored(t *testing.T, b *broken) {
	t.Helper()
	first := b.begun(t, 1+b.random.IntN(2))
	// As often as not at once, as it was before the last window was recorded and sent.
	quick := b.random.IntN(2) == 0
	if quick {
		_ = first.pay(visit{crash: &crash{afterSend: true}})
	} else if b.random.IntN(2) == 0 {
		first.heed()
	}
	b.copies = true
	older := first.beforeSend
	if !quick && len(first.images) > 0 {
		older = first.images[b.random.IntN(len(first.images))]
	}
	if older != nil {
		if err := copyTo(older, first); err != nil {
			t.Fatal(err)
		}
	}
	if !quick && b.random.IntN(3) == 0 {
		first.loseAnchors(t)
		<-time.After(b.scenario.LookupLag.Max + b.scenario.Late.Max)
	}
	if !quick {
		b.pause(5 * time.Minute)
	}
	if b.random.IntN(3) == 0 {
		_ = first.pay(visit{restored: true})
	}
	first.heed()
}

func playEmpty(t *testing.T, b *broken) {
	t.Helper()
	first := b.begun(t, b.random.IntN(2))
	if b.random.IntN(2) == 0 {
		first.heed()
	}
	second := b.desk(t, "second")
	b.copies = true
	if b.random.IntN(2) == 0 {
		second.elsewhere()
	}
	if b.random.IntN(2) == 0 {
		second.entries = b.shuffled(b.random.IntN(2) == 0)
	}
	b.between(second)
	second.heed()
	b.between(second)
	first.heed()
	second.heed()
}

// playAtOnce has two desks of one machine pay at the same time.
func playAtOnce(t *testing.T, b *broken) {
	t.Helper()
	first := b.begun(t, b.random.IntN(3))
	second := b.desk(t, "second")
	b.copies = true
	if _, err := os.Stat(first.path); err == nil && b.random.IntN(2) == 0 {
		b.copied(t, first, second)
	}
	head := time.Duration(b.random.Int64N(int64(20 * time.Second)))
	if b.random.IntN(2) == 0 {
		head = time.Duration(b.random.Int64N(int64(2 * time.Second)))
	}
	adopting := visit{adopt: b.random.IntN(3) == 0}
	var both sync.WaitGroup
	both.Go(func() { _ = first.pay(visit{isNew: first.newcomer}) })
	<-time.After(head)
	_ = second.pay(adopting)
	both.Wait()
	b.pause(5 * time.Minute)
	second.heed()
	first.heed()
}

// playAccount goes on with another key, or in another environment.
func playAccount(t *testing.T, b *broken) {
	t.Helper()
	first := b.begun(t, 1+b.random.IntN(2))
	right := first.client
	if b.random.IntN(2) == 0 {
		first.client = b.called(t, provider.Credentials{Key: otherKey, Secret: otherSecret}, "")
	} else {
		first.client = b.called(t, provider.Credentials{Key: sandbox.DefaultAPIKey, Secret: sandbox.DefaultAPISecret}, "Production")
	}
	first.newcomer = false
	first.heed()
	first.client = right
	first.heed()
}

// playMonth pays the same ids for the second time, a month later and from a ledger that
// does not know of the first. It may be vouched for by another batch.
func playMonth(t *testing.T, b *broken) {
	t.Helper()
	before := b.desk(t, "before").elsewhere()
	before.newcomer = true
	before.heed()
	<-time.After(30 * 24 * time.Hour)
	if b.random.IntN(2) == 0 {
		warm := b.desk(t, "first")
		warm.batch = "warm"
		warm.newcomer = true
		warm.entries = nil
		for i := range 3 {
			warm.entries = append(warm.entries, ledger.Entry{Row: i + 2, Terms: ledger.Terms{
				ID: ledger.TransactionID(fmt.Sprintf("WARM-%d", i)), Number: phone.E164(fmt.Sprintf("+22507%08d", 900+i)),
				Name: "Awa Koné", Amount: money.XOF.Of(int64(100 + i)), Country: "CI", Operator: "ORANGE",
			}})
		}
		warm.heed()
	}
	b.desks, b.apart = nil, false
	b.began = time.Now()
	first := b.desk(t, "first")
	first.heed()
	first.heed()
}

// playRetried queues a second attempt of what failed, as a retry does that was then
// interrupted. The provider had refused some of it in its own words, and paid.
func playRetried(t *testing.T, b *broken) {
	t.Helper()
	if !b.breaks["a barred account"] {
		b.scenario.Faults[sandbox.ForbiddenAfter] = 8
		// Under its first reference nothing is paid again: the second is what counts.
		if b.scenario.RepeatedReference == sandbox.RepeatPay {
			b.scenario.RepeatedReference = sandbox.RepeatRefuse
		}
		b.open(t)
	}
	first := b.begun(t, b.random.IntN(2))
	first.heed()
	<-time.After(time.Hour)
	if err := first.retry(); err != nil && !errors.Is(err, ledger.ErrNotFound) {
		t.Fatal(err)
	}
	b.pause(5 * time.Minute)
	if b.random.IntN(2) == 0 {
		_ = first.pay(visit{crash: b.crash()})
	}
	first.heed()
}

// retry starts a new attempt of each payout that failed.
func (d *desk) retry() error {
	store, err := boltledger.Open(d.path, boltledger.Options{NoSync: true})
	if err != nil {
		return err
	}
	var again []ledger.Change
	for p, readErr := range store.Payouts(context.Background(), d.batch) {
		if readErr != nil {
			err = readErr
			break
		}
		if p.State == ledger.Failed && !p.Contradicted() {
			again = append(again, ledger.Change{
				ID: p.ID, From: ledger.Failed, To: ledger.Queued, At: time.Now().UTC(), Actor: "retry",
				Reference: ledger.Reference(providertest.Capabilities().Derive(string(p.ID), p.Attempt+1, 0)),
			})
		}
	}
	if err == nil && len(again) > 0 {
		_, err = store.Apply(context.Background(), again)
	}
	return errors.Join(err, store.Close())
}

// playDisk damages the ledger's file between two visits.
func playDisk(t *testing.T, b *broken) {
	t.Helper()
	first := b.begun(t, 1+b.random.IntN(3))
	if err := b.damage(first); err != nil {
		t.Fatal(err)
	}
	if b.random.IntN(2) == 0 {
		_ = first.pay(visit{crash: b.crash()})
	}
	first.heed()
	if !errors.Is(first.err, ledger.ErrCorrupt) || len(first.images) == 0 {
		return
	}
	// As told: a copy is put back, and adopted.
	b.copies = true
	if err := copyTo(first.images[b.random.IntN(len(first.images))], first); err != nil {
		t.Fatal(err)
	}
	_ = first.pay(visit{restored: true})
	first.heed()
}

// damage loses, misplaces or lets rot one of the pages that the last visits wrote.
func (b *broken) damage(d *desk) error {
	if len(d.images) < 2 {
		return nil
	}
	const size = 4096
	whole, err := d.image()
	if err != nil {
		return err
	}
	i := 1 + b.random.IntN(len(d.images)-1)
	before, after := d.images[i-1], d.images[i]
	var written []int
	for at := 0; at+size <= len(whole); at += size {
		if at+size <= len(after) && (at+size > len(before) || string(before[at:at+size]) != string(after[at:at+size])) &&
			string(after[at:at+size]) == string(whole[at:at+size]) {
			written = append(written, at)
		}
	}
	if len(written) == 0 {
		return nil
	}
	at := written[b.random.IntN(len(written))]
	old := make([]byte, size)
	if at+size <= len(before) {
		copy(old, before[at:at+size])
	}
	switch b.random.IntN(3) {
	case 0: // lost
		copy(whole[at:], old)
	case 1: // misdirected: another page has it
		to := size * b.random.IntN(len(whole)/size)
		copy(whole[to:to+size], whole[at:at+size])
		if to != at {
			copy(whole[at:], old)
		}
	default: // rotten
		for range 1 + b.random.IntN(3) {
			whole[at+b.random.IntN(size)] ^= 1 << b.random.IntN(8)
		}
	}
	return os.WriteFile(filepath.Clean(d.path), whole, 0o600)
}
