// Package prepare has the commands that come before a payment: an empty file to fill in,
// copies with what a file lacks, its columns, the rules by which all are checked, settings
// and manual pages. They send nothing and record nothing in the ledger.
package prepare

import (
	"errors"

	"github.com/spf13/cobra"

	"payrun/cmd/payrun/session"
)

// Commands are those of one invocation of payrun.
type Commands struct{ *session.Opener }

// All are the commands, in the order in which they are listed.
func (c Commands) All() []*cobra.Command {
	return []*cobra.Command{c.template(), c.columns(), c.ids(), c.fix(), c.rules(), c.config(), c.manual()}
}

// ErrRefused ends a command that has said already what is wrong with a file.
var ErrRefused = errors.New("the file is refused")
