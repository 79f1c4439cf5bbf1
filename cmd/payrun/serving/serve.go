package serving

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"payrun/batch/outbox"
	"payrun/batch/service"
	"payrun/batch/signin"
	"payrun/batch/worker"
	"payrun/cmd/payrun/session"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/console"
	"payrun/internal/httpapi"
	"payrun/ledger/pgledger"
)

func (c Commands) serve() *cobra.Command {
	var o options
	var pay settings.PayOptions
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve pages and an API, and pay what is released through them",
		Long: `Serves pages to people, and the API under /v1 to programs that hold a token (payrun token
create), and pays what they release. Files are checked and brought in as payrun run does it;
nothing is paid before a call names its count and total. After a restart it goes on with
what was released, and with nothing else.

People sign in with a passkey, or with a key of ssh-keygen. While nobody is registered it prints a
link for the first admin; with --sandbox it prints one that needs no key.

Off this machine it needs TLS: its own, by --tls-cert and --tls-key, or that of a proxy
whose name --url says. The API describes itself at /v1/openapi.json; /healthz and /readyz
answer to anybody, /metrics to a token of that scope. An interrupt stops it gently: what is
under way ends, and nothing new begins.`,
		Example: `  payrun serve --listen 127.0.0.1:8080 --ledger payroll.db
  payrun serve --listen :8443 --tls-cert cert.pem --tls-key key.pem`,
		Args: settings.Args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			pay.Rehearse(cmd.Flags())
			pay.Measured, o.wait = true, pay.Wait
			return c.run(cmd.Context(), o, pay)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8080", "listen on `HOST:PORT`; without a host only on this machine")
	flags.StringVar(&o.cert, "tls-cert", "", "the certificate in `FILE`, with those that vouch for it")
	flags.StringVar(&o.key, "tls-key", "", "its key in `FILE`")
	flags.StringVar(&o.url, "url", "", "the `HTTPS-URL` by which a proxy in front is called")
	flags.StringVar(&o.files, "files", "", "keep the files that were brought in in `DIR` (default: beside the ledger)")
	flags.IntVar(&o.uploadMax, "upload-max", 64, "how large a file may be, in `MB`")
	flags.BoolVar(&o.workers, "pay", true, "pay what is released; --pay=false only takes files and answers")
	o.notices.addFlags(flags)
	pay.AddPaceFlags(flags, c.Settings)
	pay.Report.AddLetterheadFlags(flags)
	pay.Report.AddAnchorsFlag(flags)
	return cmd
}

func (c Commands) run(ctx context.Context, o options, pay settings.PayOptions) error {
	where, err := o.place()
	if err != nil {
		return err
	}
	if o.uploadMax < 1 {
		return ui.Mistaken("upload_max")
	}
	told, err := c.channels(o.notices, o.url)
	if err == nil {
		err = c.ReadLetterhead(pay.Report)
	}
	if err != nil {
		return err
	}
	by := session.Actor(service.ByFlag)
	ledger := c.LedgerPath(pay.Provider.Sandbox)
	if o.files == "" {
		if pgledger.Is(ledger) {
			return ui.Mistaken("files")
		}
		o.files = ledger + ".files"
	}
	s, err := c.Start(ctx, pay, by, true)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := c.begin(ctx, s, by, pay); err != nil {
		return err
	}
	if err := prepareFiles(o.files); err != nil {
		return ui.UsageOf(err)
	}
	return c.listen(ctx, s, by, o, told, where, pay.Provider.Sandbox)
}

// begin records what a person said of the ledger and the account by flags.
func (c Commands) begin(ctx context.Context, s *session.Session, by service.Actor, pay settings.PayOptions) error {
	if pay.Adopt {
		if _, err := s.Adopt(ctx, by); err != nil {
			return err
		}
	}
	if pay.NewLedger {
		return s.BeginAccount(ctx, by)
	}
	return nil
}

