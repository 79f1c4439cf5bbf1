package inbox

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"payrun/batch/intake/table"
	"payrun/internal/fsx"
	"payrun/ledger"
)

// ErrUnknown is returned for a file that is not there, or is somebody else's.
var ErrUnknown = errors.New("there is no such upload")

// ErrFull is returned to somebody who has brought in too many files and submitted none.
var ErrFull = errors.New("too many uploads wait: submit or remove some")

// The bounds of what is kept.
const (
	// KeptFor is how long a file is kept that nobody submits.
	KeptFor = 7 * 24 * time.Hour
	// EachMax is how many files of one person wait.
	EachMax = 20
)

// Upload is a file that somebody brought in.
type Upload struct {
	// ID is random, and no part of it comes from the sender.
	ID string
	// Name is the file's, as its sender calls it, Batch what the batch is to be called.
	Name  string
	Batch ledger.BatchID
	// By is the person who brought it in.
	By     string
	At     time.Time
	Size   int64
	SHA256 string
	Choices
}

// Choices are the word of a person about a file so far. The zero value has said nothing.
type Choices struct {
	// Sheet, Hidden and Columns say how it is read; columns count from 0.
	Sheet   string              `json:",omitempty"`
	Hidden  table.Hidden        `json:",omitempty"`
	Columns map[table.Field]int `json:",omitempty"`
	// RestoreZero puts back the zero that a spreadsheet dropped, SkipInvalid takes the rows that
	// are right without the others.
	RestoreZero, SkipInvalid bool `json:",omitempty"`
	// Repeats is how many rows repeat a payment and shall be paid, nil if that is not answered.
	Repeats *int `json:",omitempty"`
	// Against is the batch that it is compared with, empty for the last comparable one.
	Against ledger.BatchID `json:",omitempty"`
}

// Inbox is the files that wait, in a folder. It is safe for concurrent use, also by several
// processes.
type Inbox struct {
	folder string
	clock  func() time.Time
}

// Within returns the inbox within the folder of uploads.
func Within(files string, clock func() time.Time) *Inbox {
	return &Inbox{folder: filepath.Join(files, "waiting"), clock: clock}
}

// The names within the folder of an upload.
const (
	contentName = "content"
	choicesName = "upload.json"
)

// Add takes a file in that was received in the folder of uploads.
func (b *Inbox) Add(got Received, name string, batch ledger.BatchID, by string) (Upload, error) {
	if err := b.sweep(); err != nil {
		return Upload{}, err
	}
	waiting, err := b.List(by)
	if err != nil {
		return Upload{}, err
	}
	if len(waiting) >= EachMax {
		return Upload{}, ErrFull
	}
	u := Upload{
		ID: newID(), Name: BaseName(name), Batch: batch, By: by, At: b.clock().UTC().Truncate(time.Second), Size: got.Size, SHA256: got.SHA256,
	}
	const ownerOnly = 0o700
	if err := os.MkdirAll(b.path(u.ID), ownerOnly); err != nil {
		return Upload{}, fmt.Errorf("keep the upload: %w", err)
	}
	err = os.Rename(got.Path, b.Content(u))
	if err == nil {
		err = b.Put(u)
	}
	if err != nil {
		return Upload{}, errors.Join(fmt.Errorf("keep the upload: %w", err), b.Remove(u))
	}
	return u, nil
}

func newID() string {
	const bits = 128
	id := make([]byte, bits/8)
	_, _ = rand.Read(id) // it never fails
	return hex.EncodeToString(id)
}

// valid reports whether an id is one that newID makes: whatever else is asked for leads
// nowhere.
func valid(id string) bool {
	decoded, err := hex.DecodeString(id)
	return err == nil && len(decoded) == 128/8 && hex.EncodeToString(decoded) == id
}

func (b *Inbox) path(id string, names ...string) string {
	return filepath.Join(append([]string{b.folder, id}, names...)...)
}

// Content is where the bytes of an upload lie.
func (b *Inbox) Content(u Upload) string { return b.path(u.ID, contentName) }

// Get returns an upload of a person, or ErrUnknown.
func (b *Inbox) Get(id, by string) (Upload, error) {
	if !valid(id) {
		return Upload{}, ErrUnknown
	}
	u, err := b.read(id)
	if errors.Is(err, fs.ErrNotExist) || err == nil && (u.By != by || b.old(u)) {
		return Upload{}, ErrUnknown
	}
	return u, err
}

func (b *Inbox) read(id string) (u Upload, err error) {
	text, err := os.ReadFile(b.path(id, choicesName))
	if err != nil {
		return u, fmt.Errorf("read an upload: %w", err)
	}
	if err := json.Unmarshal(text, &u); err != nil || u.ID != id {
		return u, fmt.Errorf("upload %s is damaged: %w", id, errors.Join(err, fs.ErrInvalid))
	}
	return u, nil
}

func (b *Inbox) old(u Upload) bool { return b.clock().Sub(u.At) > KeptFor }

// Put keeps what was said of an upload.
func (b *Inbox) Put(u Upload) error {
	text, err := json.Marshal(u)
	if err != nil {
		return err
	}
	const ownerOnly = 0o600
	return fsx.WriteFile(b.path(u.ID, choicesName), text, ownerOnly)
}

// List returns the uploads of a person, the newest first.
func (b *Inbox) List(by string) ([]Upload, error) {
	var found []Upload
	err := b.each(func(u Upload) error {
		if u.By == by && !b.old(u) {
			found = append(found, u)
		}
		return nil
	})
	slices.SortStableFunc(found, func(a, c Upload) int { return c.At.Compare(a.At) })
	return found, err
}

// each visits every upload; one that goes away meanwhile, or is damaged, is passed over.
func (b *Inbox) each(visit func(Upload) error) error {
	entries, err := os.ReadDir(b.folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the uploads: %w", err)
	}
	for _, entry := range entries {
		if !valid(entry.Name()) {
			continue
		}
		u, err := b.read(entry.Name())
		if err != nil {
			continue
		}
		if err := visit(u); err != nil {
			return err
		}
	}
	return nil
}

// sweep removes what is too old.
func (b *Inbox) sweep() error {
	return b.each(func(u Upload) error {
		if !b.old(u) {
			return nil
		}
		return b.Remove(u)
	})
}

// Keep gives the bytes of a submitted upload their lasting name in the folder of uploads, and
// takes it out of the inbox.
func (b *Inbox) Keep(u Upload) error {
	if err := (Received{Path: b.Content(u), SHA256: u.SHA256}).Keep(filepath.Dir(b.folder)); err != nil {
		return err
	}
	return b.Remove(u)
}

// Remove takes an upload out of the inbox.
func (b *Inbox) Remove(u Upload) error { return os.RemoveAll(b.path(u.ID)) }

// Scratch begins a file beside an upload, for a copy of it, which is removed with the folder that it
// lies in. Its name has the ending, which says its format.
func (b *Inbox) Scratch(u Upload, ending string) (path string, remove func(), err error) {
	folder, err := os.MkdirTemp(b.path(u.ID), "copy-*")
	if err != nil {
		return "", nil, fmt.Errorf("begin a copy: %w", err)
	}
	return filepath.Join(folder, "copy"+ending), func() { _ = os.RemoveAll(folder) }, nil
}

// Same reports whether two uploads are the same bytes with the same choices.
func (u Upload) Same(other Upload) bool { return reflect.DeepEqual(u, other) }
