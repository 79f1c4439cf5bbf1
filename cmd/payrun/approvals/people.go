package approvals

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/crypto/ssh"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/batch/service"
	"payrun/batch/signin"
	"payrun/cmd/payrun/remote"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/ledger"
)

func (c Commands) people() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "people",
		Short: "Say who may sign, and with which keys",
		Long: `The people who may approve batches and policies, with their roles and keys. Each change is
signed by an admin and kept in the ledger; an admin approves nothing by that role. A key
belongs to one name for ever. Who has other keys or roles is removed and added again, and
signs anew what was not yet paid.`,
		Example: "  payrun people list",
		Args:    settings.Args(cobra.NoArgs),
		RunE:    func(*cobra.Command, []string) error { return ui.Mistaken("no_people_command") },
	}
	cmd.AddCommand(c.peopleInit(), c.peopleInvite(), c.peopleAdd(), c.peopleRemove(), c.peopleList(), c.peopleExport())
	return cmd
}

// personOptions are those of a change of people.
type personOptions struct {
	settings.PersonOptions
	settings.SignOptions

	sandboxed bool
}

func (c Commands) peopleInit() *cobra.Command {
	var o personOptions
	cmd := &cobra.Command{
		Use:   "init NAME",
		Short: "Make yourself the first admin",
		Long: `Begins the list of people with an admin, who signs with a key of their own. NAME is how
you appear everywhere, such as awa@firm: in small letters, and before the @ best the login
that you have here, by which payrun knows who submits a file.`,
		Example: "  payrun people init awa@firm --full-name Awa --key ~/.ssh/id_ed25519",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.initPeople(cmd.Context(), args[0], o)
		},
	}
	o.PersonOptions.AddFlags(cmd.Flags())
	o.SignOptions.AddFlags(cmd.Flags())
	c.AddLedgerFlags(cmd.Flags(), &o.sandboxed)
	return cmd
}

func (c Commands) initPeople(ctx context.Context, name string, o personOptions) error {
	return c.begun(ctx, o.sandboxed, func(ctx context.Context, s *service.Service) error {
		at := ledgerOffice{s}
		g, err := at.Governance(ctx)
		if err != nil {
			return err
		}
		if len(g.Acts) > 0 {
			return ui.Mistaken("people_begun")
		}
		anyKey := func(ssh.PublicKey) bool { return true }
		return c.withSigner(ctx, o.Key, anyKey, func(signer ssh.Signer) error {
			person, err := o.person(name, []ssh.PublicKey{signer.PublicKey()})
			if err != nil {
				return err
			}
			person.Roles = rolesOf(append(person.Roles, approval.Admin))
			return c.record(ctx, at, g, approval.Act{Kind: approval.Add, Person: person, By: name}, signer)
		})
	})
}

// begun is books over a ledger that is begun if there is none.
func (c Commands) begun(ctx context.Context, sandboxed bool, do func(context.Context, *service.Service) error) error {
	store, err := c.CreateLedger(ctx, c.LedgerPath(sandboxed))
	if err != nil {
		return err
	}
	defer c.CloseLedger(store)
	return do(ctx, c.Books(store, nil))
}

func rolesOf(roles []string) []string {
	sorted := slices.Clone(roles)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

func (c Commands) peopleAdd() *cobra.Command {
	var o personOptions
	cmd := &cobra.Command{
		Use:   "add NAME --role ROLE --public-key FILE",
		Short: "Add somebody who may sign",
		Long: `An admin adds a person under a NAME such as koffi@firm, with roles that the policy speaks
of and public keys. Compare the fingerprint with the person before: ssh-keygen -l -f FILE.`,
		Example: "  payrun people add koffi@firm --full-name Koffi --role checker --public-key koffi.pub",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.PublicKey == "" {
				return ui.Mistaken("person_key")
			}
			keys, err := readPublicKeys(o.PublicKey)
			if err != nil {
				return err
			}
			person, err := o.person(args[0], keys)
			if err != nil {
				return err
			}
			return c.changeAs(cmd.Context(), approval.Act{Kind: approval.Add, Person: person}, o)
		},
	}
	o.AddAllFlags(cmd.Flags())
	o.SignOptions.AddFlags(cmd.Flags())
	c.AddLedgerFlags(cmd.Flags(), &o.sandboxed)
	c.AddServerFlags(cmd.Flags())
	return cmd
}

