package approvals

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"payrun/batch/approval"
	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
)

func (c Commands) policy() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "policy",
		Short: "Say how many people approve what",
		Long: `The policy says from which sums on how many people of which roles approve a batch. It is
in force by an event in the ledger: a file proposes one and changes nothing by itself. The
first is approved by an admin, every other by those whom the highest tier of the one in force
asks for, its proposer not counting. It binds batches that are sealed later.`,
		Example: "  payrun policy show",
		Args:    settings.Args(cobra.NoArgs),
		RunE:    func(*cobra.Command, []string) error { return ui.Mistaken("no_policy_command") },
	}
	cmd.AddCommand(c.policyShow(), c.policyPropose(), c.policyApprove(), c.policyReject())
	return cmd
}

func (c Commands) policyShow() *cobra.Command {
	var sandboxed bool
	cmd := &cobra.Command{
		Use:     "show",
		Short:   "Show the policy in force and what is proposed",
		Example: "  payrun policy show",
		Args:    settings.Args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.see(cmd.Context(), sandboxed, func(ctx context.Context, at office) error {
				g, err := at.Governance(ctx)
				if err != nil {
					return err
				}
				return c.ShowPolicy(g.Policy, service.PolicyCasesOf(g, time.Now().UTC()))
			})
		},
	}
	c.AddLedgerFlags(cmd.Flags(), &sandboxed)
	c.AddServerFlags(cmd.Flags())
	return cmd
}

func (c Commands) policyPropose() *cobra.Command {
	var sandboxed bool
	cmd := &cobra.Command{
		Use:   "propose FILE",
		Short: "Propose a policy",
		Long: `Reads a policy in YAML and proposes it under your login, which is on the list of people.
docs/schema/policy.schema.json has its form.`,
		Example: "  payrun policy propose policy.yaml",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := fsx.ReadFile(args[0])
			if err != nil {
				return ui.UsageOf(fmt.Errorf("read the policy: %w", err))
			}
			return c.change(cmd.Context(), sandboxed, nil, func(ctx context.Context, at office) error {
				proposed, err := at.ProposePolicy(ctx, text)
				if errors.Is(err, approval.ErrPolicy) {
					return ui.Mistaken("unread_policy", "file", args[0], "reason", err.Error())
				}
				if err != nil {
					return err
				}
				return c.ShowProposal(proposed)
			})
		},
	}
	c.AddLedgerFlags(cmd.Flags(), &sandboxed)
	c.AddServerFlags(cmd.Flags())
	return cmd
}

func (c Commands) policyApprove() *cobra.Command {
	o := decisionOptions{word: approval.Approve}
	cmd := &cobra.Command{
		Use:   "approve [DIGEST]",
		Short: "Approve a proposed policy, with your signature",
		Long: `Shows a proposed policy, asks, and records your signature over it. With the last signature
that it needs it is in force. DIGEST is its beginning, if several are proposed.`,
		Example: "  payrun policy approve --key ~/.ssh/id_ed25519",
		Args:    settings.Args(cobra.MaximumNArgs(1)),
		RunE:    func(cmd *cobra.Command, args []string) error { return c.decidePolicy(cmd.Context(), args, o) },
	}
	o.AddDecisionFlags(cmd.Flags())
	c.AddLedgerFlags(cmd.Flags(), &o.sandboxed)
	c.AddServerFlags(cmd.Flags())
	return cmd
}

func (c Commands) policyReject() *cobra.Command {
	o := decisionOptions{word: approval.Reject}
	cmd := &cobra.Command{
		Use:     "reject [DIGEST] --reason TEXT",
		Short:   "Reject a proposed policy, with your signature",
		Example: "  payrun policy reject --reason one-person-is-not-enough",
		Args:    settings.Args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.reason == "" {
				return ui.Mistaken("no_reason")
			}
			return c.decidePolicy(cmd.Context(), args, o)
		},
	}
	cmd.Flags().StringVar(&o.reason, "reason", "", "why: `TEXT` for whoever proposed it")
	o.AddDecisionFlags(cmd.Flags())
	c.AddLedgerFlags(cmd.Flags(), &o.sandboxed)
	c.AddServerFlags(cmd.Flags())
	return cmd
}

func (c Commands) decidePolicy(ctx context.Context, args []string, o decisionOptions) error {
	if err := o.Validate(); err != nil {
		return err
	}
	digest := ""
	if len(args) > 0 {
		digest = args[0]
	}
	return c.change(ctx, o.sandboxed, decisionFlags, func(ctx context.Context, at office) error {
		proposed, err := at.Undecided(ctx, digest)
		if err != nil {
			return err
		}
		g, err := at.Governance(ctx)
		if err != nil {
			return err
		}
		return c.sign(ctx, listed(g.People), o.SignOptions, policyDecision{Commands: c, at: at, proposed: proposed, options: o})
	})
}

// policyDecision is a decision about a proposed policy.
type policyDecision struct {
	Commands
	at       office
	proposed service.PolicyCase
	options  decisionOptions
}

func (d policyDecision) statement(_ context.Context, name, key string) (approval.Statement, error) {
	ballot := service.Ballot{Word: d.options.word, Name: name, Key: key, Reason: d.options.reason}
	return d.proposed.Statement(ballot, time.Now()), nil
}

func (d policyDecision) show(context.Context) error {
	if !d.JSON() {
		if err := d.ShowPolicy(d.proposed.InForce, []service.PolicyCase{d.proposed}); err != nil {
			return err
		}
	}
	if d.options.Yes || d.options.word == approval.Reject {
		return nil
	}
	const typed = 6
	digest := d.proposed.Policy.Digest().String()
	return d.ConfirmWord(d.Text("policy.confirm", "digest", digest), digest[:typed])
}

func (d policyDecision) record(ctx context.Context, signed approval.Decision) error {
	after, err := d.at.DecidePolicy(ctx, d.proposed, signed)
	if err != nil {
		return err
	}
	return d.ShowProposal(after)
}

func (d policyDecision) write(_ context.Context, base string) ([]string, error) {
	path := base + ".policy.yaml"
	return []string{path}, writeNew(path, d.proposed.Policy.Text())
}
