package approvals

import (
	"bytes"
	"context"

	"golang.org/x/crypto/ssh"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/batch/clearance"
	"payrun/cmd/payrun/remote"
	"payrun/cmd/payrun/ui"
	"payrun/ledger"
)

// decideAt is decide at a running server. The server words the text; what is signed is only
// what says what was shown.
func (c Commands) decideAt(ctx context.Context, id ledger.BatchID, o decisionOptions) error {
	desk, err := remote.Open(c.Settings, c.Version)
	if err != nil {
		return err
	}
	defer desk.Close()
	d := &remoteDecision{Commands: c, desk: desk, id: id, options: o}
	return c.sign(ctx, func(key ssh.PublicKey) (string, error) {
		statement, err := d.statement(ctx, "", sshsig.Fingerprint(key))
		return statement.By, err
	}, o.SignOptions, d)
}

// remoteDecision is a decision about a batch of a server's ledger.
type remoteDecision struct {
	Commands

	desk    *remote.Desk
	id      ledger.BatchID
	options decisionOptions
	// standing says what the last statement is about.
	standing clearance.Standing
}

// statement is the one that the server has for whoever a key belongs to.
func (d *remoteDecision) statement(ctx context.Context, _, key string) (statement approval.Statement, err error) {
	d.standing, statement, err = d.desk.ToDecide(ctx, d.id, d.options.word, key, d.options.reason)
	return statement, err
}

func (d *remoteDecision) show(context.Context) error {
	if !d.JSON() {
		if err := d.Say("%s", string(d.standing.Text)); err != nil {
			return err
		}
	}
	if d.options.word == approval.Reject {
		return nil
	}
	a := ui.NewApproval(d.standing)
	return d.ConfirmTotal(d.options.Yes, a.Amount, d.Text("approval.confirm", "batch", string(d.id), "digest", a.Content))
}

func (d *remoteDecision) write(ctx context.Context, base string) ([]string, error) {
	var list bytes.Buffer
	if err := d.desk.List(ctx, d.standing, &list); err != nil {
		return nil, err
	}
	return writeSubject(base, d.standing.Text, list.Bytes())
}

func (d *remoteDecision) record(ctx context.Context, signed approval.Decision) error {
	standing, err := d.desk.Record(ctx, d.id, signed)
	if err != nil {
		return err
	}
	return d.ShowApproval(standing)
}
