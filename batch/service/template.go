package service

import (
	"payrun/batch/intake/annotate"
	"payrun/batch/intake/template"
	"payrun/internal/fsx"
)

// Template writes an empty file to fill in, in words that the caller gives. No file is
// replaced: fsx.ErrTaken. The other errors are annotate.ErrFormat, *fsx.CreateError and
// those of writing.
func (s *Service) Template(o CopyOptions, words template.Words) error {
	format, err := annotate.FormatOf(o.Path)
	if err != nil {
		return err
	}
	if !fsx.Missing(o.Path) {
		return fsx.ErrTaken
	}
	out, err := fsx.NewPendingFile(o.Path)
	if err != nil {
		return err
	}
	defer out.Discard() //nolint:errcheck // what is complete has its name
	if format == annotate.XLSX {
		err = template.XLSX(out, s.config.Rules, words)
	} else {
		err = template.CSV(out, words, o.Separator)
	}
	if err != nil {
		return err
	}
	return out.Complete()
}
