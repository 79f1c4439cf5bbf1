package ui

import (
	"errors"

	"payrun/batch/intake/annotate"
	"payrun/batch/intake/findings"
	"payrun/internal/fsx"
)

// WordCopyError words what keeps a copy or a list from being written. Other errors stay as
// they are.
func (u *UI) WordCopyError(err error) error {
	if created, is := errors.AsType[*fsx.CreateError](err); is {
		return UsageOf(created, u.Text("copy.place_hint"))
	}
	if output, is := errors.AsType[*findings.OutputError](err); is {
		switch {
		case errors.Is(err, annotate.ErrFormat):
			return Usage(u.Text("copy.format", "file", "--annotate "+output.Path), u.Text("copy.format_hint"))
		case errors.Is(err, fsx.ErrTaken) && output.List:
			return Usage(u.Text("taken.problems", "file", output.Path), u.Text("taken.hint"))
		case errors.Is(err, fsx.ErrTaken):
			return Usage(u.Text("taken.annotate", "file", output.Path), u.Text("taken.remove_hint"))
		default:
			return UsageOf(output.Err)
		}
	}
	switch {
	case errors.Is(err, annotate.ErrMacros), errors.Is(err, annotate.ErrTooLarge):
		return UsageOf(err)
	case errors.As(err, new(*annotate.WriteError)):
		return Advise(Worded(u.foreign(u.Text("copy.unwritten"), err), err), u.Text("copy.space_hint"))
	default:
		return err
	}
}
