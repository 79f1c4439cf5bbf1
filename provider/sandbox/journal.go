package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// journal is the books on disk: one line of JSON per transfer, written before
// the transfer is answered. Lines survive the end of the process, not a power
// cut: they are not synced. It is not safe for concurrent use.
type journal struct {
	file *os.File
	err  error // sticky: what was written after a failure could not be read
}

// errJournalClosed is returned for a write to a closed journal.
var errJournalClosed = errors.New("the books are closed")

// errNoBooks is returned for a folder or a pipe where books were to be.
var errNoBooks = errors.New("books are kept in an ordinary file")

// openJournal replays the books and leaves them open for appending.
func (s *Sandbox) openJournal(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the user's own file
	if err != nil {
		return err
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return errors.Join(fmt.Errorf("%s: %w", path, errNoBooks), err, file.Close())
	}
	s.journal = &journal{file: file}
	if err := s.replay(file); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	return nil
}

// replay enters every line and cuts a torn last one off: nobody was answered
// for it.
func (s *Sandbox) replay(file *os.File) error {
	text, err := io.ReadAll(file)
	if err != nil {
		return err
	}
	whole := bytes.LastIndexByte(text, '\n') + 1
	for number, line := range bytes.Split(text[:whole], []byte{'\n'}) {
		if len(line) == 0 {
			continue
		}
		var t transfer
		if err := json.Unmarshal(line, &t); err != nil {
			return fmt.Errorf("line %d: %w", number+1, err)
		}
		if err := t.check(); err != nil {
			return fmt.Errorf("line %d: %w", number+1, err)
		}
		if t.account == (account{}) { // written when there was one account only
			t.account = account{s.tokens.merchants[0].Key, "Sandbox"}
		}
		s.enter(&t)
		key := counter{transferSubject, t.TransactionID}
		s.counters[key] = max(s.counters[key], t.Nth)
	}
	if err := file.Truncate(int64(whole)); err != nil {
		return err
	}
	_, err = file.Seek(int64(whole), io.SeekStart)
	return err
}

func (j *journal) write(t *transfer) error {
	if j.err != nil {
		return j.err
	}
	line, err := json.Marshal(t)
	if err == nil {
		_, err = j.file.Write(append(line, '\n'))
	}
	j.err = err
	return err
}

func (j *journal) close() error {
	if errors.Is(j.err, errJournalClosed) {
		return nil
	}
	j.err = errJournalClosed
	return j.file.Close()
}
