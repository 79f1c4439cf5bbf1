package settings

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"

	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
)

// settingsFile is a configuration file that was read.
type settingsFile struct {
	origin origin
	// values are those of the file, by flag.
	values map[string]any
}

// shown is the name of the file for a person: as they named it, or where it was found.
func (f settingsFile) shown() string {
	if f.origin.kind == fromFoundFile {
		return "." + string(filepath.Separator) + f.origin.name
	}
	return f.origin.name
}

// mayBeFound are the settings that a file takes effect with although nobody named it:
// how results look, how fast requests go, where reports are written. What says whose
// money goes where, or what is checked before, a person says: folders come from
// archives and shares, and a file in them is somebody else's word. A key's file is not
// among them: it could be any file of the person's, whose content would leave with the
// first request, or the key of a stranger's account.
//
//nolint:gochecknoglobals // a table that nothing writes to
var mayBeFound = map[string]bool{
	"output": true, "log-format": true, "log-level": true, "log-file": true, "lang": true, "no-progress": true, "time-zone": true,
	"strict": true, "rate": true, "workers": true, "poll-min": true, "poll-max": true, "wait": true,
	"report": true, "csv-locale": true, "format": true,
	"journal-code": true, "journal-detail": true,
	"account-beneficiaries": true, "account-wallet": true, "account-fees": true,
	"company": true, "payees": true,
	"no-descriptions": true,
}

// ofOneRun are the flags that speak of one run or one file: answers to what it found
// there, control totals, which payouts are meant, what is written. In a file they would
// answer for every later run, which nobody looked at, so no file sets them.
//
//nolint:gochecknoglobals // a table that nothing writes to
var ofOneRun = map[string]bool{
	"config": true,
	"yes":    true, "adopt": true, "new-ledger": true, "allow-partial": true,
	"repeat-ok": true, "hidden": true, "skip-invalid": true,
	"expect-count": true, "expect-total": true, "expect-corrections": true, "expect-head": true,
	"not-before": true,
	"batch":      true, "only": true, "except": true, "removed": true, "cancelled": true, "state": true,
	"paid": true, "not-paid": true, "because": true, "forget": true,
	"annotate": true, "problems": true, "out": true, "prefix": true, "statement": true,
	"write": true, "signature": true, "reason": true,
	"full-name": true, "role": true, "public-key": true, "origin": true, "valid-after": true, "valid-before": true,
}

// OfOneRun lists the flags that no file may set, since they speak of one run.
func OfOneRun() []string { return slices.Sorted(maps.Keys(ofOneRun)) }

// refuseOfOneRun refuses a file, named or found, that answers for every run.
func (s *Settings) refuseOfOneRun(file settingsFile) error {
	for _, key := range slices.Sorted(maps.Keys(file.values)) {
		if ofOneRun[key] {
			return ui.Usage(s.Text("settings.of_one_run", "file", file.shown(), "key", Key(key)),
				s.Text("settings.of_one_run_hint", "flag", "--"+key))
		}
	}
	return nil
}

// refuseUnasked refuses a file that was found and sets what a person has to say.
func (s *Settings) refuseUnasked(file settingsFile) error {
	if file.origin.kind != fromFoundFile {
		return nil
	}
	var refused []string
	for key := range file.values {
		if !mayBeFound[key] {
			refused = append(refused, key)
		}
	}
	if len(refused) == 0 {
		return nil
	}
	slices.Sort(refused)
	key := refused[0]
	return ui.Usage(s.Text("settings.unasked", "file", file.shown(), "key", Key(key)),
		s.Text("settings.unasked_hint", "file", file.shown(), "flag", "--"+key, "variable", envName(key)))
}

// readSettings returns the text of a configuration file, nothing if none was named
// and none is there.
func (s *Settings) readSettings(from origin) ([]byte, error) {
	found := from.kind == fromFoundFile
	file, err := fsx.Open(from.name)
	switch {
	case found && errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, ui.UsageOf(fmt.Errorf("read the configuration: %w", err))
	}
	defer file.Close() //nolint:errcheck // only read
	info, err := file.Stat()
	if err != nil {
		return nil, ui.UsageOf(fmt.Errorf("read the configuration: %w", err))
	}
	if found {
		if err := s.refuseStrangers(settingsFile{origin: from}, info); err != nil {
			return nil, err
		}
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, ui.UsageOf(fmt.Errorf("read the configuration: %w", err))
	}
	return text, nil
}

// refuseStrangers refuses a found file that somebody else wrote or may write.
func (s *Settings) refuseStrangers(file settingsFile, info fs.FileInfo) error {
	switch {
	case !info.Mode().IsRegular():
		return ui.Usage(s.Text("settings.no_file", "file", file.shown()))
	case !fsx.OwnedByUser(info):
		return ui.Usage(s.Text("settings.foreign", "file", file.shown()), s.Text("settings.foreign_hint", "file", file.shown()))
	case fsx.OthersMayWrite(info):
		return ui.Usage(s.Text("settings.writable", "file", file.shown()), "chmod go-w "+file.origin.name)
	}
	return nil
}
