package anchor

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"payrun/internal/fsx"
)

// An anchor's file has two slots of one size. A change is written into the older one
// and synced: a write that is cut short damages what nobody needs, and the file's
// length and its folder stay as they are, which makes a change one sync instead of
// the three of a new file and its new name. Each slot is a line of JSON, a line with
// its SHA-256, and spaces, so that a person can read it.
const (
	slotSize = 8 << 10
	slots    = 2
)

// errDamaged is returned for a file of which no slot can be understood.
var errDamaged = errors.New("the anchor is damaged")

// slot is one half of the file. Generation counts the writes.
type slot struct {
	Generation uint64 `json:"generation"`
	Anchor
}

func (s slot) encode() ([]byte, error) {
	line, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(line)
	text := fmt.Appendf(line, "\n%x\n", sum)
	if len(text) > slotSize {
		return nil, fmt.Errorf("%d bytes do not fit into an anchor", len(text))
	}
	return append(text, bytes.Repeat([]byte{' '}, slotSize-len(text))...), nil
}

func decodeSlot(text []byte) (slot, bool) {
	line, rest, _ := bytes.Cut(text, []byte{'\n'})
	sum, _, _ := bytes.Cut(rest, []byte{'\n'})
	expected := sha256.Sum256(line)
	if string(sum) != hex.EncodeToString(expected[:]) {
		return slot{}, false
	}
	var s slot
	if err := json.Unmarshal(line, &s); err != nil || !s.valid() {
		return slot{}, false
	}
	return s, true
}

// read returns what an anchor's file says. It takes the file of its own user or of
// the system's administrator only: anybody else's may have been put there to vouch
// for an old ledger.
func read(path string) (Anchor, error) {
	file, err := openPlain(path, os.O_RDONLY)
	if err != nil {
		return Anchor{}, err
	}
	defer file.Close() //nolint:errcheck // only read
	newest, _, err := newestSlot(file)
	return newest.Anchor, err
}

// openPlain opens a regular file of a trusted owner, without waiting for anybody: a
// FIFO would wait for a writer.
func openPlain(path string, flags int) (*os.File, error) {
	file, err := os.OpenFile(path, flags|fsx.NoWaiting|fsx.NoFollowing, fileMode) //nolint:gosec // the folder of anchors, readable by all
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && (!info.Mode().IsRegular() || !fsx.OwnedByUser(info)) {
		err = fmt.Errorf("%w: it is no file of this user", errDamaged)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// newestSlot returns the slot that counts and the index of the one to write next.
func newestSlot(file io.ReaderAt) (newest slot, next int64, err error) {
	found := false
	for i := range int64(slots) {
		text := make([]byte, slotSize)
		if _, err := file.ReadAt(text, i*slotSize); err != nil && !errors.Is(err, io.EOF) {
			return slot{}, 0, err
		}
		if s, ok := decodeSlot(text); ok && (!found || s.Generation > newest.Generation) {
			newest, next, found = s, (i+1)%slots, true
		}
	}
	if !found {
		return slot{}, 0, errDamaged
	}
	return newest, next, nil
}

// mayReplace returns why what a file says must stay, nil if a new anchor may take its
// place. It is given the error of reading it, too.
type mayReplace func(newest Anchor, err error) error

// advance writes an anchor into its file.
func advance(ctx context.Context, path string, now Anchor, may mayReplace) error {
	if !now.valid() {
		return fmt.Errorf("%d events cannot have the head %q", now.Head.Events, now.Head.Hash)
	}
	file, err := openPlain(path, os.O_RDWR)
	if errors.Is(err, fs.ErrNotExist) {
		if err := create(path); err != nil {
			return err
		}
		file, err = openPlain(path, os.O_RDWR)
	}
	if err != nil {
		return err
	}
	// Closing the file lets go of the lock.
	if err := lockInTime(ctx, file); err != nil {
		return errors.Join(err, file.Close())
	}
	return errors.Join(advanceLocked(file, now, may), file.Close())
}

// An anchor is locked for one write, so whoever holds it longer was stopped, or its disk
// was. It is at work on the same ledger or on a copy, and may go on at any moment: that is
// reason enough to leave the rest to it.
const (
	lockMax  = 5 * time.Second
	lockPoll = 10 * time.Millisecond
)

// lockInTime waits until no other process changes the file. It returns an
// *OvertakenError if one takes too long.
func lockInTime(ctx context.Context, file *os.File) error {
	for deadline := time.Now().Add(lockMax); ; {
		locked, err := fsx.TryLock(file)
		if locked || err != nil {
			return err
		}
		if !time.Now().Before(deadline) {
			newest, _, _ := newestSlot(file)
			return &OvertakenError{By: newest.Anchor}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lockPoll):
		}
	}
}

func advanceLocked(file *os.File, now Anchor, may mayReplace) error {
	newest, next, err := newestSlot(file)
	if may := may(newest.Anchor, err); may != nil {
		return may
	}
	if err != nil && !errors.Is(err, errDamaged) { // what cannot be read vouches for nothing
		return err
	}
	text, err := slot{Generation: newest.Generation + 1, Anchor: now}.encode()
	if err != nil {
		return err
	}
	if _, err := file.WriteAt(text, next*slotSize); err != nil {
		return err
	}
	return syncData(file)
}

// create makes an empty file of its full size, durably: name and length are on disk
// before anything is written into it.
func create(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|fsx.NoWaiting|fsx.NoFollowing, fileMode) //nolint:gosec // holds no secret
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil && info.Size() < slots*slotSize {
		_, err = file.WriteAt([]byte{' '}, slots*slotSize-1)
	}
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return fsx.Sync(filepath.Dir(path))
}
