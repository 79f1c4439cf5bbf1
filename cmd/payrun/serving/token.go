package serving

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"payrun/batch/access"
	"payrun/batch/service"
	"payrun/cmd/payrun/remote"
	"payrun/cmd/payrun/session"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/ledger"
)

func (c Commands) token() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Make, list and revoke the tokens of the server's API",
		Long: `A token lets a program call the server, in a person's name, for some scopes and until a
day. Tokens are kept in the ledger, their secrets nowhere. While a server holds a ledger
file, --server URL makes, lists and revokes them there, with a token of the scope tokens.`,
		Example: "  payrun token list",
		Args:    settings.Args(cobra.NoArgs),
		RunE:    func(*cobra.Command, []string) error { return ui.Mistaken("no_token_command") },
	}
	cmd.AddCommand(c.tokenCreate(), c.tokenList(), c.tokenRevoke())
	return cmd
}

// tokenOptions describe a token that is wanted.
type tokenOptions struct {
	scopes    []string
	person    string
	lasts     time.Duration
	sandboxed bool
}

func (c Commands) tokenCreate() *cobra.Command {
	var o tokenOptions
	cmd := &cobra.Command{
		Use:   "create NAME --scope SCOPES",
		Short: "Make a token",
		Long: `Prints the secret of a new token, once: whoever has it can call the server. NAME says what
it is for. The scopes are read (batches, payouts, reports, events), submit (bring files in),
pay (let be paid, try again, withdraw), approve (bring in decisions that people signed),
resolve (say what was seen at the provider), tokens (make and revoke tokens) and metrics. What is done with it is done by its person, who is
you unless --person says otherwise.`,
		Example: "  payrun token create erp-night --scope read,submit --ledger payroll.db",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			asked, err := c.at(cmd, func(desk *remote.Desk) error { return c.createTokenAt(cmd.Context(), desk, args[0], o) }, "scope", "expires")
			if err != nil || asked {
				return err
			}
			return c.createToken(cmd.Context(), args[0], o)
		},
	}
	const ninetyDays = 90 * 24 * time.Hour
	flags := cmd.Flags()
	flags.StringSliceVar(&o.scopes, "scope", nil, "`SCOPES` of the token: read, submit, pay, approve, resolve, tokens, metrics")
	flags.StringVar(&o.person, "person", "", "`NAME` of the person whose calls they are, as payrun people has it (default: your login)")
	flags.DurationVar(&o.lasts, "expires", ninetyDays, "how long it lasts, 9600h at most")
	c.AddLedgerFlags(flags, &o.sandboxed)
	c.AddServerFlags(flags)
	return cmd
}

// createTokenAt makes a token at a server, which counts in days, for the caller's own person.
func (c Commands) createTokenAt(ctx context.Context, desk *remote.Desk, name string, o tokenOptions) error {
	scopes, err := access.ParseScopes(o.scopes)
	if err != nil {
		return wordToken(err)
	}
	const day = 24 * time.Hour
	if o.lasts < day || o.lasts%day != 0 {
		return ui.Mistaken("token_days", "given", o.lasts.String())
	}
	made, secret, err := desk.MakeToken(ctx, name, scopes, int(o.lasts/day))
	if err != nil {
		return err
	}
	return c.showMade(made, secret)
}

func (c Commands) createToken(ctx context.Context, name string, o tokenOptions) error {
	scopes, err := access.ParseScopes(o.scopes)
	if err != nil {
		return wordToken(err)
	}
	store, err := c.CreateLedger(ctx, c.LedgerPath(o.sandboxed))
	if err != nil {
		return err
	}
	defer c.CloseLedger(store)
	by := session.Actor(service.ByFlag)
	if o.person == "" {
		o.person = by.Person
	}
	made, secret, err := keeper(store).Create(ctx, personOf(by), access.Request{Name: name, Person: o.person, Scopes: scopes, Lasts: o.lasts})
	if err != nil {
		return wordToken(err)
	}
	return c.showMade(made, secret)
}

// showMade tells a secret, once.
func (c Commands) showMade(made access.Token, secret string) error {
	if c.JSON() {
		return c.PrintObject("token", struct {
			shownToken

			Secret string `json:"token"`
		}{shown(made), secret})
	}
	c.Remark(c.Text("token.made", "id", made.ID, "person", made.Person, "until", made.Expires.Local().Format(time.DateOnly)))
	return c.Say("%s", secret)
}

func personOf(by service.Actor) ledger.Person {
	return ledger.Person{Name: by.Person, Host: by.Host, Confirmed: string(by.Confirmed)}
}

