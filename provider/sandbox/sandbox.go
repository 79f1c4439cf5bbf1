package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
)

// The credentials a sandbox accepts unless told otherwise. They open nothing
// else.
const (
	DefaultAPIKey    = "sandbox-key"
	DefaultAPISecret = "sandbox-secret"
)

// Simulates is the name of the provider whose API this is.
const Simulates = "digitalpaye"

// Options configure a Sandbox. The zero value is ready for use.
type Options struct {
	// Scenario is the provider's day; nil is DefaultScenario.
	Scenario *Scenario
	// APIKey and APISecret are the merchant's; empty is DefaultAPIKey and
	// DefaultAPISecret.
	APIKey, APISecret string
	// BooksFile keeps the books across restarts, when not empty, and out of memory. It
	// holds numbers in clear and is created readable by its owner alone, and so is the
	// index beside it. One sandbox at a time may use it.
	BooksFile string
}

// Sandbox is a simulated provider: an http.Handler that needs no goroutine of
// its own, so it works behind a listener, httptest or InProcess, and in
// virtual time. It is safe for concurrent use.
type Sandbox struct {
	scenario    Scenario
	tokens      *tokens
	pages       *http.ServeMux // the provider
	own         *http.ServeMux // the sandbox's pages about itself
	started     time.Time
	faultTables map[Group]faultTable

	mu      sync.Mutex // guards what follows; never held while waiting
	books   map[account]*book
	archive archive // of all books
	// counters count requests by keyOf what they are about.
	counters map[uint64]int32
	traffic  traffic
	fired    map[string]int
}

// keyOf names a sequence of requests. A hash of the reference takes a tenth of its memory,
// and if two are the same, a fault is another one.
func keyOf(subject, reference string) uint64 {
	return xxhash.Sum64String(subject + "\x00" + reference)
}

// The subjects that are counted by reference.
const (
	transferSubject = "transfer"
	lookupSubject   = "lookup"
)

// New opens a sandbox. It fails for a scenario that makes no sense, with an
// error that wraps ErrScenario, and for a books file that cannot be read.
func New(options Options) (*Sandbox, error) {
	scenario := DefaultScenario()
	if options.Scenario != nil {
		scenario = *options.Scenario
	}
	if err := scenario.Validate(); err != nil {
		return nil, err
	}
	if options.APIKey == "" {
		options.APIKey = DefaultAPIKey
	}
	if options.APISecret == "" {
		options.APISecret = DefaultAPISecret
	}
	s := &Sandbox{
		scenario:    scenario,
		tokens:      newTokens(append([]Merchant{{Key: options.APIKey, Secret: options.APISecret}}, scenario.Merchants...), scenario),
		started:     time.Now(),
		faultTables: map[Group]faultTable{},
		books:       map[account]*book{},
		archive:     newMemory(),
		counters:    map[uint64]int32{},
		traffic:     newTraffic(scenario.RateCap),
		fired:       map[string]int{},
	}
	for _, group := range Groups() {
		s.faultTables[group] = newFaultTable(group, scenario.Faults)
	}
	s.route()
	if options.BooksFile != "" {
		books, err := openJournal(options.BooksFile, account{s.tokens.merchants[0].Key, "Sandbox"}, s.restore, s.enter, s.state)
		if err != nil {
			return nil, fmt.Errorf("open the sandbox's books: %w", err)
		}
		s.archive = books
	}
	return s, nil
}

// Close closes the books file. Requests that come later are not accepted if
// there is one.
func (s *Sandbox) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.archive.close()
}

// Fired returns how often each fault struck, by its key in a scenario, and
// "rate_cap" and "outage". A fault that was drawn for a request that was
// refused for another reason did not strike.
func (s *Sandbox) Fired() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.fired)
}

func (s *Sandbox) countFault(name Fault) {
	s.mu.Lock()
	s.fired[string(name)]++
	s.mu.Unlock()
}

// book returns an account's books. The caller holds the lock.
func (s *Sandbox) book(of account) *book {
	b := s.books[of]
	if b == nil {
		b = &book{}
		s.books[of] = b
	}
	return b
}

// enter puts a transfer into its account's books. The caller holds the lock.
func (s *Sandbox) enter(t *transfer) { s.book(t.account).enter(t) }

// balanceOf returns what a merchant can spend. The caller holds the lock.
func (s *Sandbox) balanceOf(of account, now time.Time) Centimes {
	return s.scenario.Balance.InCentimes() - s.book(of).taken(now)
}

