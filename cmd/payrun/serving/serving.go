package serving

import (
	"crypto/rand"
	"time"

	"github.com/spf13/cobra"

	"payrun/batch/access"
	"payrun/cmd/payrun/session"
)

// Commands are those of one invocation of payrun.
type Commands struct{ *session.Opener }

// All are the commands, in the order in which they are listed.
func (c Commands) All() []*cobra.Command {
	return []*cobra.Command{c.serve(), c.token(), c.hook(), c.notices()}
}

// keeper keeps the tokens of a ledger.
func keeper(store access.Store) *access.Keeper { return access.New(store, time.Now, rand.Reader) }
