package audit

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	"payrun/ledger"
	"payrun/ledger/canonical"
)

// logRead is the log of a folder as far as it was read.
type logRead struct {
	// past are the hashes of the events of which earlier heads are, as far as they are here.
	past map[uint64]string
	replay
	listed int
}

// log follows the chain of heads from its first line, with the chains of the batch and of
// the ledger beside it, and replays the events of both.
func (v *verifier) log(ctx context.Context, check *Check) error {
	v.read.past = map[uint64]string{}
	v.read.replay = newReplay(v.index())
	f := follower{verifier: v}
	defer f.close()
	for _, one := range []struct {
		name string
		into **lines
	}{{fileHeads, &f.heads}, {fileBatchLog, &f.batch}, {fileLedgerLog, &f.own}, {fileList, &f.list}} {
		opened, err := openLines(v.folder, one.name, CheckLog)
		if err != nil {
			return wrong(CheckLog, one.name, err)
		}
		*one.into = opened
	}
	if err := f.follow(ctx); err != nil {
		return err
	}
	check.Count = f.heads.number + f.batch.number + f.own.number
	v.read.listed = f.list.number
	return nil
}

// follower reads the files of a log side by side.
type follower struct {
	*verifier

	heads, batch, own, list *lines
	// of has the chains as far as they were followed.
	numbers, ofBatch, ofOwn ledger.Chain
	ownSeen                 bool
}

func (f *follower) close() {
	for _, one := range []*lines{f.heads, f.batch, f.own, f.list} {
		if one != nil {
			_ = one.file.Close() // only read
		}
	}
}

func (f *follower) follow(ctx context.Context) error {
	for f.heads.next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.head(ctx, f.heads.line); err != nil {
			return err
		}
	}
	for _, one := range []*lines{f.heads, f.batch, f.own, f.list} {
		if one.next() && one.err == nil {
			one.err = errors.New("nothing leads to this line")
		}
		if one.err != nil {
			return one.wrong(one.err)
		}
	}
	index := f.index()
	if hash := hex.EncodeToString(f.numbers.Hash[:]); f.numbers.Count != index.LastEvent || hash != index.Head {
		return f.heads.wrong(fmt.Errorf("it ends with event %d and the hash %s, and %s says %d and %s",
			f.numbers.Count, hash, fileIndex, index.LastEvent, index.Head))
	}
	return nil
}

// head follows one line of the chain of heads.
func (f *follower) head(ctx context.Context, line []byte) error {
	head, err := ledger.ParseHeadLine(line)
	if err != nil {
		return f.heads.wrong(err)
	}
	if f.heads.number == 1 {
		if err := f.begin(head); err != nil {
			return f.heads.wrong(err)
		}
	}
	if head.Event != f.numbers.Count+1 || !f.numbers.Follow(line, head.Previous) {
		return f.heads.wrong(errors.New("it does not follow the line before"))
	}
	hash := hex.EncodeToString(f.numbers.Hash[:])
	f.remember(head.Event, hash)
	var event ledger.Event
	switch head.Batch {
	case f.index().Batch:
		event, err = f.event(f.batch, &f.ofBatch, head)
	case "":
		if err := f.skipOwn(ctx, head); err != nil {
			return err
		}
		event, err = f.event(f.own, &f.ofOwn, head)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	event.Sequence, event.Hash = head.Event, hash
	return f.read.take(ctx, event, f.list)
}

// begin takes in where the chain of heads begins: with a line of the ledger's own, so that
// all of those hang on it, or with the first event of all.
func (f *follower) begin(first ledger.HeadLine) error {
	if first.Event != f.index().FirstEvent || first.Event == 0 {
		return fmt.Errorf("it begins with event %d, and %s says %d", first.Event, fileIndex, f.index().FirstEvent)
	}
	if first.Batch != "" && first.Event != 1 {
		return errors.New("it begins neither with the ledger's first event nor with one of its own")
	}
	f.numbers = ledger.Chain{Count: first.Event - 1, Hash: first.Previous}
	if first.Event == 1 && first.Previous != [sha256.Size]byte{} {
		return errors.New("there is nothing before the first event")
	}
	f.remember(first.Event-1, hex.EncodeToString(first.Previous[:]))
	return nil
}

// remember keeps the hash of an event that somebody asks about.
func (f *follower) remember(event uint64, hash string) {
	for _, past := range f.known.Past {
		if past.Head.Events == event {
			f.read.past[event] = hash
		}
	}
}

// skipOwn takes in the ledger's own events from before the chain of heads begins. Their
// numbers are not there; their order is.
func (f *follower) skipOwn(ctx context.Context, first ledger.HeadLine) error {
	if f.ownSeen {
		return nil
	}
	f.ownSeen = true
	for f.ofOwn.Count+1 < first.Place {
		event, err := f.event(f.own, &f.ofOwn, ledger.HeadLine{Place: f.ofOwn.Count + 1})
		if err != nil {
			return err
		}
		event.Sequence = event.Place
		if err := f.read.take(ctx, event, f.list); err != nil {
			return err
		}
	}
	return nil
}

// event reads the next line of a chain of events, which is the one of a head; that of a
// head without a hash is the one that the next line names.
func (f *follower) event(from *lines, chain *ledger.Chain, head ledger.HeadLine) (ledger.Event, error) {
	if !from.next() {
		err := from.err
		if err == nil {
			err = fmt.Errorf("event %d is missing behind this line", head.Event)
		}
		return ledger.Event{}, from.wrong(err)
	}
	event, previous, err := ledger.ParseLine(from.line)
	switch {
	case err != nil:
	case !chain.Follow(from.line, previous) || event.Place != chain.Count:
		err = errors.New("it does not follow the line before")
	case event.Batch != head.Batch || event.Place != head.Place || (head.Event > 0 && head.Line != chain.Hash):
		err = fmt.Errorf("it is not the line of event %d", head.Event)
	}
	if err != nil {
		return event, from.wrong(err)
	}
	return event, nil
}

// lines reads a file line by line, with their line feeds.
type lines struct {
	name    string
	check   CheckName
	file    *os.File
	scanner *bufio.Scanner
	number  int
	line    []byte
	err     error
}

// lineMax bounds a line.
const lineMax = 1 << 20

func openLines(folder, name string, check CheckName) (*lines, error) {
	file, err := open(at(folder, name))
	if err != nil {
		return nil, err
	}
	l := &lines{name: name, check: check, file: file, scanner: bufio.NewScanner(file)}
	l.scanner.Buffer(nil, lineMax)
	l.scanner.Split(canonical.WholeLines)
	return l, nil
}

// next reads the next line; false at the end, and at an error.
func (l *lines) next() bool {
	if l.err != nil || !l.scanner.Scan() {
		if l.err == nil {
			l.err = l.scanner.Err()
		}
		return false
	}
	l.number++
	l.line = l.scanner.Bytes()
	return true
}

// wrong is an error about the line that was read last.
func (l *lines) wrong(err error) error {
	return &WrongError{Check: l.check, File: l.name, Line: l.number, Err: err}
}
