package digitalpaye

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"payrun/provider"
)

const (
	// lifeAssumed is the life of a token whose expiry makes no sense, as
	// when the clocks disagree: the documents' samples live 600 seconds.
	lifeAssumed = time.Minute
	lifeMax     = 24 * time.Hour
	// A token is renewed when a tenth of its life is left, within these bounds
	// and never before half of it is over.
	marginMin = 5 * time.Second
	marginMax = time.Minute
)

// token is the bearer token of a session with the provider.
type token struct {
	text    string
	header  http.Header // of requests that show it
	renewAt time.Time
}

// tokens keeps the current token and makes sure that only one caller fetches
// the next.
type tokens struct {
	mu      sync.Mutex
	current *token
	flight  singleflight.Group
}

// valid returns the current token, nil if there is none to use.
func (t *tokens) valid(now time.Time) *token {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current == nil || !now.Before(t.current.renewAt) {
		return nil
	}
	return t.current
}

func (t *tokens) keep(fresh *token) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.current = fresh
}

// text returns what must not be shown.
func (t *tokens) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current == nil {
		return ""
	}
	return t.current.text
}

// discard forgets a token, unless another caller has renewed it already.
func (t *tokens) discard(old *token) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current == old {
		t.current = nil
	}
}

// fetched is the result of a request for a token: it or the reason.
type fetched struct {
	token  *token
	failed *provider.Outcome
}

// token returns a token to use now. Callers that need a new one at the same time
// share one request, which outlives the caller that began it: if that one gives
// up, the others still wait for it.
func (c *Client) token(ctx context.Context) (*token, *provider.Outcome) {
	if current := c.tokens.valid(time.Now()); current != nil {
		return current, nil
	}
	shared := c.tokens.flight.DoChan("token", func() (any, error) {
		if current := c.tokens.valid(time.Now()); current != nil {
			return fetched{token: current}, nil
		}
		fresh, failed := c.fetchToken(context.WithoutCancel(ctx))
		if fresh != nil {
			c.tokens.keep(fresh)
		}
		return fetched{fresh, failed}, nil
	})
	select {
	case result := <-shared:
		got := result.Val.(fetched) //nolint:errcheck,forcetypeassert // the function above returns nothing else
		return got.token, got.failed
	case <-ctx.Done():
		return nil, &provider.Outcome{
			Class: provider.NotSent, Code: provider.CodeTimeout, Unsent: true,
			Message: "no token in time: " + ctx.Err().Error(),
		}
	}
}

// tokenAnswer is the answer of the auth page in both of its documented forms.
type tokenAnswer struct {
	tokenFields
	Data tokenFields `json:"data"`
}

type tokenFields struct {
	Token string `json:"token"`
	Exp   scalar `json:"exp"`
}

// fetchToken asks for a token. Whatever goes wrong, no payout was processed.
func (c *Client) fetchToken(ctx context.Context) (*token, *provider.Outcome) {
	asked := time.Now()
	done := c.exchange(ctx, http.MethodPost, c.base.JoinPath(c.config.AuthPath), nil, c.header(c.basic), documentedMax)
	if done.err == nil && successful(done.status) {
		var answer tokenAnswer
		if err := unmarshal(done.body, &answer); err == nil {
			told := answer.Data
			if told.Token == "" {
				told = answer.tokenFields
			}
			if sendable(told.Token) {
				return &token{
					text: told.Token, header: c.header("Bearer " + told.Token), renewAt: renewal(asked, told.Exp),
				}, nil
			}
		}
	}
	o := c.redact(refusedToken(done), "")
	return nil, &o
}

// sendable reports whether a token can stand in a header (RFC 6750 allows less).
func sendable(token string) bool {
	return token != "" && strings.IndexFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

// renewal says when a token must be replaced.
func renewal(asked time.Time, exp scalar) time.Time {
	life := lifeAssumed
	if seconds, err := strconv.ParseInt(exp.text, 10, 64); err == nil {
		if told := time.Unix(seconds, 0).Sub(asked); told > 0 && told <= lifeMax {
			life = told
		}
	}
	const share = 10
	margin := min(max(life/share, marginMin), marginMax, life/2)
	return asked.Add(life - margin)
}

func refusedToken(done exchange) provider.Outcome {
	o := provider.Outcome{Class: provider.NotSent, Unsent: true}
	if done.err != nil {
		o.Code, o.Message = transportCode(done), "no token: "+done.err.Error()
		return o
	}
	body := readBody(done.body)
	code := body.statusCode(done.status)
	o.Code, o.Message = body.verdict(done.status), "no token: "+firstOf(body.explanation(), "the answer has none")
	switch {
	case code == http.StatusTooManyRequests, code == http.StatusServiceUnavailable:
		o.Class, o.BackOff, o.RetryAfter = provider.Throttled, true, retryAfter(done.header, done.at)
	case successful(code):
		o.Code = provider.CodeGarbage
	case !body.object: // a firewall's page says nothing of the credentials
		backOff(&o, done, code)
	case code == http.StatusUnauthorized, code == http.StatusForbidden, code == http.StatusBadRequest:
		o.Class = provider.Unauthorized
	}
	return o
}

// tokenExpired reports whether a request was turned away for its token, by
// whoever checks it.
func tokenExpired(done exchange) bool {
	if done.status != http.StatusUnauthorized && !bytes.Contains(done.body, []byte("401")) {
		return false // most answers need not be read twice
	}
	b := readBody(done.body)
	if b.statusCode(done.status) != http.StatusUnauthorized {
		return false
	}
	return saysExpired(b.said())
}
