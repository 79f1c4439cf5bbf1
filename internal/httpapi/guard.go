package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"golang.org/x/time/rate"

	"payrun/batch/access"
	"payrun/batch/service"
	"payrun/internal/catalogue"
)

// key marks values that travel with a call.
type key int

const (
	callerKey key = iota
	languageKey
	requestKey
)

// callerOf is the token of a call.
func callerOf(ctx context.Context) access.Token {
	token, _ := ctx.Value(callerKey).(access.Token)
	return token
}

// actor is the person in whose name a call is made: it named what it confirms.
func (s *server) actor(ctx context.Context) service.Actor {
	token := callerOf(ctx)
	return service.Actor{Person: token.Person, Host: s.Host + "/" + token.ID, Confirmed: service.ByRequest}
}

// guarded answers what no call may do: come by another name, send without end, or break the
// process.
func (s *server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-store")
		if r.TLS != nil {
			header.Set("Strict-Transport-Security", "max-age=31536000")
		}
		bound(w, s.Limits.Body) // whatever the answer, the connection does not wait for the body
		if !s.Named(r) {
			s.tell(w, r, problemOf(r.Context(), codeHost, ""))
			return
		}
		limit := int64(bodyMax)
		if r.Method == http.MethodPost && brings(r.URL.Path) {
			limit = s.UploadMax + bodyMax
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		next.ServeHTTP(w, r)
	})
}

// brings reports whether a call may bring as much as a file.
func brings(path string) bool {
	return path == "/v1/batches" || strings.HasPrefix(path, "/v1/batches/") && strings.HasSuffix(path, "/reconcile")
}

// bound limits how long a request and its answer may take from now on.
func bound(w http.ResponseWriter, within time.Duration) {
	control := http.NewResponseController(w)
	deadline := time.Now().Add(within)
	_ = control.SetReadDeadline(deadline)              // which a test's recorder cannot
	_ = control.SetWriteDeadline(deadline.Add(within)) // a stream of events sets its own
}

// bodyMax bounds the bodies of calls that bring no file, and what is around a file.
const bodyMax = 64 << 10