// nextDraw counts a request and returns its draws.
func (s *Sandbox) nextDraw(subject, reference string) draw {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := keyOf(subject, reference)
	if _, counted := s.counters[key]; !counted && subject == transferSubject {
		// Books that cannot be read accept nothing either.
		earlier, _ := s.attempts(reference)
		s.counters[key] = int32(earlier) //nolint:gosec // counts requests
	}
	s.counters[key]++
	return draw{s.scenario.Seed, subject, reference, int(s.counters[key])}
}

func (s *Sandbox) route() {
	s.pages = http.NewServeMux()
	s.pages.HandleFunc("POST /v1/auth", s.auth)
	s.pages.HandleFunc("POST /v2/transfers/mobile-money", s.send)
	s.pages.HandleFunc("POST /v1/transfers/mobile-money", s.send)
	s.pages.HandleFunc("POST /v1/transfer/mobile-money", s.send)
	s.pages.HandleFunc("GET /v1/get-status-payment/{reference}", s.lookUp)
	s.pages.HandleFunc("GET /v1/transaction/{reference}", s.lookUp)
	s.pages.HandleFunc("GET /v1/balance", s.balance)
	s.pages.HandleFunc("GET /v1/get-all-transactions", s.all)
	s.pages.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.reply(w, r, v1{}.refusal(notFound()))
	})
	s.own = http.NewServeMux()
	s.own.HandleFunc("GET "+ownPages+"books", func(w http.ResponseWriter, _ *http.Request) {
		s.showBooks(w)
	})
	s.own.HandleFunc("GET "+ownPages+"requests", func(w http.ResponseWriter, _ *http.Request) {
		show(w, s.Requests())
	})
}

// ownPages begins the addresses at which the sandbox tells about itself: no token needed, no fault,
// no outage.
const ownPages = "/_sandbox/"

func show(w http.ResponseWriter, page any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(page) // a reader that left does not want it
}

// ServeHTTP answers a request as the scenario has it. It panics with
// http.ErrAbortHandler to cut a connection, as net/http asks of handlers.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, ownPages) {
		s.own.ServeHTTP(w, r)
		return
	}
	w = datedWriter{w, s.scenario.ClockAhead}
	s.countRequest(r)
	if outage, down := s.outage(time.Now()); down {
		s.countFault("outage")
		if outage.Refuse {
			cut()
		}
		htmlAnswer(http.StatusServiceUnavailable).write(w)
		return
	}
	s.pages.ServeHTTP(w, r)
}

// datedWriter dates answers by the provider's clock.
type datedWriter struct {
	http.ResponseWriter
	ahead time.Duration
}

func (w datedWriter) WriteHeader(status int) {
	w.Header().Set("Date", time.Now().Add(w.ahead).UTC().Format(http.TimeFormat))
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets an http.ResponseController reach the writer below.
func (w datedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// bodyMax bounds a request's body, in bytes.
const bodyMax = 1 << 20

// read returns a request's body. A client that left, or sends without end, is
// cut off.
func read(w http.ResponseWriter, r *http.Request) []byte {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMax))
	if err != nil {
		cut()
	}
	return body
}

// admit checks what every request other than for a token needs, and says whose it
// is.
func (s *Sandbox) admit(r *http.Request) (account, *refusal) {
	now := time.Now()
	if s.overRate(now) {
		s.countFault("rate_cap")
		return account{}, tooMany("1")
	}
	environment := r.Header.Get(environmentHeader)
	if environment == "" {
		return account{}, noEnvironment()
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return account{}, &refusal{status: http.StatusUnauthorized, code: codeUnauthorized, reason: "Le jeton est requis"}
	}
	switch key, state := s.tokens.check(token, now); state {
	case tokenGood:
		return account{s.tokens.merchantOf(key), environment}, nil
	case tokenStale:
		return account{}, expired()
	default:
		return account{}, &refusal{status: http.StatusUnauthorized, code: codeUnauthorized, reason: "Le jeton est invalide"}
	}
}

func expired() *refusal {
	return &refusal{status: http.StatusUnauthorized, code: codeTokenExpired, reason: "Le jeton a expiré"}
}

func notFound() *refusal {
	return &refusal{status: http.StatusNotFound, code: codeNotFound, reason: "La ressource demandée n'existe pas"}
}

func tooMany(retryAfter string) *refusal {
	return &refusal{
		status: http.StatusTooManyRequests, code: codeTooMany,
		reason: "Trop de requêtes", retryAfter: retryAfter,
	}
}
