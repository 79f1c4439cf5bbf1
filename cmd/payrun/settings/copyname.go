package settings

import (
	"payrun/batch/intake/annotate"
	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
)

// CheckCopyName refuses a name that is none for a copy of the file; suggested is a command
// with one.
func (s *Settings) CheckCopyName(path, out, suggested string) error {
	switch _, err := annotate.FormatOf(out); {
	case out == "":
		return ui.Usage(s.Text("ids.no_out"), suggested)
	case fsx.SameFile(path, out):
		return ui.Usage(s.Text("ids.itself"), suggested)
	case err != nil:
		return ui.Usage(s.Text("copy.format", "file", "--out "+out), suggested)
	default:
		return nil
	}
}
