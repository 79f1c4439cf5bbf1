// Package mapping is about the columns that a person had to choose between: what each
// would come to, and what was answered before about a file with the same titles.
//
// An answer is kept for the user who gave it, in a file of YAML for each shape (see
// table.ShapeOf) that can be read, and taken back by deleting it. It is used only
// while the columns in question are those it was given about. Files that somebody
// else could have written are not believed. The package asks nobody and prints
// nothing.
package mapping

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/goccy/go-yaml"

	"payrun/batch/intake/table"
)

// ErrNotTrusted is returned for answers that another user could have written.
var ErrNotTrusted = errors.New("another user can write there")

// ErrDamaged is returned for answers that cannot be understood.
var ErrDamaged = errors.New("not what payrun wrote there")

// ErrNoFolder is returned by Remember for a user who has no folder for settings.
var ErrNoFolder = errors.New("there is no folder for settings")

// Store keeps answers in a folder. Several processes may use it at once: each answer
// replaces its file as a whole.
type Store struct {
	folder  string
	trusted func(fs.FileInfo) bool
}

// Open returns the store in a folder, which need not exist; an empty name is a store
// that holds nothing. The function says of the
// folder and of each file whether only its user can write there.
func Open(folder string, trusted func(fs.FileInfo) bool) *Store {
	return &Store{folder, trusted}
}

// place names a column by its title, and where several have the same one by which of
// them it is, counted from 1. Letters would change with the column that payrun adds.
type place struct {
	Title string `yaml:"title"`
	Which int    `yaml:"which,omitempty"`
}

// answer is the column that was chosen for a field.
type answer struct {
	Column place `yaml:"column"`
	// Among are the columns that could be the field.
	Among []place `yaml:"among"`
	// File is the name of the file that was asked about, At when.
	File string    `yaml:"file"`
	At   time.Time `yaml:"at"`
}

// record is the content of a file.
type record struct {
	Titles  []string               `yaml:"titles"`
	Columns map[table.Field]answer `yaml:"columns"`
}

const heading = `# Which columns payrun takes in files with these titles, as somebody answered.
# Delete this file, or run payrun columns FILE --forget, and payrun asks again.
`

// extension ends the name of a file of answers.
const extension = ".yaml"

// Path returns the file in which the answers about a shape are. Its name is the
// beginning of the digest; read holds the titles in it against the whole.
func (s *Store) Path(shape string) string {
	const enough = 16
	return filepath.Join(s.folder, shape[:min(len(shape), enough)]+extension)
}

// Recall returns what was answered about files with these titles, nothing if that
// never was. The error is ErrNotTrusted, ErrDamaged or the system's; a file is read
// without the answers then.
func (s *Store) Recall(info table.Info) (map[table.Field]table.Recollection, error) {
	kept, err := s.read(info.Shape)
	if err != nil {
		return nil, err
	}
	recalled := make(map[table.Field]table.Recollection)
	for field, given := range kept.Columns {
		column := given.Column.in(info.Columns)
		if column < 0 {
			return nil, fmt.Errorf("%s: %w: no column is titled %q", s.Path(info.Shape), ErrDamaged, given.Column.Title)
		}
		one := table.Recollection{Column: column}
		for _, other := range given.Among {
			if at := other.in(info.Columns); at >= 0 {
				one.Among = append(one.Among, at)
			}
		}
		recalled[field] = one
	}
	return recalled, nil
}

// read returns the answers about a shape, none if there is no file.
func (s *Store) read(shape string) (record, error) {
	path := s.Path(shape)
	if s.folder == "" {
		return record{}, nil
	}
	err := s.check(path)
	if errors.Is(err, fs.ErrNotExist) {
		return record{}, nil
	}
	if err != nil {
		return record{}, err
	}
	file, err := os.Open(path) //nolint:gosec // the name is a digest
	if err != nil {
		return record{}, fmt.Errorf("read what was answered before: %w", err)
	}
	defer file.Close() //nolint:errcheck // only read
	const most = 1 << 20
	text, err := io.ReadAll(io.LimitReader(file, most))
	if err != nil {
		return record{}, fmt.Errorf("read what was answered before: %w", err)
	}
	var kept record
	if err := yaml.UnmarshalWithOptions(text, &kept, yaml.Strict()); err != nil {
		return record{}, fmt.Errorf("%s: %w", path, ErrDamaged)
	}
	if table.ShapeOf(kept.Titles) != shape {
		return record{}, fmt.Errorf("%s: %w: it is about other titles", path, ErrDamaged)
	}
	return kept, nil
}