// wordToken tells a mistake of the person from an error of the ledger.
func wordToken(err error) error {
	for key, mistake := range map[string]error{
		"scope": access.ErrScope, "name": access.ErrName, "expiry": access.ErrExpiry, "unknown": access.ErrUnknown,
	} {
		if errors.Is(err, mistake) {
			return ui.Mistaken("token_" + key)
		}
	}
	return err
}

// shownToken is a token as scripts get it. Its keys are documented in docs/json.md.
type shownToken struct {
	ID      string         `json:"id"`
	Name    string         `json:"name"`
	Person  string         `json:"person"`
	Scopes  []access.Scope `json:"scopes"`
	Created time.Time      `json:"created"`
	Expires time.Time      `json:"expires"`
	Revoked time.Time      `json:"revoked,omitzero"`
	Used    time.Time      `json:"last_used,omitzero"`
}

func shown(t access.Token) shownToken {
	return shownToken{
		ID: t.ID, Name: t.Name, Person: t.Person, Scopes: t.Scopes,
		Created: t.Created, Expires: t.Expires, Revoked: t.Revoked, Used: t.Used,
	}
}

func (c Commands) tokenList() *cobra.Command {
	var sandboxed bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the tokens, and when each was last used",
		Long:    "Lists all tokens that ever were, without their secrets. It can be asked while a server runs.",
		Example: "  payrun token list --ledger payroll.db",
		Args:    settings.Args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			asked, err := c.at(cmd, func(desk *remote.Desk) error {
				all, err := desk.AllTokens(cmd.Context())
				if err != nil {
					return err
				}
				return c.showTokens(all)
			})
			if err != nil || asked {
				return err
			}
			store, done, err := c.ReadLedger(cmd.Context(), c.LedgerPath(sandboxed))
			if err != nil {
				return err
			}
			defer done()
			all, err := keeper(store).List(cmd.Context())
			if err != nil {
				return err
			}
			return c.showTokens(all)
		},
	}
	c.AddLedgerFlags(cmd.Flags(), &sandboxed)
	c.AddServerFlags(cmd.Flags())
	return cmd
}

func (c Commands) showTokens(all []access.Token) error {
	if c.JSON() {
		list := struct {
			Tokens []shownToken `json:"tokens"`
		}{[]shownToken{}}
		for _, t := range all {
			list.Tokens = append(list.Tokens, shown(t))
		}
		return c.PrintObject("tokens", list)
	}
	now := time.Now()
	for _, t := range all {
		scopes := make([]string, len(t.Scopes))
		for i, scope := range t.Scopes {
			scopes[i] = string(scope)
		}
		standing := c.Text("token.until", "day", day(t.Expires))
		switch {
		case !t.Revoked.IsZero():
			standing = c.Text("token.revoked", "day", day(t.Revoked))
		case !t.Valid(now):
			standing = c.Text("token.ended", "day", day(t.Expires))
		}
		used := c.Text("token.unused")
		if !t.Used.IsZero() {
			used = c.Text("token.used", "day", day(t.Used))
		}
		if err := c.Say("%s  %s  %s  %s  %s, %s", t.ID, t.Name, t.Person, strings.Join(scopes, ","), standing, used); err != nil {
			return err
		}
	}
	return nil
}

func day(t time.Time) string { return t.Local().Format(time.DateOnly) }

func (c Commands) tokenRevoke() *cobra.Command {
	var sandboxed bool
	cmd := &cobra.Command{
		Use:     "revoke ID",
		Short:   "End a token at once",
		Long:    "Whoever has the token is let in no more. The batches that it brought in or released stay as they are.",
		Example: "  payrun token revoke 0123456789ab --ledger payroll.db",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			asked, err := c.at(cmd, func(desk *remote.Desk) error {
				gone, err := desk.EndToken(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return c.showGone(gone)
			})
			if err != nil || asked {
				return err
			}
			store, err := c.OpenLedger(cmd.Context(), c.LedgerPath(sandboxed))
			if err != nil {
				return err
			}
			defer c.CloseLedger(store)
			gone, err := keeper(store).Revoke(cmd.Context(), personOf(session.Actor(service.ByFlag)), args[0])
			if err != nil {
				return wordToken(err)
			}
			return c.showGone(gone)
		},
	}
	c.AddLedgerFlags(cmd.Flags(), &sandboxed)
	c.AddServerFlags(cmd.Flags())
	return cmd
}

func (c Commands) showGone(gone access.Token) error {
	if c.JSON() {
		return c.PrintObject("token", shown(gone))
	}
	return c.Say("%s", c.Text("token.gone", "name", gone.Name))
}
