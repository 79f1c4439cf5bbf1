package httpapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/rs/zerolog"
	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"payrun/batch/access"
	"payrun/batch/outbox"
	"payrun/batch/service"
	"payrun/batch/signin"
	"payrun/batch/worker"
	"payrun/ledger"
	"payrun/reports/page"
)

// Payroll is whoever pays what is released; a *worker.Worker is one.
type Payroll interface {
	Wake(id ledger.BatchID)
	Between(ctx context.Context, do func() error) error
	Ended(id ledger.BatchID) (worker.Ended, bool)
	Paying(id ledger.BatchID) bool
}

// Config is a server's surroundings.
type Config struct {
	Store ledger.Store
	// Service returns the use cases for one call: they are for one caller at a time.
	Service func() *service.Service
	Payroll Payroll
	Tokens  *access.Keeper
	// SignIn invites people to the pages.
	SignIn *signin.Keeper
	// Called takes the body of a call of the provider's webhook, and must return at once.
	// Nobody vouches for it. May be nil.
	Called func(body []byte)
	// Host is this machine's name in the audit log.
	Host string
	// Files is the folder in which uploads are kept, which must exist. UploadMax bounds one, in bytes.
	Files     string
	UploadMax int64
	// Named reports whether a request calls the server by one of its names.
	Named func(*http.Request) bool
	// Proxied is set where requests come through a proxy, which names their address.
	Proxied bool
	// Ready returns why the server cannot serve now, nil if it can.
	Ready func(context.Context) error
	// Metrics serves the measurements under /metrics.
	Metrics http.Handler
	// Moment returns the ledger as it stands now, for what reads all of it, and what lets go of it.
	// Default: the store itself.
	Moment func(context.Context) (ledger.Store, func(), error)
	// Letterhead is who reports are from.
	Letterhead page.Letterhead
	Version    string
	Log        zerolog.Logger
	Clock      func() time.Time
	// Closing ends the streams of events.
	Closing <-chan struct{}
	// Changing is held, by a value in it, by the call that changes a batch: one at a time, with
	// whatever else does. Without one the calls have their own.
	Changing chan struct{}
	// Limits bound what one caller may ask.
	Limits Limits
}

// Limits are bounds on calls. The zero value has those that are documented.
type Limits struct {
	// PerSecond and Burst bound the calls of a token; Strangers the calls in a second of an
	// address without a valid token.
	PerSecond, Burst, Strangers int
	// Streams is how many streams of events may be open at once.
	Streams int
	// Body and Upload are how long a body may take.
	Body, Upload time.Duration
	// Look is how often a stream looks for new events.
	Look time.Duration
	// Recheck is how often a stream looks whether its token still lets in.
	Recheck time.Duration
}

func (l Limits) withDefaults() Limits {
	const (
		perSecond, burst, strangers, streams = 50, 100, 5, 32
		body, upload, look                   = 30 * time.Second, 10 * time.Minute, 500 * time.Millisecond
		recheck                              = 5 * time.Second
	)
	or := func(given, otherwise int) int {
		if given == 0 {
			return otherwise
		}
		return given
	}
	l.PerSecond, l.Burst = or(l.PerSecond, perSecond), or(l.Burst, burst)
	l.Strangers, l.Streams = or(l.Strangers, strangers), or(l.Streams, streams)
	if l.Body == 0 {
		l.Body = body
	}
	if l.Upload == 0 {
		l.Upload = upload
	}
	if l.Look == 0 {
		l.Look = look
	}
	if l.Recheck == 0 {
		l.Recheck = recheck
	}
	return l
}

// server answers calls.
type server struct {
	Config

	api      huma.API
	streams  chan struct{}
	visitors *visitors
	// checks bounds the files that are checked at once, copies the exports.
	checks, copies *semaphore.Weighted
	// hooks bound the provider's calls.
	hooks *rate.Limiter
	// notices tells what others were told.
	notices *outbox.Register
}

// bearer is the name of the way to prove who calls.
const bearer = "token"

