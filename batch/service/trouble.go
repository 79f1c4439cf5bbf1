package service

import (
	"context"
	"errors"
	"io/fs"

	"payrun/batch/approval"
	"payrun/batch/audit"
	"payrun/batch/clearance"
	"payrun/batch/engine"
	"payrun/batch/intake"
	"payrun/batch/intake/table"
	"payrun/ledger"
	"payrun/ledger/anchor"
	"payrun/provider"
	"payrun/reports"
)

// Trouble names an error that packages document. Its name is stable: what follows
// "trouble." and "advice." in the catalogue, and the code that an API tells.
type Trouble struct {
	// Is is the error that it names, nil for a kind of which each says something else.
	Is   error
	Name string
}

// troubles are all of them. The first that matches counts.
//
//nolint:gochecknoglobals // a table that nothing writes to
var troubles = []Trouble{
	{context.Canceled, "interrupted"},
	{engine.ErrInterrupted, "interrupted"},
	{engine.ErrAccountStopped, "account_stopped"},
	{engine.ErrCredentials, "credentials"},
	{engine.ErrBalance, "balance"},
	{engine.ErrNoLookUpPage, "no_page"},
	{engine.ErrOutage, "outage"},
	{engine.ErrRefusals, "refusals"},
	{engine.ErrStoodStill, "stood_still"},
	{engine.ErrAtWork, "at_work"},
	{engine.ErrNotNewest, "not_newest"},
	{engine.ErrHidden, "hidden"},
	{engine.ErrNoControl, "no_control"},
	{engine.ErrFirstPayday, "first_payday"},
	{engine.ErrUnconfirmed, "unconfirmed"},
	{ledger.ErrNotYet, "not_yet"},
	{ErrMissed, "missed"},
	{ErrPast, "past"},
	{clearance.ErrUnapproved, "unapproved"},
	{clearance.ErrRecords, "records"},
	{ErrMaker, "maker"},
	{ErrNothingToApprove, "not_asked"},
	{ErrProposed, "proposed"},
	{ErrNoProposal, "no_proposal"},
	{approval.ErrPeople, "people"},
	{approval.ErrPolicy, "policy"},
	{ledger.ErrStopped, "recording"},
	{ledger.ErrLocked, "locked"},
	{audit.ErrMoved, "moved"},
	{ledger.ErrCorrupt, "corrupt"},
	{ledger.ErrFormat, "format"},
	{ledger.ErrNoLedger, "no_ledger"},
	{ledger.ErrReplaced, "replaced"},
	{anchor.ErrOvertaken, "overtaken"},
	{ledger.ErrAccess, "access"},
	{ledger.ErrAccount, "environment"},
	{ledger.ErrCurrency, "currency"},
	{ErrCountry, "country"},
	{ledger.ErrUnsealed, "unsealed"},
	{ledger.ErrUnreleased, "unreleased"},
	{ErrNotAsConfirmed, "not_as_confirmed"},
	{intake.ErrOtherFile, "other_file"},
	{intake.ErrKnownElsewhere, "known_elsewhere"},
	{intake.ErrRowsRemoved, "rows_removed"},
	{ledger.ErrNotFound, "not_found"},
	{table.ErrNoIDs, "no_ids"},
	{reports.ErrOtherBatch, "other_report"},
	{reports.ErrDoesNotAddUp, "sums"},
	{fs.ErrPermission, "permission"},
	{fs.ErrNotExist, "missing"},
}

// TroubleNamed returns the error that a name stands for, nil for a name of which each error
// says something else.
func TroubleNamed(name string) error {
	for _, trouble := range troubles {
		if trouble.Name == name {
			return trouble.Is
		}
	}
	return nil
}

// TroubleOf returns what an error is about, the zero Trouble for what nobody foresaw.
func TroubleOf(err error) Trouble {
	if failed, ok := errors.AsType[*provider.Error](err); ok {
		if failed.Class == provider.Unauthorized {
			return Trouble{Name: "refused"}
		}
		return Trouble{Name: "unreachable"}
	}
	if other, ok := errors.AsType[*ledger.AccountError](err); ok && other.OnlyKey() {
		return Trouble{Name: "other_key"}
	}
	for _, trouble := range troubles {
		if errors.Is(err, trouble.Is) {
			return trouble
		}
	}
	return Trouble{}
}
