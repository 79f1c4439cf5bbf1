package session

import (
	"path/filepath"

	"payrun/cmd/payrun/settings"
	"payrun/ledger"
	"payrun/ledger/anchor"
	"payrun/ledger/pgledger"
	"payrun/provider"
)

// AnchorFolders are the folders for a ledger's anchor, the preferred first. That of a
// rehearsal lies beside its ledger, as its books do.
func (o *Opener) AnchorFolders(ledgerPath, chosen string, sandboxed bool) []string {
	ledgerPath = beside(ledgerPath)
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

// beside is the path of a ledger for what lies beside it. What belongs to a rehearsal over a
// database lies where it would lie without.
func beside(ledgerPath string) string {
	if pgledger.Is(ledgerPath) {
		return settings.SandboxLedgerFile
	}
	return ledgerPath
}

// ReportAnchors are the folder with the key that signs the reports of a batch.
func (o *Opener) ReportAnchors(b ledger.Batch, r settings.ReportOptions) *anchor.Folder {
	sandboxed := b.Account.Place == provider.SimulatorPlace
	return anchor.Open(o.AnchorFolders(o.LedgerPath(sandboxed), r.Anchors, sandboxed)...)
}
