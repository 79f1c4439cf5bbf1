package audit

import (
	"path/filepath"
	"strings"
)

// The files of a folder, by their names in it.
const (
	fileSums       = "SHA256SUMS"
	fileSignature  = "SHA256SUMS.sig"
	fileIndex      = "evidence.json"
	fileList       = "list.jsonl"
	fileBatchLog   = "log/batch.jsonl"
	fileLedgerLog  = "log/ledger.jsonl"
	fileHeads      = "log/heads.jsonl"
	fileCheckpoint = "checkpoint.txt"
	fileSigners    = "checkpoint_signers"
	fileReport     = "reports/report."
	fileReportJSON = fileReport + "json"
	fileReportCSV  = fileReport + "csv"
	fileGuide      = "VERIFY.md"
	fileGuideFR    = "VERIFIER.md"
	// fileCopy begins the name of the copy of what was accepted.
	fileCopy = "file"
)

const (
	// Namespace is the purpose for which the sums are signed.
	Namespace = "evidence@payrun"
	// Principal is the name of the key in the list of signers.
	Principal = "payrun-checkpoint"
)

// at is a file's path on disk.
func at(folder, name string) string { return filepath.Join(folder, filepath.FromSlash(name)) }

// copyName is the name of the copy of a file that was accepted under another: its ending
// says what opens it, and the rest could say anything.
func copyName(accepted string) string {
	ending := strings.ToLower(filepath.Ext(accepted))
	if len(ending) < 2 || len(ending) > 5 || strings.Trim(ending[1:], "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return fileCopy
	}
	return fileCopy + ending
}
