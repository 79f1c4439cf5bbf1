package approvals

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"golang.org/x/crypto/ssh"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/batch/clearance"
	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
	"payrun/ledger"
)

const decideLong = `
The key is yours on the list of people: payrun people list. Instead of signing here, --write
writes the text, and beside it the content and the list of payouts that it is about; take
them to a machine that you trust, compare the digests with sha256sum, sign there with
ssh-keygen -Y sign -n approval@payrun, and bring the signature back with --signature.`

// decisionOptions are those of a decision.
type decisionOptions struct {
	settings.SignOptions

	word      approval.Word
	reason    string
	sandboxed bool
}

func (c Commands) approve() *cobra.Command {
	o := decisionOptions{word: approval.Approve}
	cmd := &cobra.Command{
		Use:   "approve BATCH",
		Short: "Approve what a batch would send, with your signature",
		Long: `Shows what was submitted of a batch: who would be paid how much from which account, what
changed since last time, and who made it. It asks for the total, and records your signature
over exactly that. Whoever made it does not count; where the policy wants makers to sign for
what they submitted, this is how.
` + decideLong,
		Example: `  payrun approve november --key ~/.ssh/id_ed25519
  payrun approve november --key koffi.pub --write november-koffi
  payrun approve november --signature november-koffi.txt.sig`,
		Args: settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.decide(cmd.Context(), ledger.BatchID(args[0]), o)
		},
	}
	o.AddDecisionFlags(cmd.Flags())
	c.AddLedgerFlags(cmd.Flags(), &o.sandboxed)
	c.AddServerFlags(cmd.Flags())
	return cmd
}

func (c Commands) reject() *cobra.Command {
	o := decisionOptions{word: approval.Reject}
	cmd := &cobra.Command{
		Use:   "reject BATCH --reason TEXT",
		Short: "Reject what a batch would send, with your signature",
		Long: `One rejection, by a maker or by somebody whose role stands in the policy, ends what was
submitted: nothing of the batch is sent before it is submitted and approved anew.
` + decideLong,
		Example: "  payrun reject november --reason paid-twice",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.reason == "" {
				return ui.Mistaken("no_reason")
			}
			return c.decide(cmd.Context(), ledger.BatchID(args[0]), o)
		},
	}
	cmd.Flags().StringVar(&o.reason, "reason", "", "why: `TEXT` for whoever submitted it")
	o.AddDecisionFlags(cmd.Flags())
	c.AddLedgerFlags(cmd.Flags(), &o.sandboxed)
	c.AddServerFlags(cmd.Flags())
	return cmd
}

// decisionFlags are those of a decision: all of them are about what is signed here.
//
//nolint:gochecknoglobals // a table that nothing writes to
var decisionFlags = []string{"key", "yes", "signature", "reason", "write"}

func (c Commands) decide(ctx context.Context, id ledger.BatchID, o decisionOptions) error {
	if err := o.Validate(); err != nil {
		return err
	}
	if asks, err := c.Remote(c.Command, decisionFlags...); err != nil || asks {
		if err != nil {
			return err
		}
		return c.decideAt(ctx, id, o)
	}
	return c.books(ctx, o.sandboxed, func(ctx context.Context, s *service.Service) error {
		g, err := s.Governance(ctx)
		if err != nil {
			return err
		}
		d := batchDecision{Commands: c, service: s, id: id, options: o}
		return c.sign(ctx, listed(g.People), o.SignOptions, d)
	})
}

// deciding is something that people decide about.
type deciding interface {
	// statement is a decision for a person's key.
	statement(ctx context.Context, name, key string) (approval.Statement, error)
	// show shows a person what they are about to sign, and asks.
	show(ctx context.Context) error
	// write writes beside a text to sign what it is about.
	write(ctx context.Context, base string) ([]string, error)
	// record records a signed decision and says what it comes to.
	record(ctx context.Context, d approval.Decision) error
}

// sign has a decision signed and recorded, or written for signing elsewhere.
func (c Commands) sign(ctx context.Context, who directory, o settings.SignOptions, about deciding) error {
	switch {
	case o.Signature != "":
		return c.receive(ctx, o, about)
	case o.Write != "":
		key, err := c.publicKey(o.Key)
		if err != nil {
			return err
		}
		return c.writeText(ctx, who, key, o.Write, about)
	}
	return c.withSigner(ctx, o.Key, who.knows, func(signer ssh.Signer) error {
		name, err := who(signer.PublicKey())
		if err != nil {
			return err
		}
		statement, err := about.statement(ctx, name, sshsig.Fingerprint(signer.PublicKey()))
		if err != nil {
			return err
		}
		if err := about.show(ctx); err != nil {
			return err
		}
		d, err := approval.Sign(statement, signer)
		if err != nil {
			return fmt.Errorf("sign: %w", err)
		}
		return c.word(about.record(ctx, d))
	})
}

