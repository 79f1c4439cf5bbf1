package anchor

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// MachineWide is where anchors lie if every user of the machine shares them.
const MachineWide = "/var/lib/payrun/anchors"

// extension ends the name of an anchor's file.
const extension = ".anchor"

const (
	folderMode fs.FileMode = 0o755
	fileMode   fs.FileMode = 0o644
)

// ErrLedgerID is returned for an identity that cannot name a file.
var ErrLedgerID = errors.New("a ledger's identity is made of letters, digits and hyphens")

// Head is where an audit log stands: the number of its events and the hash of the
// last, in hex, empty for a log without events.
type Head struct {
	Events uint64 `json:"events"`
	Hash   string `json:"hash"`
}

// Anchor is a note about a ledger that lies outside it.
type Anchor struct {
	// Ledger is the ledger's identity, Account the account it pays from. The
	// account's key is no part of it: a second ledger for the same account is
	// noticed whichever key it uses.
	Ledger  string `json:"ledger"`
	Account string `json:"account"`
	Head    Head   `json:"head"`
	// Path is the ledger's absolute path or address, Host and User who wrote it.
	Path string `json:"path"`
	Host string `json:"host"`
	User string `json:"user"`
	// At is when the anchor was advanced, in UTC.
	At time.Time `json:"at"`
}

// Folder holds the anchors of any number of ledgers and accounts. It is safe for
// concurrent use, by several processes too.
type Folder struct {
	// read lists the folders that are looked into, written is the one that new
	// anchors go to, empty if none can be written.
	read    []string
	written string
	// refused is why the preferred folders cannot be written, nil if the first can.
	refused error
}

// Open takes the folders in the order in which they are preferred. All are read;
// the first that can be written, or made, takes the anchors. That none can is no
// error: Writable tells.
func Open(folders ...string) *Folder {
	f := &Folder{read: folders}
	for _, folder := range folders {
		err := tryWriting(folder)
		if err == nil {
			f.written = folder
			return f
		}
		f.refused = errors.Join(f.refused, err)
	}
	return f
}

// Reading takes folders to look into, and writes to none.
func Reading(folders ...string) *Folder { return &Folder{read: folders} }

// Writable returns the folder that anchors go to, or why there is none.
func (f *Folder) Writable() (string, error) {
	if f.written != "" {
		return f.written, nil
	}
	if f.refused == nil {
		return "", errors.New("no folder for anchors was named")
	}
	return "", f.refused
}

// tryWriting makes the folder if need be and a file in it, which is taken away
// again.
func tryWriting(folder string) error {
	if err := os.MkdirAll(folder, folderMode); err != nil {
		return fmt.Errorf("make the folder for anchors: %w", err)
	}
	file, err := os.CreateTemp(folder, ".try-*")
	if err != nil {
		return fmt.Errorf("write to the folder for anchors: %w", err)
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// record writes where a ledger stands, durably, if what stands there may be replaced.
// If it cannot be written it is removed as far as that is possible, so that it does not
// vouch later for a copy made in between.
func (f *Folder) record(ctx context.Context, now Anchor, may mayReplace) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	folder, err := f.Writable()
	if err != nil {
		return err
	}
	path, err := pathOf(folder, now.Ledger)
	if err != nil {
		return err
	}
	err = advance(ctx, path, now, may)
	if errors.Is(err, ErrOvertaken) || errors.Is(err, errAhead) {
		return err // the anchor is another process's, and stays
	}
	if err != nil {
		return errors.Join(fmt.Errorf("advance the anchor %q: %w", path, err), f.Forget(now.Ledger))
	}
	return nil
}

// Forget removes what is known of a ledger, in every folder, so that nothing vouches
// for it. It is no error if nothing was known.
func (f *Folder) Forget(ledgerID string) error {
	var failed error
	for _, folder := range f.read {
		path, err := pathOf(folder, ledgerID)
		if err != nil {
			return err
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = errors.Join(failed, fmt.Errorf("remove the anchor: %w", err))
		}
	}
	return failed
}

// File returns where the anchor lies that Of returns, empty if there is none.
func (f *Folder) File(ledgerID string) string {
	newest, _, _, err := f.Of(ledgerID)
	if err != nil {
		return ""
	}
	for _, folder := range f.read {
		path, err := pathOf(folder, ledgerID)
		if err != nil {
			return ""
		}
		if one, err := read(path); err == nil && one.same(newest) {
			return path
		}
	}
	return ""
}

// Of returns the anchor of a ledger, the one furthest ahead if several folders have
// one. Damaged lists the files that could not be understood; they count as none.
func (f *Folder) Of(ledgerID string) (found Anchor, known bool, damaged []string, err error) {
	for _, folder := range f.read {
		path, err := pathOf(folder, ledgerID)
		if err != nil {
			return Anchor{}, false, nil, err
		}
		switch one, err := read(path); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil || one.Ledger != ledgerID:
			damaged = append(damaged, path)
		case !known || one.Head.Events > found.Head.Events:
			found, known = one, true
		}
	}
	return found, known, damaged, nil
}

// Ledgers returns the anchors of every ledger known for an account, the one advanced
// last first. An empty account stands for all. Damaged lists the files that could not
// be understood.
func (f *Folder) Ledgers(account string) (found []Anchor, damaged []string) {
	newest := map[string]Anchor{}
	for _, folder := range f.read {
		paths, err := filepath.Glob(filepath.Join(escapeGlob(folder), "*"+extension))
		if err != nil {
			continue // the pattern is ours
		}
		for _, path := range paths {
			one, err := read(path)
			if err != nil || one.Ledger+extension != filepath.Base(path) {
				damaged = append(damaged, path)
				continue
			}
			if before, known := newest[one.Ledger]; !known || one.Head.Events > before.Head.Events {
				newest[one.Ledger] = one
			}
		}
	}
	for _, one := range newest {
		if account == "" || one.Account == account {
			found = append(found, one)
		}
	}
	slices.SortFunc(found, func(a, b Anchor) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Ledger, b.Ledger))
	})
	return found, damaged
}

// escapeGlob keeps a folder's own "*" and "[" from standing for other folders.
func escapeGlob(folder string) string {
	if filepath.Separator == '\\' {
		return folder
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(folder)
}

func pathOf(folder, ledgerID string) (string, error) {
	if ledgerID == "" || strings.ContainsFunc(ledgerID, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) {
		return "", fmt.Errorf("%w: %q", ErrLedgerID, ledgerID)
	}
	return filepath.Join(folder, ledgerID+extension), nil
}

// valid reports whether an anchor that was read can have been written here.
func (a Anchor) valid() bool {
	_, err := hex.DecodeString(a.Head.Hash)
	return err == nil && a.Ledger != "" && (a.Head.Hash == "") == (a.Head.Events == 0)
}
