package pgledger_test

import (
	"encoding/hex"
	"errors"
	"strconv"
	"testing"

	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/pgledger"
)

// told is a ledger with payouts in several states, of which one has two attempts and one belongs to
// two batches. Its events are: 1 an enrolment, 2 its end, 3 and 4 the moves of A-00001, 5 and 6 of
// A-00003, 7 the second attempt of that, 8 an enrolment and 9 its end.
func told(t *testing.T) *pgledger.Store {
	t.Helper()
	store := open(t, begin(t))
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	ledgertest.Reach(t, store, ledger.Queued, ledger.Successful, ledger.Queued, ledger.Failed)
	again := ledgertest.Move("A-00003", ledger.Failed, ledger.Queued)
	again.Reference = "R-9"
	ledgertest.Apply(t, store, again)
	second := append(ledgertest.Entries("B", 2), ledgertest.Entries("A", 1)...)
	if _, err := store.Enrol(t.Context(), ledgertest.Batch("june"), ledgertest.Each(append(second, ledgertest.Entries("C", 1)...))); err != nil {
		t.Fatal(err)
	}
	found, err := store.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if found.Events != 9 || found.Payouts != 7 || found.Batches != 2 {
		t.Fatalf("verified %+v", found)
	}
	does(t, store, keep)
	return store
}

// What a ledger has is kept beside it, and put back: that is quicker than to begin another.
const (
	keep    = `do $$ declare t text; begin ` + eachTable + `execute format('create table kept_%s as table %I', t, t); end loop; end $$`
	putBack = `do $$ declare t text; c text; begin ` + eachTable + `
		select string_agg(quote_ident(column_name), ', ') into c from information_schema.columns
			where table_schema = current_schema and table_name = t and is_generated = 'NEVER';
		execute format('delete from %I', t);
		execute format('insert into %I (%s) overriding system value select %s from kept_%s', t, c, c, t);
		end loop; end $$`
	eachTable = `foreach t in array array['ledger', 'batches', 'payouts', 'attempts', 'names', 'members', 'paid_to', 'events'] loop `
)

func does(t *testing.T, store *pgledger.Store, sql string, arguments ...any) {
	t.Helper()
	if err := store.Exec(t.Context(), sql, arguments...); err != nil {
		t.Fatal(err)
	}
}

