package service_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"path/filepath"
	"testing"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"payrun/batch/reconcile"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/anchor"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/money"
	"payrun/provider"
	"payrun/provider/providertest"
)

// kept returns a ledger with an audit log, whose batch "may" has payouts in states.
func kept(t *testing.T, wanted ...ledger.State) *boltledger.Store {
	t.Helper()
	store, err := boltledger.Open(filepath.Join(t.TempDir(), "ledger.db"), boltledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	ledgertest.Reach(t, store, wanted...)
	return store
}

// disputed has the provider contradict a payout that failed.
func disputed(t *testing.T, store ledger.Store, id ledger.TransactionID) {
	t.Helper()
	payout, err := store.Payout(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	attempts := payout.Attempts()
	if err := reconcile.Observe(t.Context(), store, reconcile.Observation{
		Payout: payout, Attempt: attempts[len(attempts)-1], Code: ledger.DifferencePaidThere, Actor: "test",
		Said: provider.Outcome{Class: provider.Successful},
	}); err != nil {
		t.Fatal(err)
	}
}

func idsOf(payouts []ledger.Payout) []ledger.TransactionID {
	var ids []ledger.TransactionID
	for _, p := range payouts {
		ids = append(ids, p.ID)
	}
	return ids
}

// TestAStatusNamesWhoAPersonHasToKnowOf: what is disputed comes before what failed.
func TestAStatusNamesWhoAPersonHasToKnowOf(t *testing.T) {
	store := kept(t, ledger.Successful, ledger.Failed, ledger.Failed, ledger.Pending)
	disputed(t, store, "A-00001")
	books := service.New(service.Config{Ledger: store})
	found, err := books.Status(t.Context(), "may", func(p ledger.Payout) bool { return p.State == ledger.Failed })
	if err != nil {
		t.Fatal(err)
	}
	for what, lists := range map[string][2][]ledger.TransactionID{
		"open":     {idsOf(found.Open), {"A-00003"}},
		"failed":   {idsOf(found.Failed), {"A-00002"}},
		"disputed": {idsOf(found.Disputed), {"A-00001"}},
		"chosen":   {idsOf(found.Chosen), {"A-00001", "A-00002"}},
	} {
		if diff := cmp.Diff(lists[1], lists[0]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	if found.Outcome() != service.Conflict || found.Need().Step() != service.ResolveIt || found.States.Total().Count != 4 {
		t.Errorf("%+v, want a conflict that is to be resolved", found)
	}
	all, err := books.Overview(t.Context())
	if err != nil || len(all) != 1 || all[0].States != found.States {
		t.Errorf("%+v, %v, want the same counts", all, err)
	}
}

// TestAReconciliationEndsByItsGravestFinding: a difference, then what could not be asked,
// then what is open.
func TestAReconciliationEndsByItsGravestFinding(t *testing.T) {
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		here    ledger.State
		there   provider.Class
		outcome service.Outcome
		gap     service.Gap
	}{
		{ledger.Failed, provider.Successful, service.Conflict, service.NoList},
		{ledger.Pending, provider.Unknown, service.Stopped, service.Unanswered},
		{ledger.Pending, provider.Pending, service.StillOpen, service.NoList},
		{ledger.Pending, provider.Successful, service.StillOpen, service.NoList},
	} {
		store := kept(t, test.here)
		asking := service.New(service.Config{
			Ledger: store, Rules: set, Provider: providertest.Answers{"A-00000": test.there}, Pace: service.Pace{Workers: 1},
		})
		b, err := store.Batch(t.Context(), "may")
		if err != nil {
			t.Fatal(err)
		}
		done, err := asking.Reconcile(t.Context(), t.Context(), awa, b)
		if err != nil || done.Outcome() != test.outcome || done.Gap() != test.gap {
			t.Errorf("%s and %s: outcome %d, gap %q, %v, want %d and %q", test.here, test.there, done.Outcome(), done.Gap(), err, test.outcome, test.gap)
		}
	}
}

// nowhere answers look-ups as if their page were not there.
type nowhere struct{ providertest.Answers }

func (nowhere) LookUp(context.Context, provider.Query) provider.Outcome {
	return provider.Outcome{Code: "HTTP_404", NoPage: true}
}

// TestAReconciliationTellsALookUpPageThatIsNotThere from a provider without an answer: to
// try again later would not help.
func TestAReconciliationTellsALookUpPageThatIsNotThere(t *testing.T) {
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	store := kept(t, ledger.Pending, ledger.Pending, ledger.Successful)
	asking := service.New(service.Config{Ledger: store, Rules: set, Provider: nowhere{}, Pace: service.Pace{Workers: 1}})
	b, err := store.Batch(t.Context(), "may")
	if err != nil {
		t.Fatal(err)
	}
	done, err := asking.Reconcile(t.Context(), t.Context(), awa, b)
	if err != nil || done.Outcome() != service.Stopped || done.Gap() != service.NoLookUpPage {
		t.Errorf("outcome %d, gap %q, %v, want it stopped for want of the page", done.Outcome(), done.Gap(), err)
	}
}

// TestAReportThatCannotBeWrittenChangesNothing: the figures are there all the same.
func TestAReportThatCannotBeWrittenChangesNothing(t *testing.T) {
	store := kept(t, ledger.Successful, ledger.Failed)
	b, err := store.Batch(t.Context(), "may")
	if err != nil {
		t.Fatal(err)
	}
	books := service.New(service.Config{Ledger: store, Anchors: anchor.Open(t.TempDir())})
	folder := t.TempDir()
	good, err := books.TryReport(t.Context(), b, service.Reporting{Folder: folder})
	if err != nil || good.Unwritten != nil || len(good.Files) == 0 || good.Summary.LedgerCheckpoint == "" {
		t.Errorf("%+v, %v, want signed reports", good, err)
	}
	bad, err := books.TryReport(t.Context(), b, service.Reporting{Folder: good.Files[0]})
	if err != nil || bad.Unwritten == nil || bad.Summary.Rows != 2 || bad.Summary.Failed.Count != 1 {
		t.Errorf("%+v, %v, want no reports and the same figures", bad, err)
	}
}

// TestARewrittenLogIsFoundOut: the head that somebody kept must be in the log.
func TestARewrittenLogIsFoundOut(t *testing.T) {
	store := kept(t, ledger.Successful)
	books := service.New(service.Config{Ledger: store})
	events, hash, err := store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	known := service.PastHead{Source: "a report", Head: anchor.Head{Events: events, Hash: hash}}
	if found, err := books.Verify(t.Context(), known); err != nil || found.Events != events {
		t.Errorf("%+v, %v, want it to hold", found, err)
	}
	for name, other := range map[string]service.PastHead{
		"another hash":     {Head: anchor.Head{Events: events, Hash: "0"}},
		"a longer log":     {Head: anchor.Head{Events: events + 1, Hash: hash}},
		"another's ledger": {Head: known.Head, Ledger: "other"},
	} {
		if _, err := books.Verify(t.Context(), other); !errors.As(err, new(*service.RewrittenError)) {
			t.Errorf("%s: %v, want it found out", name, err)
		}
	}
}

// TestTheAnchorVouchesForTheLog: what it names is in the log, of an older copy it is ahead.
func TestTheAnchorVouchesForTheLog(t *testing.T) {
	store := kept(t, ledger.Successful)
	identity, err := store.Identity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	events, hash, err := store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		head         anchor.Head
		known, older bool
	}{
		"none":           {},
		"of this log":    {head: anchor.Head{Events: events, Hash: hash}, known: true},
		"of another log": {head: anchor.Head{Events: 1, Hash: hash}, known: true},
		"ahead":          {head: anchor.Head{Events: events + 1, Hash: hash}, known: true, older: true},
	} {
		folder := t.TempDir()
		if c.known {
			now := anchor.Anchor{Ledger: identity.ID, Account: "test", Head: c.head}
			if err := anchor.Open(folder).Watch(now).Advance(t.Context(), now); err != nil {
				t.Fatal(err)
			}
		}
		books := service.New(service.Config{Ledger: store, Anchors: anchor.Reading(folder)})
		own, known, older, err := books.Anchored(t.Context())
		if err != nil || known != c.known || older != c.older || own.Head != c.head || known != (own.Source != "") {
			t.Errorf("%s: %+v, known %t, older %t, %v", name, own, known, older, err)
		}
		if _, err := books.Verify(t.Context(), own); known && !older && errors.As(err, new(*service.RewrittenError)) != (name == "of another log") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAnExportHasAllThereIs, an object a line.
func TestAnExportHasAllThereIs(t *testing.T) {
	store := kept(t, ledger.Successful, ledger.Queued)
	var out bytes.Buffer
	if err := service.New(service.Config{Ledger: store}).Export(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]uint64{}
	for decoder := json.NewDecoder(&out); decoder.More(); {
		var line struct{ Kind string }
		if err := decoder.Decode(&line); err != nil {
			t.Fatal(err)
		}
		kinds[line.Kind]++
	}
	events, _, err := store.Head(t.Context())
	if want := map[string]uint64{"batch": 1, "payout": 2, "event": events}; err != nil || !cmp.Equal(want, kinds) {
		t.Errorf("%v, %v, want %v", kinds, err, want)
	}
}

// TestAnExportLeadsToWhereTheLedgerStands: its events, replayed by somebody who has nothing
// else, make of its payouts what the ledger has.
func TestAnExportLeadsToWhereTheLedgerStands(t *testing.T) {
	store := kept(t, ledger.Successful, ledger.Failed, ledger.Queued, ledger.Pending, ledger.Failed, ledger.Submitting)
	disputed(t, store, "A-00001")
	again := ledgertest.Move("A-00004", ledger.Failed, ledger.Queued)
	again.Reference = "A-00004-2"
	corrected := ledgertest.Entries("A", 5)[4].Terms
	corrected.Number = "0700000099"
	again.Terms = &corrected
	resolved := ledgertest.Move("A-00001", ledger.Failed, ledger.Successful)
	resolved.Resolution = &ledger.Resolution{Paid: true, Because: "seen", By: ledger.Person{Name: "awa"}, At: resolved.At}
	ledgertest.Apply(t, store, again, resolved)
	payroll := service.New(service.Config{Ledger: store})
	if err := payroll.Release(t.Context(), service.Actor{Person: "awa"}, "may", ledger.Total{Count: 3, Amount: money.XOF.Of(311)}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := payroll.Export(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	members, events := exported(t, &out)
	replayed, err := ledger.Replay(sequence(events), func(e ledger.Event) iter.Seq2[ledger.Entered, error] {
		return e.Entered(sequence(members[e.Batch]))
	})
	if err != nil {
		t.Fatal(err)
	}
	for p, err := range store.Payouts(t.Context(), "may") {
		if diff := cmp.Diff(p, replayed.Payouts[p.ID]); diff != "" || err != nil {
			t.Errorf("payout %q, %v (-in the ledger +replayed):\n%s", p.ID, err, diff)
		}
	}
	if release := replayed.Batches["may"].Release; release.By.Name != "awa" || release.Count.Count != 3 || len(replayed.Payouts) != 6 {
		t.Errorf("%d payouts, released %+v", len(replayed.Payouts), release)
	}
}

// exported reads the payouts of an export by their batch, and its events.
func exported(t *testing.T, export io.Reader) (members map[ledger.BatchID][]ledger.Payout, events []ledger.Event) {
	t.Helper()
	members = map[ledger.BatchID][]ledger.Payout{}
	exact := money.Exact()
	for lines := bufio.NewScanner(export); lines.Scan(); {
		var kind struct {
			Kind     string         `json:"kind"`
			MemberOf ledger.BatchID `json:"member_of"`
		}
		var payout ledger.Payout
		var event ledger.Event
		err := jsonv2.Unmarshal(lines.Bytes(), &kind)
		switch kind.Kind {
		case "payout":
			err = errors.Join(err, jsonv2.Unmarshal(lines.Bytes(), &payout, exact))
			members[kind.MemberOf] = append(members[kind.MemberOf], payout)
		case "event":
			err = errors.Join(err, jsonv2.Unmarshal(lines.Bytes(), &event, exact))
			events = append(events, event)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return members, events
}

func sequence[T any](all []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, one := range all {
			if !yield(one, nil) {
				return
			}
		}
	}
}
