package audit

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"payrun/ledger"
)

// writeLog writes the chain of the batch, that of the ledger's own, and as much of the
// chain of heads as shows where both stand: from the last event of the ledger's own before
// the batch began, or from the first event of all, to the end.
func (e *exporter) writeLog(ctx context.Context) (err error) {
	var w logWriter
	defer func() { err = errors.Join(err, w.close()) }()
	for _, one := range []struct {
		name string
		file **output
	}{{fileBatchLog, &w.batch}, {fileLedgerLog, &w.own}, {fileHeads, &w.heads}} {
		if *one.file, err = e.create(one.name); err != nil {
			return err
		}
	}
	w.of, w.chains = e.Batch.ID, map[ledger.BatchID]*ledger.Chain{}
	for event, err := range e.store.Events(ctx, 0) {
		if err == nil {
			err = w.write(event)
		}
		if err != nil {
			return err
		}
	}
	head := w.linker.Heads
	e.index.FirstEvent, e.index.LastEvent, e.index.Head = w.first, head.Count, hex.EncodeToString(head.Hash[:])
	if e.index.LastEvent != e.Header.Events || e.index.Head != e.Header.Head {
		return ErrMoved
	}
	return nil
}

// logWriter chains the events of a ledger anew, and writes those that are wanted.
type logWriter struct {
	batch, own, heads *output
	of                ledger.BatchID
	// first is the number of the first event among the heads.
	first  uint64
	begun  bool // the batch has an event
	linker ledger.Linker
	chains map[ledger.BatchID]*ledger.Chain
	line   []byte
}

func (w *logWriter) write(event ledger.Event) error {
	chain := w.chains[event.Batch]
	if chain == nil {
		chain = &ledger.Chain{}
		w.chains[event.Batch] = chain
	}
	previous, before := chain.Hash, w.linker.Heads.Hash
	linked := event
	w.linker.Link(&linked, chain)
	if hash := hex.EncodeToString(w.linker.Heads.Hash[:]); linked.Sequence != event.Sequence || linked.Place != event.Place || hash != event.Hash {
		return fmt.Errorf("%w: event %d is not the one that was chained", ledger.ErrReplay, event.Sequence)
	}
	to := w.own
	switch event.Batch {
	case w.of:
		to, w.begun = w.batch, true
	case "":
	default:
		to = nil
	}
	if to != nil {
		w.line = linked.AppendLine(w.line[:0], previous)
		if _, err := to.Write(w.line); err != nil {
			return err
		}
	}
	if event.Batch == "" && !w.begun {
		w.first = 0
		if err := w.heads.restart(); err != nil {
			return err
		}
	}
	if w.first == 0 {
		w.first = linked.Sequence
	}
	w.line = ledger.HeadLine{
		Event: linked.Sequence, Batch: linked.Batch, Place: linked.Place, Line: chain.Hash, Previous: before,
	}.AppendLine(w.line[:0])
	_, err := w.heads.Write(w.line)
	return err
}

func (w *logWriter) close() error {
	var err error
	for _, file := range []*output{w.batch, w.own, w.heads} {
		if file != nil {
			err = errors.Join(err, file.close())
		}
	}
	return err
}