// TestVerifyNoticesWhatSomebodyChanged changes one thing each with the rights of the owner. Verify
// says where.
func TestVerifyNoticesWhatSomebodyChanged(t *testing.T) {
	store := told(t)
	for name, test := range map[string]struct{ sql, where string }{
		"a state":                 {"update payouts set state = 5 where id = 'A-00002'", `payout "A-00002"`},
		"an amount":               {"update payouts set minor = minor + 1 where id = 'A-00002'", "event 1"},
		"a number":                {"update payouts set number = '+2250500000000' where id = 'A-00002'", "event 1"},
		"a corrected name":        {"update payouts set name = 'Yao' where id = 'A-00003'", `payout "A-00003"`},
		"when it was accepted":    {"update payouts set queued_at = queued_at + 1 where id = 'A-00002'", `payout "A-00002"`},
		"its batch":               {"update payouts set batch = 2, position = 9 where id = 'A-00002'", `payout "A-00002"`},
		"what was heard":          {"update payouts set said = 0 where id = 'A-00001'", `payout "A-00001"`},
		"its last event":          {"update payouts set event = 3 where id = 'A-00001'", `payout "A-00001"`},
		"an earlier attempt":      {`update attempts set body = (jsonb_set(body::jsonb, '{Intents}', '7'))::json`, `payout "A-00003"`},
		"a payout is gone":        {"delete from payouts where id = 'A-00002'", "event 1"},
		"the last is gone":        {"delete from payouts where id = 'C-00000'", "event 8"},
		"a member is gone":        {"delete from members where payout = 'A-00002'", "event 1"},
		"a member is another's":   {"update members set adopted = true where payout = 'A-00002'", "event 1"},
		"an event's time":         {"update events set at = at + 1 where sequence = 3", "event 3"},
		"an event's actor":        {"update events set actor = 'nobody' where sequence = 3", "event 3"},
		"an event is gone":        {"delete from events where sequence = 3", "event 3"},
		"the last event is gone":  {"delete from events where sequence = (select max(sequence) from events)", "the head of the audit log"},
		"an event before all":     {"insert into events select -1, batch, place, at, actor, payout, from_state, to_state, attempt, act, worker, epoch, rest, hash from events where sequence = 2", "the events"},
		"an event's hash":         {"update events set hash = decode(repeat('00', 32), 'hex') where sequence = 3", "event 3"},
		"the head":                {"update ledger set heads = heads - 1", "the head of the audit log"},
		"the head's hash":         {"update ledger set heads_hash = decode(repeat('00', 32), 'hex')", "the head of the audit log"},
		"a batch's chain":         {"update batches set chain_hash = decode(repeat('00', 32), 'hex') where id = 'june'", `the chain of batch "june"`},
		"a release":               {`update batches set body = (jsonb_set(body::jsonb, '{Release}', '{"at":"2026-01-01T00:00:00Z","count":{"count":1,"amount":{"minor":1,"currency":"XOF"}}}'))::json where id = 'may'`, `batch "may"`},
		"an adoption":             {`update ledger set identity = (jsonb_set(identity::jsonb, '{look_first}', '"2026-01-01T00:00:00Z"'))::json`, "the ledger's identity"},
		"a name that nobody gave": {"insert into names values ('R-1', 'A-00002')", "the names"},
		"a name of another":       {"update names set payout = 'A-00001'", `the reference "R-9"`},
		"a name is gone":          {"delete from names", `the reference "R-9"`},
		"the finder lacks one":    {"delete from paid_to where payout = 'A-00002'", "the finder"},
	} {
		t.Run(name, func(t *testing.T) {
			does(t, store, putBack)
			does(t, store, test.sql)
			isCorrupt(t, store, test.where)
		})
	}
}

func isCorrupt(t *testing.T, store *pgledger.Store, where string) {
	t.Helper()
	corrupt := (*ledger.CorruptError)(nil)
	if _, err := store.Verify(t.Context()); !errors.As(err, &corrupt) || corrupt.Where != where {
		t.Errorf("verify: %v, want it noticed at %s", err, where)
	}
}

// TestVerifyReplaysALogThatWasChainedAnew changes an event and all hashes behind it: the chains hold,
// and what the events say does not.
func TestVerifyReplaysALogThatWasChainedAnew(t *testing.T) {
	store := told(t)
	for name, test := range map[string]struct{ sql, where string }{
		"a move that there is none of":       {"update events set from_state = 5 where sequence = 6", "event 6"},
		"a move of nobody":                   {"update events set payout = 'A-0' where sequence = 4", "event 4"},
		"a move of nobody behind all":        {"update events set payout = 'Z' where sequence = 4", `payout "A-00001"`},
		"all moves of a payout are nobody's": {"update events set payout = 'Z' where sequence in (5, 6, 7)", `payout "A-00003"`},
		"a move of another":                  {"update events set payout = 'A-00000' where sequence = 3", `payout "A-00000"`},
		"another end":                        {"update events set to_state = 6 where sequence = 4", `payout "A-00001"`},
		"another name of an attempt":         {`update events set rest = '{"Reference":"R-8"}' where sequence = 7`, `payout "A-00003"`},
		"another list":                       {`update events set rest = (jsonb_set(rest::jsonb, '{Digest}', '"00"'))::json where sequence = 1`, "event 1"},
		"one payout more":                    {`update events set rest = (jsonb_set(rest::jsonb, '{Enrolled}', '5'))::json where sequence = 1`, "event 1"},
		"one payout less":                    {`update events set rest = (jsonb_set(rest::jsonb, '{Enrolled}', '3'))::json where sequence = 1`, "event 1"},
		"another first":                      {`update events set rest = (jsonb_set(rest::jsonb, '{First}', '2'))::json where sequence = 1`, "event 1"},
		"an enrolment twice":                 {"update events set rest = (select rest from events where sequence = 1), act = '' where sequence = 2", "event 2"},
		"an act out of its time":             {"update events set act = 'closed' where sequence = 2", "event 2"},
	} {
		t.Run(name, func(t *testing.T) {
			does(t, store, putBack)
			does(t, store, test.sql)
			chainAnew(t, store)
			isCorrupt(t, store, test.where)
		})
	}
}

