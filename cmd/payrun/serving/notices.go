package serving

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	randv2 "math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"payrun/batch/outbox"
	"payrun/batch/outbox/mail"
	"payrun/batch/outbox/webhook"
	"payrun/batch/service"
	"payrun/cmd/payrun/remote"
	"payrun/cmd/payrun/session"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/catalogue"
)

// noticeOptions say who is told what happened to batches.
type noticeOptions struct {
	url, secretFile            string
	mailTo                     []string
	mailFrom                   string
	smtp, smtpUser, smtpSecret string
}

func (o *noticeOptions) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.url, "notify-url", "", "tell the `URL` what happens to batches, signed as Standard Webhooks has it")
	flags.StringVar(&o.secretFile, "notify-secret-file", "", "read the secret of those calls, whsec_…, from `FILE`, which only you may read")
	flags.StringSliceVar(&o.mailTo, "mail-to", nil, "tell these `ADDRESSES` by e-mail when approval is asked, a batch is finished or stopped; fr:ADDRESS in French, en:ADDRESS in English, and NAME:ADDRESS in the language that the person of that name chose")
	flags.StringVar(&o.mailFrom, "mail-from", "", "the sender's `ADDRESS`")
	flags.StringVar(&o.smtp, "smtp", "", "the server that takes mail in, at `HOST:PORT`; off this machine by TLS alone")
	flags.StringVar(&o.smtpUser, "smtp-user", "", "the `NAME` under which it knows the sender")
	flags.StringVar(&o.smtpSecret, "smtp-password-file", "", "read the sender's password from `FILE`, which only you may read")
}

// channels are those who are told, as they were set. Address is where the server is.
func (c Commands) channels(o noticeOptions, address string) ([]outbox.Channel, error) {
	var all []outbox.Channel
	if o.url != "" {
		secret, err := c.Secret("NOTIFY_SECRET", o.secretFile)
		if err != nil {
			return nil, err
		}
		sender, err := webhook.New(o.url, secret, time.Now)
		if err != nil {
			return nil, ui.UsageOf(err)
		}
		all = append(all, outbox.Channel{Name: "webhook", Kinds: outbox.Kinds(), Sender: sender})
	}
	if len(o.mailTo) == 0 {
		return all, nil
	}
	password, err := c.Secret("SMTP_PASSWORD", o.smtpSecret)
	if err != nil {
		return nil, err
	}
	server := mail.Server{Address: o.smtp, From: o.mailFrom, User: o.smtpUser, Password: password}
	for _, to := range o.mailTo {
		recipient := recipientOf(to, c.Language)
		sender, err := mail.New(server, recipient, address)
		if err != nil {
			return nil, ui.UsageOf(err)
		}
		all = append(all, outbox.Channel{Name: "mail " + recipient.Address, Kinds: mail.Kinds(), Names: true, Sender: sender})
	}
	return all, nil
}

// recipientOf reads [LANGUAGE:][NAME:]ADDRESS. Without a name it is for the person whose name is the
// address.
func recipientOf(text string, language catalogue.Language) mail.Recipient {
	to := mail.Recipient{Address: text, Language: language}
	for _, one := range []catalogue.Language{catalogue.French, catalogue.English} {
		if rest, is := strings.CutPrefix(to.Address, string(one)+":"); is {
			to.Address, to.Language = rest, one
		}
	}
	if name, address, is := strings.Cut(to.Address, ":"); is {
		to.Person, to.Address = name, address
	}
	if to.Person == "" {
		to.Person = strings.ToLower(to.Address)
	}
	return to
}

// heed has mails written in the language that their readers chose on the pages.
func heed(channels []outbox.Channel, people mail.Languages) {
	for _, one := range channels {
		if sender, is := one.Sender.(*mail.Sender); is {
			sender.Heed(people)
		}
	}
}

// outbox is the configuration of telling them.
func (c Commands) outbox(s *session.Session, channels []outbox.Channel, by service.Actor) (outbox.Config, error) {
	var process [8]byte
	_, err := rand.Read(process[:])
	return outbox.Config{
		Store: s.Store, Channels: channels, By: personOf(by), Process: by.Host + "/" + hex.EncodeToString(process[:]),
		Jitter: randv2.Int64N, Log: *c.Logger(),
	}, err
}

