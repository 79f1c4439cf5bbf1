package httpapi

import (
	"context"
	"errors"
	"strconv"

	"payrun/batch/intake"
	"payrun/batch/intake/table"
	"payrun/batch/service"
	"payrun/ledger"
)

// incoming is a file on its way into a batch.
type incoming struct {
	*createInput
	uploaded

	id   ledger.BatchID
	file *table.File
	to   *service.Service
	// checked is the result of its last check, and rows tells which rows the ledger had then.
	checked *service.Checked
	rows    string
}

// checksMax is how many files are checked at once. The others wait.
const checksMax = 2

// errMoved is returned when other rows came into the ledger since a file was checked.
var errMoved = errors.New("other rows came in since the file was checked")

// bringIn has a file checked, and entered unless it is only to be checked. It is checked beside
// whatever else is done, and entered alone: if other rows came in meanwhile it is checked again. A call
// that was answered before is not done again.
func (s *server) bringIn(ctx context.Context, c call, f *incoming, out *CreatedBatch) (replayed string, err error) {
	if replayed, err = s.repeated(ctx, c, out); err != nil || replayed != "" {
		return replayed, err
	}
	defer func() {
		if f.file != nil {
			_ = f.file.Close() // which was only read
		}
	}()
	for {
		if err := s.check(ctx, f); err != nil {
			return "", err
		}
		if f.Check {
			return "", judge(ctx, f, out)
		}
		replayed, err = s.once(ctx, c, out, func() error { return s.enter(ctx, f, out) })
		if !errors.Is(err, errMoved) {
			return replayed, err
		}
	}
}

// check checks a file against the ledger as it is, when it is its turn.
func (s *server) check(ctx context.Context, f *incoming) (err error) {
	if err := s.checks.Acquire(ctx, 1); err != nil {
		return err
	}
	defer s.checks.Release(1)
	if f.file == nil {
		reading, err := f.reading()
		if err != nil {
			return problemOf(ctx, codeRequest, err.Error())
		}
		if f.file, err = table.Open(f.Path, reading); err != nil {
			return s.unreadable(ctx, intake.FileFailure(err))
		}
	}
	if f.rows, err = s.rowsEntered(ctx); err != nil {
		return err
	}
	if f.checked, err = f.to.Check(ctx, f.file, f.checking(f.id)); err != nil {
		return s.unreadable(ctx, err)
	}
	return nil
}

// rowsEntered tells one set of rows that the ledger has from another: by the files that they came
// from, and how many of each were taken.
func (s *server) rowsEntered(ctx context.Context) (string, error) {
	batches, err := s.Store.Batches(ctx)
	if err != nil {
		return "", err
	}
	var all []string
	for _, b := range batches {
		all = append(all, string(b.ID), b.SHA256, strconv.FormatBool(b.Sealed), strconv.Itoa(b.Accepted.Count), strconv.Itoa(b.Rejected.Count))
	}
	return digest(all...), nil
}

// judge tells what was found in a file, and refuses one that is not taken as it is.
func judge(ctx context.Context, f *incoming, out *CreatedBatch) error {
	out.Found = findingsOf(ctx, f.checked)
	if f.checked.Verdict(f.SkipInvalid) == service.Payable {
		return nil
	}
	p := problemOf(ctx, codeFile, "the file is not taken as it is")
	p.File = &out.Found
	return p
}

// enter makes the rows of a file durable that was checked, unless others came in since.
func (s *server) enter(ctx context.Context, f *incoming, out *CreatedBatch) error {
	switch rows, err := s.rowsEntered(ctx); {
	case err != nil:
		return err
	case rows != f.rows:
		return errMoved
	}
	if err := judge(ctx, f, out); err != nil {
		return err
	}
	if err := s.submit(ctx, f); err != nil {
		return err
	}
	batch, err := s.batch(ctx, f.id)
	out.Batch = &batch
	return err
}

// submit makes the rows durable, with nothing released. Rows that enter a known batch come
// in between payments, and so does what asks the provider first.
func (s *server) submit(ctx context.Context, f *incoming) error {
	if err := f.to.Admissible(ctx, f.checked); err != nil {
		return err
	}
	said := service.ControlTotals{}
	if f.Corrections > 0 {
		said.Corrections = &f.Corrections
	}
	if err := said.Check(f.checked.Valid, len(f.checked.Corrections), true); err != nil {
		return err
	}
	enrol := func() error {
		if _, _, err := f.to.BringIn(ctx, s.actor(ctx), f.checked, f.Name); err != nil {
			return err
		}
		return f.Keep(s.Files)
	}
	switch _, err := s.Store.Batch(ctx, f.id); {
	case errors.Is(err, ledger.ErrNotFound):
		return enrol()
	case err != nil:
		return err
	}
	return s.Payroll.Between(ctx, enrol)
}
