package approvals

import (
	"context"

	"github.com/spf13/cobra"

	"payrun/batch/service"
	"payrun/cmd/payrun/session"
)

// Commands are those of one invocation of payrun.
type Commands struct{ *session.Opener }

// All are the commands, in the order in which they are listed.
func (c Commands) All() []*cobra.Command {
	return []*cobra.Command{c.approve(), c.reject(), c.people(), c.policy()}
}

// books opens the ledger for as long as something is done to it.
func (c Commands) books(ctx context.Context, sandboxed bool, do func(context.Context, *service.Service) error) error {
	store, err := c.OpenLedger(ctx, c.LedgerPath(sandboxed))
	if err != nil {
		return err
	}
	defer c.CloseLedger(store)
	return do(ctx, c.Books(store, nil))
}

// read is books for what changes nothing, which can be asked while a run goes on.
func (c Commands) read(ctx context.Context, sandboxed bool, do func(context.Context, *service.Service) error) error {
	store, done, err := c.ReadLedger(ctx, c.LedgerPath(sandboxed))
	if err != nil {
		return err
	}
	defer done()
	return do(ctx, c.Books(store, nil))
}

// actor is whoever is at the keyboard. What they sign names them better.
func actor() service.Actor { return session.Actor(service.ByFlag) }
