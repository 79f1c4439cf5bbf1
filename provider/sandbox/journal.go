package sandbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"payrun/internal/placeindex"
)

// indexSuffix follows the name of books in that of their index.
const indexSuffix = ".index"

// journal is an archive on disk: one line of JSON per transfer, written before the
// transfer is answered. Lines survive the end of the process, not a power cut: they are
// not synced. A place is where a line begins.
//
// In memory are the names of the last transfers. Those of the others are in an index
// beside the file, which can be derived from it.
type journal struct {
	file  *os.File
	size  int64
	lines int64
	err   error // sticky: what was written after a failure could not be read
	index *placeindex.Index
	// recent counts the transfers that the index has in memory.
	recent int
	// owner is the account of lines that were written when there was one only.
	owner account
	// every is how many transfers the index grows by: what a start reads again at most.
	every int
	// state encodes the sums of the books, for the index to keep.
	state func() ([]byte, error)
}

// indexEvery is a journal's every: 10 MB of lines, which are read in 0.1 s.
const indexEvery = 16_384

// errJournalClosed is returned for a write to a closed journal.
var errJournalClosed = errors.New("the books are closed")

// errNoBooks is returned for a folder or a pipe where books were to be.
var errNoBooks = errors.New("books are kept in an ordinary file")

// openJournal opens books for appending. What the index lacks is read and given to
// enter, after restore was given the state that the index has, if it has one.
func openJournal(path string, owner account, restore func(state []byte) error, enter func(*transfer),
	state func() ([]byte, error),
) (*journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the user's own file
	if err != nil {
		return nil, err
	}
	j := &journal{file: file, owner: owner, every: indexEvery, state: state}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, errNoBooks), err, file.Close())
	}
	if j.index, err = placeindex.Open(path+indexSuffix, file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if err := j.replay(restore, enter); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), j.close())
	}
	return j, nil
}

// replay enters every line that the index does not have, and cuts a torn last one off:
// nobody was answered for it.
func (j *journal) replay(restore func([]byte) error, enter func(*transfer)) error {
	if mark := j.index.Mark(); mark.Count > 0 {
		if err := restore(mark.State); err != nil {
			return err
		}
		j.size, j.lines = mark.Covered, mark.Count
	}
	in := bufio.NewReaderSize(io.NewSectionReader(j.file, j.size, 1<<62), lineUsual)
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if len(line) > 1 {
			t, err := j.decode(line)
			if err != nil {
				return fmt.Errorf("line %d: %w", j.lines+1, err)
			}
			enter(t)
			j.name(t)
		}
		j.size, j.lines = j.size+int64(len(line)), j.lines+1
		j.indexRecent()
	}
	return j.file.Truncate(j.size)
}

// lineUsual is more than the bytes of nearly every line.
const lineUsual = 4096

// decode reads a line that a sandbox wrote.
func (j *journal) decode(line []byte) (*transfer, error) {
	var t transfer
	if err := json.Unmarshal(line, &t); err != nil {
		return nil, err
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	if t.account == (account{}) {
		t.account = j.owner
	}
	return &t, nil
}

func (j *journal) add(t *transfer) error {
	if j.err != nil {
		return j.err
	}
	j.indexRecent()
	line, err := json.Marshal(t)
	if err == nil {
		_, err = j.file.WriteAt(append(line, '\n'), j.size)
	}
	if err != nil {
		j.err = err
		return err
	}
	j.name(t)
	j.size, j.lines = j.size+int64(len(line))+1, j.lines+1
	return nil
}

// indexRecent moves the names of the last transfers into the index, if they are many. All
// of them were entered by then. Where an index cannot be written they stay in memory, until
// there are as many again.
func (j *journal) indexRecent() {
	if j.recent == 0 || j.recent%j.every != 0 {
		return
	}
	state, err := j.state()
	if err != nil {
		return
	}
	if j.index.PutAway(placeindex.Mark{Covered: j.size, Count: j.lines, State: state}) == nil {
		j.recent = 0
	}
}

// name has the index find a transfer whose line is the next.
func (j *journal) name(t *transfer) {
	for _, name := range t.names() {
		j.index.Add(name, j.size)
	}
	j.recent++
}

func (j *journal) named(reference string) ([]*transfer, error) {
	places, err := j.index.Find(reference)
	if err != nil {
		return nil, err
	}
	var found []*transfer
	for _, place := range places {
		t, err := j.at(place)
		if err != nil {
			return nil, err
		}
		if slices.Contains(t.names(), reference) {
			found = append(found, t)
		}
	}
	return found, nil
}

// at reads the transfer whose line begins at a place.
func (j *journal) at(place int64) (*transfer, error) {
	in := bufio.NewReaderSize(io.NewSectionReader(j.file, place, j.size-place), lineUsual/4)
	line, err := in.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("read the books at %d: %w", place, err)
	}
	t, err := j.decode(line)
	if err != nil {
		return nil, fmt.Errorf("read the books at %d: %w", place, err)
	}
	return t, nil
}

func (j *journal) page(from, end int64) (some []*transfer, next int64, err error) {
	in := bufio.NewReaderSize(io.NewSectionReader(j.file, from, j.size-from), 1<<16)
	for next = from; next < end && len(some) < pageMax; {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return nil, next, fmt.Errorf("read the books at %d: %w", next, err)
		}
		if len(bytes.TrimSpace(line)) > 0 {
			t, err := j.decode(line)
			if err != nil {
				return nil, next, fmt.Errorf("read the books at %d: %w", next, err)
			}
			some = append(some, t)
		}
		next += int64(len(line))
	}
	return some, next, nil
}

func (j *journal) end() int64 { return j.size }

func (j *journal) close() error {
	if errors.Is(j.err, errJournalClosed) {
		return nil
	}
	j.err = errJournalClosed
	return errors.Join(j.file.Close(), j.index.Close())
}