// New returns the server's handler.
func New(config Config) http.Handler {
	config.Limits = config.Limits.withDefaults()
	if config.Moment == nil {
		config.Moment = func(context.Context) (ledger.Store, func(), error) { return config.Store, func() {}, nil }
	}
	if config.Changing == nil {
		config.Changing = make(chan struct{}, 1)
	}
	s := &server{
		Config: config, streams: make(chan struct{}, config.Limits.Streams),
		checks: semaphore.NewWeighted(checksMax), copies: semaphore.NewWeighted(copiesMax),
		visitors: newVisitors(config.Limits, config.Clock), hooks: rate.NewLimiter(hooksPerSec, hooksAtOnce),
		notices: outbox.NewRegister(config.Store),
	}
	mux := http.NewServeMux()
	s.api = humago.New(mux, s.described())
	s.api.UseMiddleware(s.inLanguage, s.authenticated)
	s.routes()
	describeForClients(s.api.OpenAPI())
	for pattern, answer := range s.undescribed() {
		mux.HandleFunc(pattern, answer)
	}
	mux.HandleFunc("/", s.nowhere)
	return s.guarded(mux)
}

// undescribed are the calls that are not the API's: of those who watch the server, and of the
// provider. Each keeps its own gate.
func (s *server) undescribed() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /healthz":                  s.healthy,
		"GET /readyz":                   s.ready,
		"GET /metrics":                  s.measured,
		"POST " + hookPath + "{secret}": s.called,
	}
}

// described is the description's frame.
func (s *server) described() huma.Config {
	config := huma.DefaultConfig("payrun", "1")
	config.Info.Description = "Pay files of beneficiaries through a mobile-money provider, each exactly once. " +
		"Errors are problem documents (RFC 9457); their code is stable."
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "/v1/openapi", "", ""
	config.CreateHooks = nil // which would add links to schemas to each answer
	config.RejectUnknownQueryParameters = true
	config.Transformers = []huma.Transformer{coded}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		bearer: {Type: "http", Scheme: "bearer", Description: "A token made by payrun token create."},
	}
	return config
}

// routes are all calls of the API, and the scope that each needs.
func (s *server) routes() {
	huma.Register(s.api, s.operation(http.MethodPost, "/v1/batches", access.Submit, "Bring in a file as a batch; nothing is paid by it", creates, s.uploads), s.createBatch)
	describeUpload(s.api.OpenAPI().Paths["/v1/batches"].Post)
	huma.Register(s.api, s.operation(http.MethodGet, "/v1/batches", access.Read, "List the batches, the newest first"), s.listBatches)
	huma.Register(s.api, s.operation(http.MethodGet, "/v1/batches/{id}", access.Read, "Show where a batch stands"), s.showBatch)
	huma.Register(s.api, s.operation(http.MethodGet, "/v1/batches/{id}/progress", access.Read, "Show a batch in figures, for whoever asks often"), s.showProgress)
	huma.Register(s.api, s.operation(http.MethodGet, "/v1/batches/{id}/payouts", access.Read, "List a batch's payouts in file order"), s.listPayouts)
	huma.Register(s.api, s.operation(http.MethodGet, "/v1/batches/{id}/payouts/{payout}", access.Read, "Show all that is on record about one payout"), s.showPayout)
	huma.Register(s.api, s.operation(http.MethodGet, "/v1/batches/{id}/rejected", access.Read, "List the rows of the file that were turned away"), s.listRejected)
	huma.Register(s.api, s.operation(http.MethodGet, "/v1/batches/{id}/retry", access.Read, "Show who would be tried again, and what that comes to"), s.showRetry)
	huma.Register(s.api, s.operation(http.MethodGet, "/v1/batches/{id}/cancel", access.Read, "Show what would be withdrawn, and what would stay"), s.showCancel)
	huma.Register(s.api, s.operation(http.MethodPost, "/v1/batches/{id}/pay", access.Pay, "Let a batch be paid, by its count and total"), s.payBatch)
	huma.Register(s.api, s.operation(http.MethodPost, "/v1/batches/{id}/retry", access.Pay, "Try again what failed, by its count and total"), s.retryBatch)
	huma.Register(s.api, s.operation(http.MethodPost, "/v1/batches/{id}/cancel", access.Pay, "Withdraw what was never sent"), s.cancelBatch)
	huma.Register(s.api, s.operation(http.MethodPost, "/v1/batches/{id}/payouts/{payout}/resolve", access.Resolve, "Record what a person saw at the provider"), s.resolvePayout)
	huma.Register(s.api, s.operation(http.MethodGet, "/v1/batches/{id}/approval", access.Read, "Show where an approval stands, and the text to sign"), s.showApproval)
	huma.Register(s.api, s.operation(http.MethodGet, "/v1/batches/{id}/approval/list.jsonl", access.Read, "List the payouts that are to be approved, as the signed text digests them", listDescribed), s.approvalList)
	huma.Register(s.api, s.operation(http.MethodPost, "/v1/batches/{id}/decisions", access.Approve, "Record a decision that somebody signed"), s.decide)
	s.reporting()
	s.reconciling()
	s.governing()
	huma.Register(s.api, s.operation(http.MethodGet, "/v1/events", access.Read, "Follow the audit log as server-sent events", stream), s.followEvents)
	huma.Register(s.api, s.operation(http.MethodGet, "/v1/notices", access.Read, "List what others were told of, or are to be"), s.listNotices)
	huma.Register(s.api, s.operation(http.MethodPost, "/v1/notices/{channel}/{event}/again", access.Tokens, "Have somebody told once more"), s.tellAgain)
	huma.Register(s.api, s.operation(http.MethodGet, "/v1/tokens", access.Tokens, "List the tokens"), s.listTokens)
	huma.Register(s.api, s.operation(http.MethodPost, "/v1/tokens", access.Tokens, "Make a token, for no more than the caller's own scopes", creates), s.createToken)
	huma.Register(s.api, s.operation(http.MethodDelete, "/v1/tokens/{id}", access.Tokens, "Revoke a token"), s.revokeToken)
	huma.Register(s.api, s.operation(http.MethodPost, "/v1/hook", access.Tokens, "Make another address for the provider to call, and end the one before", creates), s.createHook)
	huma.Register(s.api, s.operation(http.MethodDelete, "/v1/hook", access.Tokens, "End the address that the provider calls"), s.endHook)
}