// inviteOptions are those of an invitation.
type inviteOptions struct {
	roles     []string
	url       string
	sandboxed bool
}

func (c Commands) peopleInvite() *cobra.Command {
	var o inviteOptions
	cmd := &cobra.Command{
		Use:   "invite NAME --role ROLE",
		Short: "Invite somebody to the server's pages",
		Long: `Prints a link, once, by which whoever gets it leaves a passkey or a public key under NAME. The
link works once, for three days. The key counts for nothing before an admin has signed for it, on
the server's page of people. While a server holds a ledger file, that page makes the links, and
--server URL with a token of the scope tokens.`,
		Example: "  payrun people invite koffi@firm --role approver --url https://payrun.example",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.invitePerson(cmd.Context(), args[0], o)
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&o.roles, "role", nil, "`ROLES` that they are to have: maker, approver, auditor, admin, or those of the policy")
	flags.StringVar(&o.url, "url", "http://localhost:8080", "the `URL` of the server")
	c.AddLedgerFlags(flags, &o.sandboxed)
	c.AddServerFlags(flags)
	return cmd
}

func (c Commands) invitePerson(ctx context.Context, name string, o inviteOptions) error {
	if asked, err := c.inviteAt(ctx, name, o); err != nil || asked {
		return err
	}
	store, err := c.OpenLedger(ctx, c.LedgerPath(o.sandboxed))
	if err != nil {
		return err
	}
	defer c.CloseLedger(store)
	by := actor()
	made, secret, err := signin.New(store, time.Now, rand.Reader).InvitePerson(
		ctx, ledger.Person{Name: by.Person, Host: by.Host, Confirmed: string(by.Confirmed)}, name, o.roles)
	if errors.Is(err, approval.ErrPeople) {
		return ui.UsageOf(err)
	}
	if err != nil {
		return err
	}
	return c.showInvitation(invitation{made.Person, made.Roles, made.Expires, strings.TrimSuffix(o.url, "/") + "/invitation/" + secret})
}

// inviteAt has the server that the settings name make the link, if they name one. It is the server's
// own, unless another name was typed.
func (c Commands) inviteAt(ctx context.Context, name string, o inviteOptions) (asked bool, err error) {
	if asked, err := c.Remote(c.Command, "role", "url"); err != nil || !asked {
		return asked, err
	}
	desk, err := remote.Open(c.Settings, c.Version)
	if err != nil {
		return true, err
	}
	defer desk.Close()
	made, err := desk.Invite(ctx, name, o.roles)
	if err != nil {
		return true, err
	}
	origin := desk.URL()
	if c.Typed("url") {
		origin = strings.TrimSuffix(o.url, "/")
	}
	return true, c.showInvitation(invitation{made.Person, made.Roles, made.Expires, origin + made.Path})
}

// invitation is a link for somebody, for scripts.
type invitation struct {
	Person  string    `json:"person"`
	Roles   []string  `json:"roles"`
	Expires time.Time `json:"expires"`
	Link    string    `json:"link"`
}

// showInvitation tells a link, once.
func (c Commands) showInvitation(i invitation) error {
	if c.JSON() {
		return c.PrintObject("invitation", i)
	}
	c.Remark(c.Text("people.invited", "person", i.Person))
	return c.Say("%s", i.Link)
}

func (c Commands) peopleRemove() *cobra.Command {
	var o personOptions
	cmd := &cobra.Command{
		Use:   "remove NAME",
		Short: "Take somebody off the list",
		Long: `What the person approved and nobody has begun to pay is not approved any more, and a
batch that is being paid is paused. What they rejected stays rejected.`,
		Example: "  payrun people remove koffi@firm",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.changeAs(cmd.Context(), approval.Act{Kind: approval.Remove, Person: approval.Person{Name: args[0]}}, o)
		},
	}
	o.SignOptions.AddFlags(cmd.Flags())
	c.AddLedgerFlags(cmd.Flags(), &o.sandboxed)
	c.AddServerFlags(cmd.Flags())
	return cmd
}

// person is somebody as the options describe them.
func (o personOptions) person(name string, keys []ssh.PublicKey) (approval.Person, error) {
	p := approval.Person{Name: name, FullName: o.FullName, Roles: rolesOf(o.Roles)}
	if p.FullName == "" {
		p.FullName = name
	}
	for _, key := range keys {
		p.Keys = append(p.Keys, approval.Key{Public: key, Origin: o.Origin})
	}
	var err error
	if p.ValidAfter, err = bound(o.ValidAfter, false); err != nil {
		return p, err
	}
	p.ValidBefore, err = bound(o.ValidBefore, true)
	return p, err
}

