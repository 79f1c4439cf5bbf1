package console

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"payrun/batch/inbox"
	"payrun/batch/outbox"
	"payrun/batch/service"
	"payrun/batch/signin"
	"payrun/batch/worker"
	"payrun/ledger"
	reportpage "payrun/reports/page"
)

// Payroll is whoever pays what is released; a *worker.Worker is one.
type Payroll interface {
	Wake(id ledger.BatchID)
	Between(ctx context.Context, do func() error) error
	Ended(id ledger.BatchID) (worker.Ended, bool)
	Paying(id ledger.BatchID) bool
}

// Config is a console's surroundings.
type Config struct {
	Store ledger.Store
	// Service returns the use cases for one request: they are for one caller at a time.
	Service func() *service.Service
	Payroll Payroll
	// SignIn tells who is signed in, and who is invited.
	SignIn *signin.Keeper
	// Changing is held, by a value in it, by whoever changes a batch: one at a time, with the API.
	Changing chan struct{}
	// Host is this machine's name in the audit log.
	Host string
	// Machines names those at work where several pay from the ledger, nil where only this one can.
	Machines func(context.Context) ([]string, error)
	// Files is the folder in which uploads are kept, which must exist. UploadMax bounds one, in bytes.
	Files     string
	UploadMax int64
	// Proxied is set where requests come through a proxy, which names their address.
	Proxied bool
	// Origin is by which the pages are called: "https://payrun.example", "http://localhost:8080".
	Origin string
	// Named reports whether a request calls the server by one of its names.
	Named func(*http.Request) bool
	// Letterhead is who reports are from.
	Letterhead reportpage.Letterhead
	// Version is that of payrun.
	Version string
	// Sandbox says so on every page: no money moves.
	Sandbox bool
	Log     zerolog.Logger
	Clock   func() time.Time
	// Zone is the time zone in which times of payment are given. Default time.Local.
	Zone *time.Location
	// Closing ends the streams of events.
	Closing <-chan struct{}
	// Limits bound what one visitor may ask.
	Limits Limits
}

// Limits are bounds on requests. The zero value has those that are documented.
type Limits struct {
	// Body and Upload are how long a body may take.
	Body, Upload time.Duration
	// Streams is how many pages may be told of payments at once.
	Streams int
	// Patience is how long a page waits for a file that is being read or submitted, before it shows how
	// far it is.
	Patience time.Duration
	// Tries is how often an address may try to come in at once, and then every two seconds.
	Tries int
}

func (l Limits) withDefaults() Limits {
	const body, upload = 30 * time.Second, 10 * time.Minute
	if l.Tries == 0 {
		const tries = 10
		l.Tries = tries
	}
	if l.Patience == 0 {
		l.Patience = time.Second
	}
	if l.Streams == 0 {
		const streams = 64
		l.Streams = streams
	}
	if l.Body == 0 {
		l.Body = body
	}
	if l.Upload == 0 {
		l.Upload = upload
	}
	return l
}

// server answers requests for pages.
type server struct {
	Config

	pages  pages
	assets map[string]asset
	// inbox has the files that wait, checks what is or was understood of them, submits those that are on
	// their way into a batch, or were.
	inbox   *inbox.Inbox
	checks  *checks
	submits *submits
	// notices tells what others were told.
	notices  *outbox.Register
	passkeys *webauthn.WebAuthn
	tries    *addresses
	// streams has a value for each page that is told of a payment.
	streams chan struct{}
}

// handler answers a request, or returns the error of which the visitor is told.
type handler func(w http.ResponseWriter, r *http.Request) error

// route is a page, or something that is done from one.
type route struct {
	// method is GET, which changes nothing, or POST. path is a pattern of http.ServeMux.
	method, path string
	// roles may ask for it, one of them is enough; without any it is for everybody who is
	// signed in.
	roles []Role
	// open is for whoever comes: nobody has to be signed in.
	open bool
	// upload takes a body as large as a file may be, and as long.
	upload bool
	// limited bounds how often an address may ask for it.
	limited bool
	// stream answers without end.
	stream bool
	// nav is the key of its words in the navigation, empty for what is not in it.
	nav   string
	serve handler
}

// routes are all there are, in the order of the navigation.
func (s *server) routes() []route {
	return slices.Concat(s.frameRoutes(), s.batchRoutes(), s.approvalRoutes(), s.noticeRoutes(), s.peopleRoutes(), s.signInRoutes())
}

// Console answers every path that is not the API's.
type Console struct {
	http.Handler

	checks  *checks
	submits *submits
}

// Close ends the reading and the submitting of files, and waits for it. It is called when no request is
// under way any more.
func (c *Console) Close() {
	c.submits.close()
	c.checks.close()
}

// New returns the console, which its owner closes. An error is one of its own templates or words.
func New(config Config) (*Console, error) {
	config.Limits = config.Limits.withDefaults()
	if config.Zone == nil {
		config.Zone = time.Local //nolint:gosmopolitan // the zone of whoever runs it
	}
	s := &server{Config: config, inbox: inbox.Within(config.Files, config.Clock), notices: outbox.NewRegister(config.Store)}
	s.checks, s.submits = newChecks(config.Clock, s.read), newSubmits(config.Log, s.enter)
	s.tries = &addresses{clock: config.Clock, burst: config.Limits.Tries, all: map[string]*rate.Limiter{}}
	s.streams = make(chan struct{}, config.Limits.Streams)
	var err error
	if s.passkeys, err = readsPasskeys(config.Origin); err != nil {
		return nil, err
	}
	if s.assets, err = readAssets(); err != nil {
		return nil, err
	}
	if s.pages, err = readPages(s.assets); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for _, one := range s.routes() {
		mux.Handle(one.method+" "+one.path, s.admitted(one))
	}
	mux.HandleFunc("GET /static/{name}", s.asset)
	mux.Handle("/", s.admitted(route{open: true, serve: nowhere}))
	return &Console{Handler: s.guarded(s.sameOrigin(mux)), checks: s.checks, submits: s.submits}, nil
}

// frameRoutes are those of the frame itself.
func (s *server) frameRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/{$}", serve: s.home},
		{method: http.MethodPost, path: "/language", open: true, serve: s.speak},
	}
}

// nowhere answers for every path without a page, to whoever is signed in in the frame of their pages.
func nowhere(http.ResponseWriter, *http.Request) error { return errNowhere }

// home leads to the first page that the visitor may open.
func (s *server) home(w http.ResponseWriter, r *http.Request) error {
	s.redirect(w, r, "/batches")
	return nil
}

// change has something done that changes a batch, and nothing else at the same time.
func (s *server) change(ctx context.Context, do func() error) error {
	select {
	case s.Changing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.Changing }()
	return do()
}