// tell writes a problem where no operation is known.
func (s *server) tell(w http.ResponseWriter, r *http.Request, p *Problem) {
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="payrun"`)
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		_ = json.NewEncoder(w).Encode(p) // whoever asked may have gone
	}
}

func (s *server) nowhere(w http.ResponseWriter, r *http.Request) {
	s.tell(w, r, problemOf(spoken(r.Context(), r.Header.Get("Accept-Language")), codeNowhere, ""))
}

// inLanguage notes the language that a call wants to be answered in, and its request.
func (s *server) inLanguage(ctx huma.Context, next func(huma.Context)) {
	request, _ := humago.Unwrap(ctx)
	ctx = huma.WithValue(ctx, languageKey, catalogue.Accepted(ctx.Header("Accept-Language")))
	next(huma.WithValue(ctx, requestKey, request))
}

func spoken(ctx context.Context, accepted string) context.Context {
	return context.WithValue(ctx, languageKey, catalogue.Accepted(accepted))
}

func languageOf(ctx context.Context) catalogue.Language {
	if l, set := ctx.Value(languageKey).(catalogue.Language); set {
		return l
	}
	return catalogue.English
}

// requestOf is the request of a call, for what reads its body by itself.
func requestOf(ctx context.Context) *http.Request {
	r, _ := ctx.Value(requestKey).(*http.Request)
	return r
}

// authenticated lets a call through whose token is for it, with the time that such a call has.
func (s *server) authenticated(ctx huma.Context, next func(huma.Context)) {
	wanted := access.Scope("")
	for _, way := range ctx.Operation().Security {
		for _, scope := range way[bearer] {
			wanted = access.Scope(scope)
		}
	}
	if wanted == "" { // a call without a scope is a defect, and nobody's
		s.refuse(ctx, problemOf(ctx.Context(), codeScope, ""))
		return
	}
	r, w := humago.Unwrap(ctx)
	token, p := s.admit(r.WithContext(ctx.Context()), wanted)
	if p != nil {
		s.refuse(ctx, p)
		return
	}
	bound(w, ctx.Operation().BodyReadTimeout)
	ctx = huma.WithValue(ctx, callerKey, token)
	if p := s.stranded(ctx.Context(), wanted); p != nil {
		s.refuse(ctx, p)
		return
	}
	next(ctx)
}

// admit returns the token of a call, or why it may not be made. A token that lets in is never
// refused for the guesses of others at its address; those are counted apart from it.
func (s *server) admit(r *http.Request, wanted access.Scope) (access.Token, *Problem) {
	ctx := r.Context()
	token, err := access.Token{}, access.ErrRefused
	if secret := secretOf(r); secret != "" {
		token, err = s.Tokens.Check(ctx, secret)
	}
	switch {
	case errors.Is(err, access.ErrRefused):
		if !s.visitors.allowStranger(AddressOf(r, s.Proxied)) {
			return token, problemOf(ctx, codeRate, "")
		}
		return token, problemOf(ctx, codeToken, "")
	case err != nil:
		told, _ := errors.AsType[*Problem](s.problem(ctx, err))
		return token, told
	case !s.visitors.allow(token.ID):
		return token, problemOf(ctx, codeRate, "")
	case !token.May(wanted):
		return token, problemOf(ctx, codeScope, "it needs the scope "+string(wanted))
	}
	return token, nil
}

// stranded is the problem of a token whose person is not among the people, where there are people, if
// the call changes what is paid; nil for any other.
func (s *server) stranded(ctx context.Context, wanted access.Scope) *Problem {
	if wanted != access.Submit && wanted != access.Pay && wanted != access.Resolve {
		return nil
	}
	err := s.Service().Listed(ctx, s.actor(ctx))
	if errors.Is(err, service.ErrMaker) {
		return problemOf(ctx, CodeOf(err), strconv.Quote(callerOf(ctx).Person)+", in whose name the token is, is not among the people")
	}
	told, _ := errors.AsType[*Problem](s.problem(ctx, err))
	return told
}

// secretOf is the secret that a request brings, empty for none.
func secretOf(r *http.Request) string {
	secret, is := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !is {
		return ""
	}
	return strings.TrimSpace(secret)
}

// refuse ends a call before it begins.
func (s *server) refuse(ctx huma.Context, p *Problem) {
	r, w := humago.Unwrap(ctx)
	if p.Status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "1")
	}
	s.tell(w, r, p)
}

// visitors bound how often each caller calls.
type visitors struct {
	limits Limits
	clock  func() time.Time

	mu  sync.Mutex
	all map[string]*visitor
}

type visitor struct {
	limiter *rate.Limiter
	seen    time.Time
}

func newVisitors(limits Limits, clock func() time.Time) *visitors {
	return &visitors{limits: limits, clock: clock, all: map[string]*visitor{}}
}

// The bounds of what is kept of callers.
const (
	visitorsMax = 10_000
	forgotten   = 10 * time.Minute
)

// of is the limiter of a caller. Strangers share one when there are too many.
func (v *visitors) of(name string, perSecond, burst int) *rate.Limiter {
	now := v.clock()
	if len(v.all) >= visitorsMax {
		for other, one := range v.all {
			if now.Sub(one.seen) > forgotten {
				delete(v.all, other)
			}
		}
		if len(v.all) >= visitorsMax && strings.HasPrefix(name, "address ") {
			name = "address"
		}
	}
	one, has := v.all[name]
	if !has {
		one = &visitor{limiter: rate.NewLimiter(rate.Limit(perSecond), burst)}
		v.all[name] = one
	}
	one.seen = now
	return one.limiter
}

// allow takes a token's call in.
func (v *visitors) allow(token string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.of("token "+token, v.limits.PerSecond, v.limits.Burst).AllowN(v.clock(), 1)
}

// allowStranger takes a call without a valid token in, unless there were too many from its address
// lately.
func (v *visitors) allowStranger(address string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	const burst = 4
	return v.of("address "+address, v.limits.Strangers, burst*v.limits.Strangers).AllowN(v.clock(), 1)
}
