package ui

import (
	"strconv"

	"payrun/ledger/boltledger"
)

// ShowRestored says that a backup lies in the place of a ledger, and where what lay there
// is kept.
func (u *UI) ShowRestored(path, backup string, done boltledger.Restored) error {
	if u.JSON() {
		return u.PrintJSON(struct {
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