// prepareFiles makes the folder of uploads, for its owner alone, and removes what a process
// that was killed was receiving or writing.
func prepareFiles(folder string) error {
	const ownerOnly = 0o700
	if err := os.MkdirAll(folder, ownerOnly); err != nil {
		return err
	}
	for _, pattern := range []string{"incoming-*", "report-*", "evidence-*"} {
		left, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			return err
		}
		for _, path := range left {
			if err := os.RemoveAll(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// The times after which a connection that says nothing is closed, and a stop waits for
// nobody.
const (
	headerWithin = 10 * time.Second
	idleFor      = 2 * time.Minute
	stopWithin   = 20 * time.Second
	payAgain     = time.Minute
	lookAgain    = 5 * time.Second
	headersMax   = 32 << 10
)

func (c Commands) listen(ctx context.Context, s *session.Session, by service.Actor, o options, told []outbox.Channel, where place, sandboxed bool) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort(where.host, where.port))
	if err != nil {
		return ui.UsageOf(fmt.Errorf("listen: %w", err))
	}
	pays := worker.New(worker.Config{
		Desk: s.Service, By: by, Again: payAgain, Idle: lookAgain, Wait: o.wait, Log: *c.Logger(),
	})
	if _, err := s.Another(); err != nil {
		return errors.Join(err, listener.Close())
	}
	called, err := s.Called()
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	closing, changing := make(chan struct{}), make(chan struct{}, 1)
	another := func() *service.Service {
		one, _ := s.Another() // which was possible before
		return one
	}
	signIn, origin := signin.New(s.Store, time.Now, rand.Reader), where.origin(listener.Addr())
	api := httpapi.New(httpapi.Config{
		Store: s.Store, Service: another, Changing: changing, Payroll: pays, Tokens: keeper(s.Store), SignIn: signIn, Called: called, Host: by.Host, Files: o.files, UploadMax: int64(o.uploadMax) << 20,
		Named: where.named, Proxied: where.name != "", Metrics: s.Metrics(), Moment: s.Moment, Letterhead: c.Letterhead(), Version: c.Version, Log: *c.Logger(), Clock: time.Now, Closing: closing,
		Ready: func(ctx context.Context) error {
			if c.Accepting.Err() != nil {
				return errors.New("it is stopping")
			}
			_, _, err := s.Store.Head(ctx)
			return err
		},
	})
	if err := signIn.CheckRelyingParty(ctx, console.RelyingParty(origin)); err != nil {
		return errors.Join(ui.UsageOf(err), listener.Close())
	}
	heed(told, signIn)
	pages, err := console.New(console.Config{
		Store: s.Store, Service: another, Changing: changing, Payroll: pays, SignIn: signIn, Host: by.Host, Machines: machines(s.Store), Files: o.files,
		UploadMax: int64(o.uploadMax) << 20, Origin: origin, Proxied: where.name != "", Named: where.named,
		Letterhead: c.Letterhead(), Version: c.Version, Sandbox: sandboxed, Log: *c.Logger(),
		Clock: time.Now, Zone: c.Zone(), Closing: closing,
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer pages.Close()
	server := &http.Server{
		Handler: both(api, pages), ReadHeaderTimeout: headerWithin, IdleTimeout: idleFor, MaxHeaderBytes: headersMax,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	if where.certificate != nil {
		where.certificate.log = *c.Logger()
		server.TLSConfig = &tls.Config{GetCertificate: where.certificate.get, MinVersion: tls.VersionTLS12}
	}
	if !pgledger.Is(s.Path) {
		defer c.NoteServer(s.Path, where.address(listener.Addr()))()
	}
	err = c.sayAddress(where.address(listener.Addr()))
	if err == nil {
		err = c.sayLink(ctx, s, signIn, by, origin, sandboxed)
	}
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	tells, err := c.outbox(s, told, by)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	return c.work(ctx, s, pays, tells, server, listener, closing, o.workers)
}

// both has the API answer the paths of programs, and the console all others.
func both(api, pages http.Handler) http.Handler {
	mux := http.NewServeMux()
	for _, path := range []string{"/v1/", "/healthz", "/readyz", "/metrics", "/hooks/"} {
		mux.Handle(path, api)
	}
	mux.Handle("/", pages)
	return mux
}

// sayLink tells how to come in: into the sandbox, without a key, and as the first admin, while
// nobody is registered.
func (c Commands) sayLink(ctx context.Context, s *session.Session, signIn *signin.Keeper, by service.Actor, origin string, sandboxed bool) error {
	g, err := s.Governance(ctx)
	if err != nil {
		return err
	}
	wanted := signin.Invitation{First: true, Roles: []string{string(console.Maker)}}
	switch {
	case sandboxed:
		wanted = signin.Invitation{Sandbox: true, Person: by.Person}
		for _, role := range console.Roles() {
			wanted.Roles = append(wanted.Roles, string(role))
		}
	case len(g.Acts) > 0:
		return nil
	}
	_, secret, err := signIn.Invite(ctx, personOf(by), wanted)
	if err != nil {
		return err
	}
	link := origin + "/invitation/" + secret
	if sandboxed {
		c.Remark(c.Text("serve.rehearse", "link", link))
	} else {
		c.Remark(c.Text("serve.first", "link", link))
	}
	return nil
}

// sayAddress tells where the server is, in the first line of its output.
func (c Commands) sayAddress(url string) error {
	if c.JSON() {
		return c.PrintObject("server", struct {
			URL string `json:"url"`
		}{url})
	}
	return c.Say("%s", url)
}

// work serves and pays until a person stops it, or either cannot go on.
func (c Commands) work(ctx context.Context, s *session.Session, pays *worker.Worker, tells outbox.Config, server *http.Server, listener net.Listener, closing chan struct{}, paying bool) error {
	accepting, stop := context.WithCancel(c.Accepting)
	defer stop()
	var both sync.WaitGroup
	var served, paid, told error
	both.Go(func() {
		defer stop()
		if server.TLSConfig != nil {
			served = server.ServeTLS(listener, "", "")
		} else {
			served = server.Serve(listener)
		}
		if errors.Is(served, http.ErrServerClosed) {
			served = nil
		}
	})
	if paying {
		both.Go(func() {
			defer stop()
			paid = pays.Run(ctx, accepting)
		})
	}
	both.Go(func() { told = outbox.Run(ctx, accepting, tells) })
	both.Go(func() { s.Heed(accepting) })
	<-accepting.Done()
	close(closing) // the streams of events would never end by themselves
	gently, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if err := server.Shutdown(gently); err != nil {
		_ = server.Close() // whoever has not finished by now learns that it stopped
	}
	both.Wait()
	return errors.Join(paid, served, told)
}