// bound reads a day, of which it takes the first or the last second here, or a time.
func bound(text string, last bool) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.UTC().Truncate(time.Second), nil
	}
	day, err := time.ParseInLocation(time.DateOnly, text, time.Local) //nolint:gosmopolitan // the day of whoever types it
	if err != nil {
		return day, ui.Mistaken("valid", "given", text)
	}
	if last {
		day = day.AddDate(0, 0, 1).Add(-time.Second)
	}
	return day.UTC(), nil
}

// personFlags are those of a change of people: all of them are about what is signed here.
//
//nolint:gochecknoglobals // a table that nothing writes to
var personFlags = []string{"key", "full-name", "role", "public-key", "origin", "valid-after", "valid-before"}

// changeAs has an admin sign a change of people.
func (c Commands) changeAs(ctx context.Context, act approval.Act, o personOptions) error {
	return c.change(ctx, o.sandboxed, personFlags, func(ctx context.Context, at office) error {
		g, err := at.Governance(ctx)
		if err != nil {
			return err
		}
		if len(g.Acts) == 0 {
			return ui.Mistaken("no_people")
		}
		return c.withSigner(ctx, o.Key, admins(g.People), func(signer ssh.Signer) error {
			admin, err := owner(g.People, signer.PublicKey())
			if err != nil {
				return err
			}
			act.By = admin.Name
			return c.record(ctx, at, g, act, signer)
		})
	})
}

// admins reports whether a key is an admin's.
func admins(people approval.People) func(ssh.PublicKey) bool {
	return func(key ssh.PublicKey) bool {
		person, err := owner(people, key)
		return err == nil && slices.Contains(person.Roles, approval.Admin)
	}
}

// record signs a change of people and has it recorded.
func (c Commands) record(ctx context.Context, at office, g service.Governance, act approval.Act, signer ssh.Signer) error {
	act.Previous, act.Nonce = g.People.Head(), approval.NewNonce()
	signed, err := approval.SignAct(act, signer)
	if err != nil {
		return ui.UsageOf(err)
	}
	after, err := at.ChangePeople(ctx, signed)
	if errors.Is(err, approval.ErrPeople) {
		return ui.UsageOf(err)
	}
	if err != nil {
		return err
	}
	return c.ShowPeople(after.People.Present(), fingerprints)
}

func fingerprints(p approval.Person) []string {
	all := make([]string, 0, len(p.Keys))
	for _, k := range p.Keys {
		all = append(all, sshsig.Fingerprint(k.Public))
	}
	return all
}

func (c Commands) peopleList() *cobra.Command {
	var sandboxed bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List who may sign",
		Example: "  payrun people list",
		Args:    settings.Args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.see(cmd.Context(), sandboxed, func(ctx context.Context, at office) error {
				g, err := at.Governance(ctx)
				if err != nil {
					return err
				}
				return c.ShowPeople(g.People.Present(), fingerprints)
			})
		},
	}
	c.AddLedgerFlags(cmd.Flags(), &sandboxed)
	c.AddServerFlags(cmd.Flags())
	return cmd
}

func (c Commands) peopleExport() *cobra.Command {
	var sandboxed bool
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Print the list as ssh-keygen takes it",
		Long: `Prints who may sign now as an allowed_signers file, with which anybody checks a signature:
ssh-keygen -Y verify -f allowed_signers -I NAME -n approval@payrun -s SIGNATURE <TEXT`,
		Example: "  payrun people export > allowed_signers",
		Args:    settings.Args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.see(cmd.Context(), sandboxed, c.exportPeople)
		},
	}
	c.AddLedgerFlags(cmd.Flags(), &sandboxed)
	c.AddServerFlags(cmd.Flags())
	return cmd
}

func (c Commands) exportPeople(ctx context.Context, at office) error {
	g, err := at.Governance(ctx)
	if err != nil {
		return err
	}
	list, err := g.People.AllowedSigners()
	if err != nil {
		return err
	}
	if c.JSON() {
		return c.PrintObject("people", struct {
			AllowedSigners string `json:"allowed_signers"`
		}{string(list)})
	}
	if _, err := ui.Verbatim(c.Stdout).Write(list); err != nil {
		return fmt.Errorf("print the list: %w", err)
	}
	return nil
}
