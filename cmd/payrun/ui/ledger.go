package ui

import (
	"errors"
	"strconv"

	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/money"
)

// ShowRestored says that a backup lies in the place of a ledger, and where what lay there
// is kept.
func (u *UI) ShowRestored(path, backup string, done boltledger.Restored) error {
	if u.JSON() {
		return u.PrintObject("ledger_restored", struct {
			Ledger string `json:"ledger"`
			Backup string `json:"backup"`
			Kept   string `json:"kept"`
			Events uint64 `json:"events"`
		}{path, backup, done.Kept, done.Backup.Events})
	}
	if err := u.Say("%s", u.Text("restore.done", "file", path, "backup", backup,
		"payouts", strconv.Itoa(done.Backup.Payouts), "batches", strconv.Itoa(done.Backup.Batches))); err != nil {
		return err
	}
	if done.Kept != "" {
		if err := u.Say("%s", u.Text("restore.kept", "file", done.Kept)); err != nil {
			return err
		}
	}
	return u.Say("%s", u.Text("restore.next"))
}

// WordRewritten says that a ledger is not the one that a past head is of. Other errors stay
// as they are.
func (u *UI) WordRewritten(err error) error {
	known, is := errors.AsType[*service.RewrittenError](err)
	if !is {
		return err
	}
	return Advise(Worded(u.Text("ledger.rewritten", "source", known.Source,
		"events", strconv.FormatUint(known.Head.Events, 10), "hash", known.Head.Hash), err), u.Text("ledger.rewritten_hint"))
}

// SayOlder says that a ledger is an older copy, by the anchor that is ahead of it.
func (u *UI) SayOlder(ahead service.PastHead) {
	u.Remark(u.Text("ledger.older", "file", ahead.Source, "events", strconv.FormatUint(ahead.Head.Events, 10)))
}

// verified is the result of ledger verify for scripts. Its keys are documented in
// docs/json.md.
type verified struct {
	ledger.Verification
	// Currency is that of all sums, money.Mixed if there are several: they are null then.
	Currency money.Currency                `json:"currency"`
	ByState  map[ledger.State]ledger.Total `json:"by_state"`
}

func newVerified(found ledger.Verification) verified {
	all := found.ByState.Total().Amount
	shown := verified{Verification: found, Currency: all.Currency, ByState: found.ByState.Present()}
	if shown.Currency == money.Mixed {
		for state, total := range shown.ByState {
			shown.ByState[state] = ledger.Total{Count: total.Count, Amount: all}
		}
	}
	return shown
}

// ShowVerified says what of a ledger was verified, and which past heads it holds.
func (u *UI) ShowVerified(found ledger.Verification, past []service.PastHead) error {
	if u.JSON() {
		return u.PrintObject("ledger_verification", newVerified(found))
	}
	var lines []string
	for _, known := range past {
		args := []string{"source", known.Source, "events", strconv.FormatUint(known.Head.Events, 10), "key", known.Key}
		words := u.Text("ledger.contains", args...)
		if known.Key != "" {
			words = u.Text("ledger.contains_signed", args...)
		}
		lines = append(lines, words)
	}
	return u.SayLines(append(lines, u.Text("ledger.verified", "events", strconv.FormatUint(found.Events, 10),
		"payouts", strconv.Itoa(found.Payouts), "batches", strconv.Itoa(found.Batches), "head", found.Head)))
}

// ShowMoved says that a ledger was moved into a database, or had been before.
func (u *UI) ShowMoved(from, to string, found ledger.Verification, moved bool) error {
	if u.JSON() {
		return u.PrintObject("ledger_moved", struct {
			From   string `json:"from"`
			Ledger string `json:"ledger"`
			Moved  bool   `json:"moved"`
			Events uint64 `json:"events"`
		}{from, to, moved, found.Events})
	}
	payouts, batches := strconv.Itoa(found.Payouts), strconv.Itoa(found.Batches)
	said := u.Text("ledger.moved", "from", from, "to", to, "payouts", payouts, "batches", batches)
	if !moved {
		said = u.Text("ledger.moved_before", "from", from, "to", to, "payouts", payouts, "batches", batches)
	}
	return u.Say("%s", said)
}
