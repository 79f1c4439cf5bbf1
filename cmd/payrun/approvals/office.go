package approvals

import (
	"context"

	"payrun/batch/approval"
	"payrun/batch/service"
	"payrun/cmd/payrun/remote"
)

// office keeps who may sign and by which policy: a ledger, or a running server's. What people sign
// is signed here, whichever it is.
type office interface {
	Governance(ctx context.Context) (service.Governance, error)
	ChangePeople(ctx context.Context, signed approval.SignedAct) (service.Governance, error)
	// Undecided is the policy that is proposed under a digest that begins so, to be decided.
	Undecided(ctx context.Context, digest string) (service.PolicyCase, error)
	ProposePolicy(ctx context.Context, text []byte) (service.PolicyCase, error)
	DecidePolicy(ctx context.Context, c service.PolicyCase, d approval.Decision) (service.PolicyCase, error)
}

// ledgerOffice is the office of a ledger, in the name of whoever is at the keyboard.
type ledgerOffice struct{ *service.Service }

// ChangePeople implements office.
func (o ledgerOffice) ChangePeople(ctx context.Context, signed approval.SignedAct) (service.Governance, error) {
	return o.Service.ChangePeople(ctx, actor(), signed)
}

// Undecided implements office. What was approved when a process died is in force first.
func (o ledgerOffice) Undecided(ctx context.Context, digest string) (service.PolicyCase, error) {
	if err := o.SettlePolicy(ctx); err != nil {
		return service.PolicyCase{}, err
	}
	return o.Proposed(ctx, digest)
}

// ProposePolicy implements office.
func (o ledgerOffice) ProposePolicy(ctx context.Context, text []byte) (service.PolicyCase, error) {
	return o.Service.ProposePolicy(ctx, actor(), text)
}

// DecidePolicy implements office.
func (o ledgerOffice) DecidePolicy(ctx context.Context, c service.PolicyCase, d approval.Decision) (service.PolicyCase, error) {
	return o.Service.DecidePolicy(ctx, actor(), c, d)
}

// change has something changed at the office: the ledger, or the server that the settings name.
// Told are the flags that a server is told, or that are this command's own.
func (c Commands) change(ctx context.Context, sandboxed bool, told []string, do func(context.Context, office) error) error {
	if asked, err := c.atServer(ctx, told, do); err != nil || asked {
		return err
	}
	return c.books(ctx, sandboxed, func(ctx context.Context, s *service.Service) error { return do(ctx, ledgerOffice{s}) })
}

// see is change for what changes nothing, which can be asked of a ledger while a run goes on.
func (c Commands) see(ctx context.Context, sandboxed bool, do func(context.Context, office) error) error {
	if asked, err := c.atServer(ctx, nil, do); err != nil || asked {
		return err
	}
	return c.read(ctx, sandboxed, func(ctx context.Context, s *service.Service) error { return do(ctx, ledgerOffice{s}) })
}

// atServer does something at the server that the settings name, if they do.
func (c Commands) atServer(ctx context.Context, told []string, do func(context.Context, office) error) (asked bool, err error) {
	if asked, err := c.Remote(c.Command, told...); err != nil || !asked {
		return asked, err
	}
	desk, err := remote.Open(c.Settings, c.Version)
	if err != nil {
		return true, err
	}
	defer desk.Close()
	return true, do(ctx, desk)
}