// chainAnew writes the hashes of all events, as they are, and the ends of all chains.
func chainAnew(t *testing.T, store *pgledger.Store) {
	t.Helper()
	var all []ledger.Event
	for event, err := range store.Events(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, event)
	}
	linker, chains := ledger.Linker{}, map[ledger.BatchID]*ledger.Chain{}
	for i := range all {
		chain := chains[all[i].Batch]
		if chain == nil {
			chain = &ledger.Chain{}
			chains[all[i].Batch] = chain
		}
		linker.Link(&all[i], chain)
		does(t, store, "update events set hash = decode($2, 'hex') where sequence = $1", int64(all[i].Sequence), hex.EncodeToString(linker.Heads.Hash[:])) //nolint:gosec // below 2^63
	}
	does(t, store, "update ledger set heads_hash = $1", linker.Heads.Hash[:])
	for id, chain := range chains {
		does(t, store, "update batches set chain_hash = $2 where id = $1", string(id), chain.Hash[:])
	}
}

// TestVerifyReadsALedgerOfManyPages: of payouts, and of their moves, of which there is exactly one
// page first and then more.
func TestVerifyReadsALedgerOfManyPages(t *testing.T) {
	store := open(t, begin(t))
	defer store.Close()
	ids := enrol(t, store, pgledger.LastPage+2)
	for _, some := range [][]ledger.TransactionID{ids[:pgledger.LastPage], ids[pgledger.LastPage:]} {
		var changes []ledger.Change
		for _, id := range some {
			changes = append(changes, ledgertest.Move(id, ledger.Queued, ledger.Cancelled))
		}
		ledgertest.Apply(t, store, changes...)
		if _, err := store.Verify(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	last := ids[len(ids)-1]
	does(t, store, "update payouts set state = 5 where id = $1", string(last))
	isCorrupt(t, store, "payout "+strconv.Quote(string(last)))
}

// TestCheckNoticesWhatSomebodyChanged changes what was recorded since the checkpoint, and what that
// made, each by itself. At first there is no checkpoint, then one.
func TestCheckNoticesWhatSomebodyChanged(t *testing.T) {
	store := told(t)
	checks := func(want string) {
		t.Helper()
		var where string
		err := store.Check(t.Context())
		if corrupt := (*ledger.CorruptError)(nil); errors.As(err, &corrupt) {
			where = corrupt.Where
		}
		if where != want || (want == "") != (err == nil) {
			t.Errorf("check: %v, want it noticed at %q", err, want)
		}
	}
	checks("")
	for sql, where := range map[string]string{
		"update payouts set event = 3 where id = 'A-00001'":                                        `payout "A-00001"`,
		"update events set actor = 'nobody' where sequence = 3":                                    "event 3",
		"update payouts set minor = minor + 1 where id = 'A-00002'":                                "event 1",
		"delete from payouts where id = 'C-00000'":                                                 "event 8",
		"update batches set chain = chain - 1 where id = 'june'":                                   `the chain of batch "june"`,
		"update ledger set own_hash = decode(repeat('00', 32), 'hex'), own = 1":                    `the chain of batch ""`,
		"update ledger set checked = 2, checked_hash = decode(repeat('00', 32), 'hex')":            "event 2",
		"delete from events where sequence = 9":                                                    "the head of the audit log",
		"update ledger set checked = 3, checked_hash = (select hash from events where sequence=3)": "event 4",
	} {
		t.Run(sql, func(t *testing.T) {
			does(t, store, putBack)
			does(t, store, sql)
			checks(where)
		})
	}
	does(t, store, putBack)
	does(t, store, "update ledger set checked = 7, checked_hash = (select hash from events where sequence = 7)")
	does(t, store, "update batches set checked = chain, checked_hash = chain_hash where id = 'may'")
	checks("")
	does(t, store, "update payouts set event = 1 where id in ('A-00001', 'B-00000')") // before, and no move of it
	checks("")
}
