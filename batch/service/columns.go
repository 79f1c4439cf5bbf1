package service

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"payrun/batch/intake"
	"payrun/batch/intake/mapping"
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger/money"
)

// Column is one column of a file.
type Column struct {
	// Name is its letter in a spreadsheet, Title what heads it.
	Name, Title string
	// Field is the field that the column is taken for, or could be if Taken is false;
	// empty for one that is ignored.
	Field table.Field
	Taken bool
	Why   table.Why
	Unit  string
	// Weight is empty where the file was not read for it.
	mapping.Weight
}

// Columns are all columns of a file.
type Columns struct {
	List []Column
	// Open are the fields of which it is open which column is meant, Missing those that
	// no title names.
	Open, Missing []table.Field
	// Currency is that of the sums, the one of the rules.
	Currency money.Currency
}

// Columns tells what each column of a file is taken for, and why, and reads it to the
// end for what they hold.
func (s *Service) Columns(ctx context.Context, file *table.File) (Columns, error) {
	return s.columns(ctx, file, nil)
}

// columns is Columns, and counts the rows as they are read.
func (s *Service) columns(ctx context.Context, file *table.File, read *atomic.Int64) (Columns, error) {
	weights, currency, err := s.weigh(ctx, file, read)
	if err != nil {
		return Columns{}, intake.FileFailure(err)
	}
	info := file.Info()
	c := Columns{Currency: currency}
	for i, title := range info.Columns {
		c.List = append(c.List, Column{Name: table.ColumnName(i), Title: title, Weight: weights[i]})
	}
	for _, d := range info.Decisions {
		for _, candidate := range d.Candidates {
			column := &c.List[candidate.Column]
			if d.Open() && column.Field == "" {
				column.Field, column.Why = d.Field, candidate.Why
			}
			column.Unit = candidate.Unit
		}
	}
	for _, d := range info.Decisions {
		for _, at := range d.Columns {
			c.List[at].Field, c.List[at].Why, c.List[at].Taken = d.Field, d.Why, true
		}
	}
	if header := (*table.HeaderError)(nil); errors.As(file.Undecided(), &header) {
		c.Missing = header.Missing
		for _, d := range header.Open {
			c.Open = append(c.Open, d.Field)
		}
	}
	return c, nil
}

// TakenColumns lists the columns that are read for a field, and why.
func TakenColumns(info table.Info) []Column {
	var taken []Column
	for _, d := range info.Decisions {
		for _, at := range d.Columns {
			taken = append(taken, Column{Name: table.ColumnName(at), Title: info.Columns[at], Field: d.Field, Taken: true, Why: d.Why})
		}
	}
	return taken
}

// RecallColumns settles which column is which by what was answered about such a file
// before. It returns where that is kept, empty if there was nothing. The file can be used
// as it is after an error.
func (s *Service) RecallColumns(file *table.File) (where string, err error) {
	if s.config.Answers == nil {
		return "", nil
	}
	before, err := s.config.Answers.Recall(file.Info())
	file.Recall(before)
	if len(before) == 0 {
		return "", err
	}
	return s.config.Answers.Path(file.Info().Shape), err
}

// RememberColumns keeps what a person said of a file's columns for the next one like it,
// with the name of this one. It returns where that is kept, empty if there was nothing
// new. The error is one of package mapping.
func (s *Service) RememberColumns(file *table.File, name string) (where string, err error) {
	if s.config.Answers == nil {
		return "", nil
	}
	kept, err := s.config.Answers.Remember(file.Info(), name, s.now())
	if !kept {
		return "", err
	}
	return s.config.Answers.Path(file.Info().Shape), err
}

// ForgetColumns takes back what was answered about such files, and returns where that
// was, or would be, kept.
func (s *Service) ForgetColumns(info table.Info) (forgotten bool, where string, err error) {
	forgotten, err = s.config.Answers.Forget(info.Shape)
	return forgotten, s.config.Answers.Path(info.Shape), err
}

// ColumnQuestion asks which of several columns a field is.
type ColumnQuestion struct {
	Field   table.Field
	Choices []ColumnChoice
}

// ColumnChoice is a column that a field could be.
type ColumnChoice struct {
	table.Candidate
	// Name is the column's name in table.Options.Map.
	Name string
	// Weight sums up the column's contents.
	mapping.Weight
}

// Misleading reports whether all choices are columns whose titles say that their figures
// are no francs to be paid. Those are not offered.
func (q ColumnQuestion) Misleading() bool {
	return q.Field == table.FieldAmount &&
		!slices.ContainsFunc(q.Choices, func(c ColumnChoice) bool { return c.Unit == "" })
}

// ColumnQuestions returns what has to be asked about a file's columns, nothing if all is
// clear; File.Choose takes the answers. The error is a *intake.FileError for a file of
// which no answer helps.
func (s *Service) ColumnQuestions(ctx context.Context, file *table.File) ([]ColumnQuestion, error) {
	undecided := file.Undecided()
	if undecided == nil {
		return nil, nil
	}
	var header *table.HeaderError
	if !errors.As(undecided, &header) || len(header.Open) == 0 {
		return nil, intake.FileFailure(undecided)
	}
	weights, _, err := s.weigh(ctx, file, nil)
	if err != nil {
		return nil, intake.FileFailure(err)
	}
	var questions []ColumnQuestion
	for _, d := range header.Open {
		q := ColumnQuestion{Field: d.Field}
		for i, name := range header.Names(d) {
			c := d.Candidates[i]
			q.Choices = append(q.Choices, ColumnChoice{Candidate: c, Name: name, Weight: weights[c.Column]})
		}
		questions = append(questions, q)
	}
	return questions, nil
}

// weigh reads what the columns hold, as amounts of the currency that it returns: that of
// the rules, or of the built-in ones where a file is asked about before its rules are known.
func (s *Service) weigh(ctx context.Context, file *table.File, read *atomic.Int64) ([]mapping.Weight, money.Currency, error) {
	set := s.config.Rules
	if set == nil {
		builtin, err := rules.Default()
		if err != nil {
			return nil, "", err
		}
		set = builtin
	}
	weights, err := mapping.Weigh(ctx, file, set.Currency(), read)
	return weights, set.Currency(), err
}
