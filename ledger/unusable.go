package ledger

import (
	"errors"
	"fmt"
	"strings"
)

// Why a ledger cannot be used although it is not damaged. None of them is a reason to
// restore a copy, let alone to begin another ledger.
var (
	// ErrFormat matches every *FormatError.
	ErrFormat = errors.New("the ledger has the format of another version of payrun")
	// ErrNoLedger matches every *NoLedgerError.
	ErrNoLedger = errors.New("this is no ledger")
	// ErrAccess matches every *AccessError.
	ErrAccess = errors.New("the ledger cannot be opened for writing")
	// ErrMoved matches every *MovedError.
	ErrMoved = errors.New("the ledger was moved, and is paid from elsewhere")
	// ErrReplaced matches every *ReplacedError.
	ErrReplaced = errors.New("the ledger was moved, removed or replaced while it was in use")
)

// FormatError says that a ledger was written by another version. The file is whole.
type FormatError struct {
	Path string
	// Found and Known are the names of the formats.
	Found, Known string
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("ledger %q has the format %q, and this payrun knows %q", e.Path, e.Found, e.Known)
}

// Is makes errors.Is(err, ErrFormat) hold.
func (e *FormatError) Is(target error) bool { return target == ErrFormat }

// NoLedgerError says that something else stands at a ledger's path.
type NoLedgerError struct {
	Path string
	// Kind names the thing that stands there, in words: "a folder".
	Kind string
}

func (e *NoLedgerError) Error() string {
	return fmt.Sprintf("%q is %s and no ledger", e.Path, e.Kind)
}

// Is makes errors.Is(err, ErrNoLedger) hold.
func (e *NoLedgerError) Is(target error) bool { return target == ErrNoLedger }

// AccessError says that the system does not let a ledger be opened for writing: its
// permissions, a read-only file system, or a limit of the system's.
type AccessError struct {
	Path string
	Err  error
}

func (e *AccessError) Error() string {
	return fmt.Sprintf("ledger %q cannot be opened: %v", e.Path, e.Err)
}

// Unwrap returns the system's error.
func (e *AccessError) Unwrap() error { return e.Err }

// Is makes errors.Is(err, ErrAccess) hold.
func (e *AccessError) Is(target error) bool { return target == ErrAccess }

// ReplacedError says that a ledger's path does not name the open file any more. What
// is recorded goes into a file that nobody will find, so nothing more may be sent.
type ReplacedError struct{ Path string }

func (e *ReplacedError) Error() string {
	return fmt.Sprintf("ledger %q was moved, removed or replaced while it was in use", e.Path)
}

// Is makes errors.Is(err, ErrReplaced) hold.
func (e *ReplacedError) Is(target error) bool { return target == ErrReplaced }

// Destination is a store into which a ledger was moved.
type Destination struct {
	// Place is a number of the store's own, which no copy of it into another store has.
	Place string
	// Address is where it was then, without a password.
	Address string
}

// String is the destination as the log has it.
func (d Destination) String() string { return d.Place + " " + d.Address }

// ParseDestination reads what String writes.
func ParseDestination(text string) Destination {
	place, address, _ := strings.Cut(text, " ")
	return Destination{Place: place, Address: address}
}

// MovedError says that a ledger was moved into another store. It can be read, and nothing
// is written to it any more.
type MovedError struct {
	Path string
	To   Destination
}

func (e *MovedError) Error() string {
	return fmt.Sprintf("ledger %q was moved to %q, and is paid from there alone", e.Path, e.To.Address)
}

// Is makes errors.Is(err, ErrMoved) hold.
func (e *MovedError) Is(target error) bool { return target == ErrMoved }
