package session

import (
	"path/filepath"

	"payrun/cmd/payrun/settings"
	"payrun/ledger"
	"payrun/ledger/anchor"
	"payrun/provider"
)

// AnchorFolders are the folders for a ledger's anchor, the preferred first. That of a
// rehearsal lies beside its ledger, as its books do.
func (o *Opener) AnchorFolders(ledgerPath, chosen string, sandboxed bool) []string {
	switch {
	case chosen != "":
		return []string{chosen}
	case sandboxed:
		return []string{ledgerPath + ".anchors"}
	}
	folders := []string{anchor.MachineWide}
	if state := o.StateFolder(); state != "" {
		folders = append(folders, filepath.Join(state, "anchors"))
	}
	return folders
}

// ReportAnchors are the folder with the key that signs the reports of a batch.
func (o *Opener) ReportAnchors(b ledger.Batch, r settings.ReportOptions) *anchor.Folder {
	sandboxed := b.Account.Place == provider.SimulatorPlace
	return anchor.Open(o.AnchorFolders(o.LedgerPath(sandboxed), r.Anchors, sandboxed)...)
}