// check refuses a file that another user can write or replace. In a folder that is
// the user's own nobody can exchange it afterwards.
func (s *Store) check(path string) error {
	folder, err := os.Stat(s.folder)
	if err != nil {
		return fmt.Errorf("look at what was answered before: %w", err)
	}
	file, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("look at what was answered before: %w", err)
	}
	if !file.Mode().IsRegular() || !s.trusted(file) || !s.trusted(folder) {
		return fmt.Errorf("%s: %w", path, ErrNotTrusted)
	}
	return nil
}

// Remember keeps the answers that a person gave about a file: those of its decisions
// that were in doubt and that Options.Map or File.Choose settled. It reports whether
// there was any that was not known. Nothing is kept where Recall does not believe.
func (s *Store) Remember(info table.Info, name string, at time.Time) (kept bool, err error) {
	before, err := s.read(info.Shape)
	if err != nil && !errors.Is(err, ErrDamaged) {
		return false, err
	}
	now := record{Titles: info.Shaping(), Columns: make(map[table.Field]answer)}
	maps.Copy(now.Columns, before.Columns)
	changed := false
	for _, d := range info.Decisions {
		given, ok := answerTo(d, info.Columns)
		if !ok || now.Columns[d.Field].same(given) {
			continue
		}
		given.File, given.At = name, at.UTC().Truncate(time.Second)
		now.Columns[d.Field], changed = given, true
	}
	if !changed {
		return false, nil
	}
	if err := s.write(info.Shape, now); err != nil {
		return false, err
	}
	return true, nil
}

// answerTo returns a person's answer to a doubt about a field, if that is what
// settled it.
func answerTo(d table.Decision, titles []string) (answer, bool) {
	answered := d.Why == table.WhyMapped || d.Why == table.WhyChosen
	if !answered || !d.Doubtful() || len(d.Columns) != 1 {
		return answer{}, false
	}
	given := answer{Column: placeOf(d.Columns[0], titles)}
	for _, c := range d.Candidates {
		given.Among = append(given.Among, placeOf(c.Column, titles))
	}
	return given, true
}

func (a answer) same(other answer) bool {
	return a.Column == other.Column && slices.Equal(a.Among, other.Among)
}

// write replaces the file of a shape.
func (s *Store) write(shape string, content record) (err error) {
	const ownFolder = 0o700
	if s.folder == "" {
		return ErrNoFolder
	}
	text, err := yaml.Marshal(content)
	if err != nil {
		return fmt.Errorf("write what was answered: %w", err)
	}
	if err := os.MkdirAll(s.folder, ownFolder); err != nil {
		return fmt.Errorf("write what was answered: %w", err)
	}
	folder, err := os.Stat(s.folder)
	if err == nil && !s.trusted(folder) {
		err = fmt.Errorf("%s: %w", s.folder, ErrNotTrusted)
	}
	if err != nil {
		return fmt.Errorf("write what was answered: %w", err)
	}
	file, err := os.CreateTemp(s.folder, ".answer-*")
	if err != nil {
		return fmt.Errorf("write what was answered: %w", err)
	}
	_, err = file.Write(append([]byte(heading), text...))
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), s.Path(shape))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write what was answered: %w", err), os.Remove(file.Name()))
	}
	return nil
}

// Forget takes back what was answered about a shape, and reports whether there was
// anything.
func (s *Store) Forget(shape string) (bool, error) {
	if s.folder == "" {
		return false, nil
	}
	err := os.Remove(s.Path(shape))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("forget what was answered: %w", err)
	}
	return true, nil
}

// placeOf names a column.
func placeOf(column int, titles []string) place {
	p := place{Title: titles[column]}
	same := 0
	for i, title := range titles {
		if title != p.Title {
			continue
		}
		if same++; i == column {
			p.Which = same
		}
	}
	if same == 1 {
		p.Which = 0
	}
	return p
}

// in returns the column that a place names, -1 if there is none.
func (p place) in(titles []string) int {
	same := 0
	for i, title := range titles {
		if title != p.Title {
			continue
		}
		if same++; same == max(p.Which, 1) {
			return i
		}
	}
	return -1
}
