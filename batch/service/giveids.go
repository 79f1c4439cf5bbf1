package service

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"payrun/batch/intake"
	"payrun/batch/intake/annotate"
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/internal/fsx"
	"payrun/ledger"
)

// CopyOptions say where a copy of a file goes.
type CopyOptions struct {
	// Path is the copy's name, which says its format too.
	Path string
	// Separator is that of a CSV for the reader's spreadsheet.
	Separator rune
}

// GiveIDsOptions say how the rows of a file get ids.
type GiveIDsOptions struct {
	Copy CopyOptions
	// Name is that of the file, which gives the prefix of its ids.
	Name string
	// Prefix begins the ids in place of what the file says.
	Prefix string
}

// GivenIDs is a copy in which each payment has an id.
type GivenIDs struct {
	// Rows counts those of the file, Given those that got an id, and Passed those without
	// one that pay nobody.
	Rows, Given, Passed int
	First, Last         ledger.TransactionID
	// Known counts the rows that the ledger has already, Recent those that were paid
	// under another id lately.
	Known, Recent int
}

// ErrNoIDsLacking is returned for a file each of whose payments has an id.
var ErrNoIDsLacking = errors.New("every payment has an id already")

// UncutRowError is a row whose cells cannot be told apart, so that it can be given no id.
type UncutRowError struct {
	Row int
	// Code is the problem's.
	Code string
}

func (e *UncutRowError) Error() string { return fmt.Sprintf("row %d: %s", e.Row, e.Code) }

// KnownIDsError is a file whose ids the ledger knows with other content.
type KnownIDsError struct {
	Conflicts []*ledger.ConflictError
}

func (e *KnownIDsError) Error() string {
	return fmt.Sprintf("%d ids are known with other content, the first: %v", len(e.Conflicts), e.Conflicts[0])
}

// Unwrap returns the first conflict.
func (e *KnownIDsError) Unwrap() error { return e.Conflicts[0] }

// GiveIDs copies a file that was opened WithoutIDs and gives every payment the id it
// lacks. The same file always gets the same ids. A copy that is there is not replaced by
// another: fsx.ErrTaken. The other errors are those above, *intake.FileError,
// intake.ErrNoPrefix, intake.ErrPrefix, and those of package annotate.
func (s *Service) GiveIDs(ctx context.Context, file *table.File, o GiveIDsOptions) (GivenIDs, error) {
	format, err := annotate.FormatOf(o.Copy.Path)
	if err != nil {
		return GivenIDs{}, err
	}
	identified, err := s.sequence(ctx, file, o)
	if err != nil {
		return GivenIDs{}, err
	}
	out, err := fsx.NewPendingFile(o.Copy.Path)
	if err != nil {
		return GivenIDs{}, err
	}
	defer out.Discard() //nolint:errcheck // what is complete has its name
	copied, err := annotate.Begin(ctx, file, out, annotate.Options{
		Format: format, Separator: o.Copy.Separator, Folder: filepath.Dir(o.Copy.Path), Path: o.Copy.Path,
		Column: annotate.Column{Title: string(table.FieldTransactionID), At: slices.Index(file.Info().Fields, table.FieldTransactionID), Fill: true},
	})
	if err != nil {
		return GivenIDs{}, annotate.Failure(err)
	}
	defer copied.Close() //nolint:errcheck // finished, or given up
	given, err := s.identify(ctx, file, copied, identified)
	if err != nil {
		return given, err
	}
	if err := copied.Finish(); err != nil {
		return given, annotate.Failure(fmt.Errorf("write the copy: %w", err))
	}
	return given, out.CompleteNew()
}

// sequence reads the file once for the ids that it has, and begins after them.
func (s *Service) sequence(ctx context.Context, file *table.File, o GiveIDsOptions) (intake.WithIDs, error) {
	headers := file.Info().Headers
	identified := intake.WithIDs{File: file, Pays: func(row table.Row) bool {
		return s.config.Rules.Kind(row, headers) == rules.KindPerson
	}}
	var ids []string
	var finder intake.SequenceFinder
	lacking := 0
	for row, err := range file.Rows(ctx) {
		if err != nil {
			return identified, intake.FileFailure(err)
		}
		if slices.Contains(rules.NotCut(), row.Problem) {
			return identified, &UncutRowError{row.Number, row.Problem}
		}
		if identified.Lacks(row) {
			lacking++
		}
		if id := row.TransactionID.Text; id != "" && identified.Pays(row) {
			ids = append(ids, strings.Clone(id))
			finder.Add(ids[len(ids)-1])
		}
	}
	if lacking == 0 {
		return identified, ErrNoIDsLacking
	}
	sequence, err := beginSequence(&finder, s.config.Rules, o)
	if err != nil {
		return identified, err
	}
	for _, id := range ids {
		sequence.Reserve(id)
	}
	identified.IDs = sequence
	return identified, nil
}

// beginSequence returns the sequence that a person asked for, that stands in the file, or
// that the file's name gives.
func beginSequence(finder *intake.SequenceFinder, set *rules.Set, o GiveIDsOptions) (*intake.IDSequence, error) {
	prefix := o.Prefix
	if prefix == "" {
		if sequence, found := finder.Sequence(set); found {
			return sequence, nil
		}
		var err error
		if prefix, err = intake.PrefixFromFile(o.Name); err != nil {
			return nil, err
		}
	}
	return intake.NewIDSequence(prefix, set)
}

// identify writes each payment's id and compares the file with the ledger.
func (s *Service) identify(ctx context.Context, file *table.File, copied *annotate.Copy, identified intake.WithIDs) (GivenIDs, error) {
	var given GivenIDs
	in := intake.InspectOptions{
		Checker: rules.NewValidator(s.config.Rules, rules.Options{Headers: file.Info().Headers}),
		Fees:    s.config.Rules.Fee, File: identified,
		Problem: func(p rules.Problem) {
			if p.Code == rules.CodeRepeatedRecently {
				given.Recent++
			}
		},
		Row: func(row table.Row, _ []rules.Problem) error {
			id := row.TransactionID.Text
			if id == "" {
				given.Passed++
			}
			if !identified.IDs.Owns(id) {
				return nil
			}
			if given.Given++; given.Given == 1 {
				given.First = ledger.TransactionID(id)
			}
			given.Last = ledger.TransactionID(id)
			return annotate.Failure(copied.Row(row.Number, annotate.Note{Text: id}))
		},
	}
	found, err := s.inspectAt(ctx, file, in)
	if err != nil {
		return given, err
	}
	if len(found.Conflicts) > 0 {
		return given, &KnownIDsError{found.Conflicts}
	}
	given.Rows, given.Known = found.Rows, found.Known.Total().Count
	return given, nil
}

// inspectAt inspects a file, and holds it against the ledger as it stands, if there is
// one.
func (s *Service) inspectAt(ctx context.Context, file *table.File, in intake.InspectOptions) (found intake.Inspection, err error) {
	if s.config.Ledger == nil {
		return intake.Inspect(ctx, in)
	}
	err = s.config.Ledger.View(ctx, func(at ledger.View) (err error) {
		in.History = &intake.History{
			Ledger: at, Rules: s.config.Rules, Now: s.config.Clock(), Headers: file.Info().Headers,
		}
		found, err = intake.Inspect(ctx, in)
		return err
	})
	return found, err
}
