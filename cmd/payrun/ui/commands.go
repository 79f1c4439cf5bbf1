package ui

import (
	"payrun/batch/service"
	"payrun/ledger"
)

// Commands words the commands that a person can type next. Each takes with it those
// flags typed to this command that the other one has too, so that it finds the same
// ledger, account and reports.
type Commands interface {
	// ForBatch is a command about a batch.
	ForBatch(name string, id ledger.BatchID, more ...string) string
	// ForFile is a command on a file, empty for standard input, which cannot be read
	// again.
	ForFile(name, path string, more ...string) string
}

// Resolving words the command by which a person says what they saw about a payout; of
// several it names none. Whether it was paid is left to them: as it stands it is refused.
func (u *UI) Resolving(id ledger.BatchID, payouts ...ledger.TransactionID) string {
	which := "ID"
	if len(payouts) > 0 {
		which = ShellWord(string(payouts[0]))
	}
	return u.Commands.ForBatch("resolve", id, which, "--because", u.Text("command.because"))
}

// NextFor is the one command that a batch needs first, empty if nothing is left to do.
func (u *UI) NextFor(id ledger.BatchID, n service.Need) string {
	return u.ForStep(id, n.Step(), n.Differs)
}

// ForStep words a step that a batch needs. It is about a payout if the step is.
func (u *UI) ForStep(id ledger.BatchID, step service.Step, payout ledger.TransactionID) string {
	switch step {
	case service.ResolveIt:
		return u.Resolving(id, payout)
	case service.ResumeIt:
		return u.Commands.ForBatch("resume", id)
	case service.RetryIt:
		return u.Commands.ForBatch("retry", id)
	case service.Nothing, service.SubmitIt:
	}
	return ""
}
