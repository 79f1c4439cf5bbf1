package boltledger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"payrun/internal/fsx"
	"payrun/ledger"
)

// Restored tells what Restore did.
type Restored struct {
	// Kept is the path at which the file that was replaced lies now, empty if there
	// was none.
	Kept string
	// Backup is the verification of the copy.
	Backup ledger.Verification
}

// Restore puts a copy in a ledger's place, in one step and durably. The copy is
// verified first, and is marked as restored: what is queued in it is looked up before
// its first send. What lay there before is kept under another name, even if it is
// damaged. It returns the errors of Open for the copy, and a *ledger.LockedError if
// another process has the ledger open.
//
// The backup itself is only read.
func Restore(ctx context.Context, path, backup string, by ledger.Person, now time.Time) (Restored, error) {
	release, err := keepOut(path)
	if err != nil {
		return Restored{}, err
	}
	defer release()
	temporary, err := copyBeside(path, backup)
	if err != nil {
		return Restored{}, err
	}
	defer os.Remove(temporary) //nolint:errcheck // its name is gone if all went well
	done, err := markRestored(ctx, temporary, backup, by, now)
	if err != nil {
		return Restored{}, err
	}
	if done.Kept, err = keepAside(path, now); err != nil {
		return Restored{}, err
	}
	if err := fsx.Replace(temporary, path); err != nil {
		return Restored{}, fmt.Errorf("put the copy in place: %w", err)
	}
	return done, fsx.Sync(filepath.Dir(path))
}

// Look reports what keeps a file from being a backup, as far as its beginning tells: that
// it is not there, or no ledger. It is only read.
func Look(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err //nolint:wrapcheck // names the path
	case !info.Mode().IsRegular():
		return &ledger.NoLedgerError{Path: path, Kind: kindOf(info.Mode())}
	}
	return checkImage(path, time.Second)
}

// keepOut holds the lock of what lies at a path, which need not be a ledger any more,
// so that no run pays from it meanwhile.
func keepOut(path string) (release func(), err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return func() {}, nil
	case err != nil:
		return nil, &ledger.AccessError{Path: path, Err: err}
	case !info.Mode().IsRegular():
		return nil, &ledger.NoLedgerError{Path: path, Kind: kindOf(info.Mode())}
	}
	file, err := fsx.Open(path)
	if err != nil {
		return nil, &ledger.AccessError{Path: path, Err: err}
	}
	if err := lockAlone(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() { _ = file.Close() }, nil // only read; closing lets go of the lock
}

// copyBeside copies a backup into the folder of a ledger, durably.
func copyBeside(path, backup string) (temporary string, err error) {
	info, err := os.Stat(backup)
	switch {
	case err != nil:
		return "", &ledger.AccessError{Path: backup, Err: err}
	case !info.Mode().IsRegular():
		return "", &ledger.NoLedgerError{Path: backup, Kind: kindOf(info.Mode())}
	}
	from, err := fsx.Open(backup)
	if err != nil {
		return "", &ledger.AccessError{Path: backup, Err: err}
	}
	defer from.Close() //nolint:errcheck // only read
	to, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".restored-*")
	if err != nil {
		return "", &ledger.AccessError{Path: path, Err: err}
	}
	_, err = io.Copy(to, from)
	if err := errors.Join(err, to.Sync(), to.Close()); err != nil {
		return "", errors.Join(fmt.Errorf("copy %q: %w", backup, err), os.Remove(to.Name()))
	}
	return to.Name(), nil
}

// markRestored verifies a copy and records that it was put back. Errors name the
// backup, which a person knows.
func markRestored(ctx context.Context, temporary, backup string, by ledger.Person, now time.Time) (done Restored, err error) {
	store, err := Open(temporary, Options{})
	if err != nil {
		return Restored{}, renamed(err, backup)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if done.Backup, err = store.Verify(ctx); err != nil {
		return Restored{}, renamed(err, backup)
	}
	return done, store.Record(ctx, ledger.Act{Code: ledger.ActRestored, At: now, By: by})
}

// renamed has an error about a temporary file speak of what it was made of.
func renamed(err error, path string) error {
	if found, ok := errors.AsType[*ledger.CorruptError](err); ok {
		found.Path = path
	}
	if found, ok := errors.AsType[*ledger.NoLedgerError](err); ok {
		found.Path = path
	}
	if found, ok := errors.AsType[*ledger.FormatError](err); ok {
		found.Path = path
	}
	return err
}

// keepAside gives what lies at a path a second name, if anything does, and returns it.
// The first stays until something takes its place, so that it is never missing.
func keepAside(path string, now time.Time) (kept string, err error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	kept = path + ".before-" + now.UTC().Format("20060102T150405Z")
	if err := os.Link(path, kept); err != nil {
		return "", fmt.Errorf("keep what lay there: %w", err)
	}
	return kept, nil
}
