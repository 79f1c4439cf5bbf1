package audit

import (
	"errors"
	"fmt"

	"payrun/ledger"
	"payrun/ledger/anchor"
)

// Known are the things that a reader brings along, from outside the folder.
type Known struct {
	// Past are heads of the ledger's log that were handed out before.
	Past []Past
}

// Past is where the ledger's log stood once, as somebody else kept it.
type Past struct {
	// Source names who says so.
	Source string
	Head   anchor.Head
	// Ledger and Key are known of a signed checkpoint only.
	Ledger, Key string
}

// CheckName names one of the things that Verify looks at. Names are stable.
type CheckName string

// The checks, in their order.
const (
	// CheckFiles: the folder has exactly the files of SHA256SUMS, and each its digest.
	CheckFiles CheckName = "files"
	// CheckSignature: SHA256SUMS is signed with the key of the checkpoint.
	CheckSignature CheckName = "signature"
	// CheckIndex: evidence.json is whole, and the instructions are those of this payrun.
	CheckIndex CheckName = "index"
	// CheckLog: every line of the three chains follows the one before, and both chains of
	// events hang on the chain of heads.
	CheckLog CheckName = "log"
	// CheckList: what entered is the list, by the digests in the log.
	CheckList CheckName = "list"
	// CheckMoves: the log leads every payout from its beginning to where it stands, by
	// legal moves only.
	CheckMoves CheckName = "moves"
	// CheckReleases: nothing was sent before a person released it, and each release is of
	// what could be sent then.
	CheckReleases CheckName = "releases"
	// CheckApprovals: under a policy nothing was sent but what enough people had signed, by
	// the verdict that the engine asks for, and the folder has what they signed.
	CheckApprovals CheckName = "approvals"
	// CheckCheckpoint: the log's head is the one that was signed.
	CheckCheckpoint CheckName = "checkpoint"
	// CheckPast: the log holds what earlier reports say of it.
	CheckPast CheckName = "past"
	// CheckReport: the report says of each payout what the log says, and adds up.
	CheckReport CheckName = "report"
	// CheckTable: the report as CSV says the same.
	CheckTable CheckName = "table"
	// CheckElsewhere: payouts that other batches brought in are in their evidence.
	CheckElsewhere CheckName = "elsewhere"
	// CheckCopy: the copy of the file is what was accepted.
	CheckCopy CheckName = "copy"
)

// Outcome is the end of a check.
type Outcome string

// The outcomes.
const (
	Holds Outcome = "holds"
	// Absent: there was nothing to check, or not all of it.
	Absent Outcome = "absent"
	Wrong  Outcome = "wrong"
)

// Check is one check that was made.
type Check struct {
	Name    CheckName
	Outcome Outcome
	// Count is how many things were checked: files, lines, payouts, releases, heads.
	Count int
	// Missing is how many could not be.
	Missing int
}

// Result is the outcome of Verify, check by check.
type Result struct {
	Index Index
	// Checks are those that were made, in their order. The one that was wrong is the last.
	Checks []Check
	// Key is the public half of the key that signed, as reports have it, and Fingerprint
	// the same as ssh-keygen shows it; empty where nothing is signed.
	Key, Fingerprint string
	// States divide the payouts as the log leaves them.
	States ledger.ByState
}

// ErrWrong matches every *WrongError.
var ErrWrong = errors.New("the evidence does not hold together")

// ErrNoEvidence is returned for a folder that is none of evidence.
var ErrNoEvidence = errors.New("not a folder with evidence about a batch")

// WrongError is the first thing that does not hold.
type WrongError struct {
	Check CheckName
	// File is the file's name in the folder, and Line the line that is wrong in it; 0 where
	// it is not about a line.
	File string
	Line int
	Err  error
}

func (e *WrongError) Error() string { return e.Where() + ": " + e.Err.Error() }

// Where names the place.
func (e *WrongError) Where() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s, line %d", e.File, e.Line)
	}
	return e.File
}

// Unwrap returns what is wrong there.
func (e *WrongError) Unwrap() error { return e.Err }

// Is makes errors.Is(err, ErrWrong) hold.
func (e *WrongError) Is(target error) bool { return target == ErrWrong }

// wrong is a WrongError about a file as a whole, or nil for no error. One that is there
// already keeps its place.
func wrong(check CheckName, file string, err error) error {
	if err == nil || errors.Is(err, ErrWrong) {
		return err
	}
	return &WrongError{Check: check, File: file, Err: err}
}
