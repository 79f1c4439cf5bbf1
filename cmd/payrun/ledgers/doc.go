// Package ledgers has the commands about a ledger as a whole: whether it holds together,
// copies of it and their way back, and who is at work in one that machines share. They send
// nothing.
package ledgers

import (
	"github.com/spf13/cobra"

	"payrun/cmd/payrun/session"
)

// Commands are those of one invocation of payrun.
type Commands struct{ *session.Opener }

// All are the commands, in the order in which they are listed.
func (c Commands) All() []*cobra.Command { return []*cobra.Command{c.ledger(), c.worker()} }