// word words an error about a decision that does not count.
func (c Commands) word(err error) error {
	if ignored, is := errors.AsType[*service.IgnoredError](err); is {
		return c.WordIgnored(ignored.Ignored)
	}
	return err
}

// receive records a signature that was made elsewhere.
func (c Commands) receive(ctx context.Context, o settings.SignOptions, about deciding) error {
	text, err := fsx.ReadFile(o.SignedText())
	if err != nil {
		return ui.UsageOf(fmt.Errorf("read the text that was signed: %w", err))
	}
	signature, err := fsx.ReadFile(o.Signature)
	if err != nil {
		return ui.UsageOf(fmt.Errorf("read the signature: %w", err))
	}
	d, err := approval.Receive(text, signature)
	if err != nil {
		return ui.UsageOf(err, c.Text("sign.received_hint"))
	}
	return c.word(about.record(ctx, d))
}

// writeText writes a text to sign.
func (c Commands) writeText(ctx context.Context, who directory, key ssh.PublicKey, base string, about deciding) error {
	name, err := who(key)
	if err != nil {
		return err
	}
	statement, err := about.statement(ctx, name, sshsig.Fingerprint(key))
	if err != nil {
		return err
	}
	text, err := statement.Text()
	if err != nil {
		return err
	}
	beside, err := about.write(ctx, base)
	if err != nil {
		return err
	}
	path := base + ".txt"
	if err := writeNew(path, text); err != nil {
		return err
	}
	if c.JSON() {
		return c.PrintObject("text", writtenText{Text: path, Beside: beside})
	}
	return c.Say("%s", c.Text("sign.written", "file", path, "beside", fmt.Sprint(beside), "word", ui.ShellWord(path)))
}

// writtenText is a text to sign, for scripts. Its keys are documented in docs/json.md.
type writtenText struct {
	Text   string   `json:"text"`
	Beside []string `json:"beside"`
}

// writeNew writes a file that must not be there.
func writeNew(path string, content []byte) error {
	file, err := fsx.NewPendingFile(path)
	if err != nil {
		return err
	}
	defer file.Discard() //nolint:errcheck // what is complete has its name
	if _, err := file.Write(content); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := file.CompleteNew(); errors.Is(err, fsx.ErrTaken) {
		return ui.UsageOf(fmt.Errorf("write %s: %w", path, err))
	} else if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// batchDecision is a decision about a batch.
type batchDecision struct {
	Commands
	service *service.Service
	id      ledger.BatchID
	options decisionOptions
}

func (d batchDecision) prepare(ctx context.Context, name, key string) (clearance.Standing, approval.Statement, error) {
	standing, statement, err := d.service.PrepareDecision(ctx, d.id, service.Ballot{
		Word: d.options.word, Name: name, Key: key, Reason: d.options.reason,
	})
	if over, is := errors.AsType[*service.ApprovalEndedError](err); is {
		return standing, statement, ui.UsageOf(over, append(d.ApprovalLines(standing), d.Text("approval.again"))...)
	}
	return standing, statement, err
}

func (d batchDecision) statement(ctx context.Context, name, key string) (approval.Statement, error) {
	_, statement, err := d.prepare(ctx, name, key)
	return statement, err
}

func (d batchDecision) show(ctx context.Context) error {
	standing, _, err := d.prepare(ctx, "", "")
	if err != nil {
		return err
	}
	if !d.JSON() {
		if err := d.Say("%s", string(bytes.TrimSuffix(standing.Text, []byte("\n")))+"\n"); err != nil {
			return err
		}
	}
	if d.options.word == approval.Reject {
		return nil
	}
	a := ui.NewApproval(standing)
	return d.ConfirmTotal(d.options.Yes, a.Amount, d.Text("approval.confirm", "batch", string(d.id), "digest", a.Content))
}

func (d batchDecision) record(ctx context.Context, signed approval.Decision) error {
	standing, err := d.service.Decide(ctx, actor(), d.id, signed)
	if over, is := errors.AsType[*service.ApprovalEndedError](err); is {
		return ui.UsageOf(over, append(d.ApprovalLines(standing), d.Text("approval.again"))...)
	}
	if err != nil {
		return err
	}
	return d.ShowApproval(standing)
}

func (d batchDecision) write(ctx context.Context, base string) ([]string, error) {
	standing, _, err := d.prepare(ctx, "", "")
	if err != nil {
		return nil, err
	}
	var list bytes.Buffer
	if err := d.service.WriteApprovalList(ctx, d.id, &list); err != nil {
		return nil, err
	}
	return writeSubject(base, standing.Text, list.Bytes())
}

// writeSubject writes what a decision about a batch is about: the content, and the list of payouts.
func writeSubject(base string, content, list []byte) ([]string, error) {
	summary, payouts := base+".content.txt", base+".list.jsonl"
	if err := writeNew(payouts, list); err != nil {
		return nil, err
	}
	return []string{summary, payouts}, writeNew(summary, content)
}