// governing are the calls about who may sign, and by which policy.
func (s *server) governing() {
	huma.Register(s.api, s.operation(http.MethodGet, "/v1/people", access.Read, "List who may sign, and the changes that admins signed"), s.showPeople)
	huma.Register(s.api, s.operation(http.MethodPost, "/v1/people", access.Approve, "Record a change of who may sign that an admin signed"), s.changePeople)
	huma.Register(s.api, s.operation(http.MethodPost, "/v1/invitations", access.Tokens, "Make a link by which somebody leaves a key", creates), s.invite)
	huma.Register(s.api, s.operation(http.MethodGet, "/v1/policy", access.Read, "Show the policy in force, and what is proposed"), s.showPolicy)
	huma.Register(s.api, s.operation(http.MethodPost, "/v1/policy", access.Approve, "Propose a policy; it is in force once it is approved", creates), s.proposePolicy)
	huma.Register(s.api, s.operation(http.MethodPost, "/v1/policy/decisions", access.Approve, "Record a decision that somebody signed about a proposed policy"), s.decidePolicy)
}

// operation describes a call. Its id is its method and path, as a generated client names
// its functions.
func (s *server) operation(method, path string, scope access.Scope, summary string, more ...func(*huma.Operation)) huma.Operation {
	op := huma.Operation{
		OperationID: operationID(method, path), Method: method, Path: path, Summary: summary,
		Description: "Needs the scope " + string(scope) + ".",
		Security:    []map[string][]string{{bearer: {string(scope)}}},
		Responses:   s.problems(),
		// The library tells whoever sends more. The guard cuts off who goes on, or takes long.
		MaxBodyBytes: bodyMax - 1, BodyReadTimeout: s.Limits.Body,
	}
	for _, change := range more {
		change(&op)
	}
	return op
}

// creates says that a call makes something.
func creates(op *huma.Operation) { op.DefaultStatus = http.StatusCreated }

// uploads says that a call brings a file, which takes its time.
func (s *server) uploads(op *huma.Operation) { op.BodyReadTimeout = s.Limits.Upload }

func operationID(method, path string) string {
	words := strings.FieldsFunc(strings.TrimPrefix(path, "/v1/"), func(c rune) bool { return c == '/' || c == '.' || c == '{' || c == '}' })
	return strings.ToLower(method) + "-" + strings.Join(words, "-")
}