func (c Commands) notices() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "notices",
		Short: "Show what others were told, and have them told again",
		Long: `payrun serve tells a URL and people by e-mail what happens to batches. What nobody took in
for three days is dead, until somebody has it told again. While a server holds a ledger file,
--server URL does that there.`,
		Example: "  payrun notices list --state dead",
		Args:    settings.Args(cobra.NoArgs),
		RunE:    func(*cobra.Command, []string) error { return ui.Mistaken("no_notices_command") },
	}
	cmd.AddCommand(c.noticesList(), c.noticesAgain())
	return cmd
}

func (c Commands) noticesList() *cobra.Command {
	var state string
	var sandboxed bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List what others were told, or are to be",
		Example: "  payrun notices list --state dead",
		Args:    settings.Args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			states := []string{"", string(outbox.Waiting), string(outbox.Sent), string(outbox.Dead)}
			if !slices.Contains(states, state) {
				return ui.Mistaken("one_of", "flag", "--state", "choices", strings.Join(states[1:], ", "), "given", state)
			}
			asked, err := c.at(cmd, func(desk *remote.Desk) error {
				all, err := desk.Told(cmd.Context(), outbox.State(state))
				if err != nil {
					return err
				}
				return c.showNotices(all)
			}, "state")
			if err != nil || asked {
				return err
			}
			store, done, err := c.ReadLedger(cmd.Context(), c.LedgerPath(sandboxed))
			if err != nil {
				return err
			}
			defer done()
			all, err := outbox.NewRegister(store).List(cmd.Context(), outbox.State(state))
			if err != nil {
				return err
			}
			return c.showNotices(all)
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "those in this `STATE` only: waiting, sent or dead")
	c.AddLedgerFlags(cmd.Flags(), &sandboxed)
	c.AddServerFlags(cmd.Flags())
	return cmd
}

func (c Commands) showNotices(all []outbox.Told) error {
	if c.JSON() {
		return c.PrintObject("notices", struct {
			Notices []outbox.Told `json:"notices"`
		}{append([]outbox.Told{}, all...)})
	}
	var t ui.Table
	t.Add(c.Text("notices.event"), c.Text("notices.channel"), c.Text("column.batch"), c.Text("notices.kind"), c.Text("notices.state"), c.Text("notices.reason"))
	for _, one := range all {
		t.Add(strconv.FormatUint(one.Event, 10), one.Channel, string(one.Batch), string(one.Kind), string(one.State), one.Reason)
	}
	return c.PrintTable(t)
}

func (c Commands) noticesAgain() *cobra.Command {
	var sandboxed bool
	cmd := &cobra.Command{
		Use:     "again CHANNEL EVENT",
		Short:   "Have somebody told once more",
		Example: "  payrun notices again webhook 1042",
		Args:    settings.Args(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			event, err := strconv.ParseUint(args[1], 10, 64)
			if err != nil {
				return ui.Mistaken("notice_number", "value", args[1])
			}
			asked, err := c.at(cmd, func(desk *remote.Desk) error {
				if err := desk.Again(cmd.Context(), args[0], event); err != nil {
					return err
				}
				return c.showAgain(args[0], event)
			})
			if err != nil || asked {
				return err
			}
			store, err := c.OpenLedger(cmd.Context(), c.LedgerPath(sandboxed))
			if err != nil {
				return err
			}
			defer c.CloseLedger(store)
			err = outbox.NewRegister(store).Again(cmd.Context(), personOf(session.Actor(service.ByFlag)), args[0], event, time.Now())
			if errors.Is(err, outbox.ErrUnknown) {
				return ui.Mistaken("notice_unknown", "channel", args[0], "event", args[1])
			}
			if err != nil {
				return err
			}
			return c.showAgain(args[0], event)
		},
	}
	c.AddLedgerFlags(cmd.Flags(), &sandboxed)
	c.AddServerFlags(cmd.Flags())
	return cmd
}

func (c Commands) showAgain(channel string, event uint64) error {
	if c.JSON() {
		return c.PrintObject("notice", struct {
			Channel string `json:"channel"`
			Event   uint64 `json:"event"`
		}{channel, event})
	}
	return c.Say("%s", c.Text("notices.again", "channel", channel, "event", strconv.FormatUint(event, 10)))
}
