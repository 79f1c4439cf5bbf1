package serving

import (
	"github.com/spf13/cobra"

	"payrun/cmd/payrun/remote"
)

// at does something at the server that the settings name, if they do, with the flags that it is
// told. It reports false where the ledger is meant.
func (c Commands) at(cmd *cobra.Command, do func(*remote.Desk) error, told ...string) (asked bool, err error) {
	if asked, err := c.Remote(cmd, told...); err != nil || !asked {
		return asked, err
	}
	desk, err := remote.Open(c.Settings, c.Version)
	if err != nil {
		return true, err
	}
	defer desk.Close()
	return true, do(desk)
}
