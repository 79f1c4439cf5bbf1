package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// tokens issues and checks access tokens. They look like JWTs and carry
// their own expiry, so a restarted sandbox honours those it gave out before.
type tokens struct {
	key       []byte
	merchants []Merchant
	life      time.Duration
	ahead     time.Duration // of the provider's clock
	// latest is the token that was read last: a client shows the same with each request.
	latest atomic.Pointer[readToken]
}

// readToken is a token that was signed here, and what it says.
type readToken struct {
	token  string
	claims claims
}

// tokenState is the validity of a bearer token.
type tokenState uint8

const (
	tokenForeign tokenState = iota
	tokenStale
	tokenGood
)

func newTokens(merchants []Merchant, scenario Scenario) *tokens {
	key := sha256.Sum256([]byte("sandbox tokens\x00" + merchants[0].Key + "\x00" + merchants[0].Secret))
	return &tokens{key: key[:], merchants: merchants, life: scenario.TokenLife, ahead: scenario.ClockAhead}
}

// claims is a token's payload.
type claims struct {
	Subject string `json:"sub"` // the merchant's API key
	Issued  int64  `json:"iat"` // Unix nanoseconds, so that no two tokens are alike
	Expires int64  `json:"exp"` // Unix seconds
}

//nolint:gochecknoglobals // constant text
var tokenHead = base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`))

func (t *tokens) issue(apiKey string, now time.Time) (token string, expires time.Time, err error) {
	expires = now.Add(t.life).Truncate(time.Second)
	payload, err := json.Marshal(claims{apiKey, now.UnixNano(), expires.Unix()})
	if err != nil {
		return "", time.Time{}, err
	}
	head := tokenHead + "." + base64.RawURLEncoding.EncodeToString(payload)
	return head + "." + t.sign(head), expires, nil
}

func (t *tokens) sign(head string) string {
	mac := hmac.New(sha256.New, t.key)
	mac.Write([]byte(head))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// check says what a token is worth, and whose it is.
func (t *tokens) check(token string, now time.Time) (apiKey string, state tokenState) {
	c, ours := t.read(token)
	switch {
	case !ours:
		return "", tokenForeign
	case now.Unix() >= c.Expires:
		return c.Subject, tokenStale
	default:
		return c.Subject, tokenGood
	}
}

// read returns what a token says, if it was signed here.
func (t *tokens) read(token string) (c claims, ours bool) {
	if latest := t.latest.Load(); latest != nil && latest.token == token {
		return latest.claims, true
	}
	end := strings.LastIndexByte(token, '.')
	if end < 0 || !hmac.Equal([]byte(t.sign(token[:end])), []byte(token[end+1:])) {
		return claims{}, false
	}
	_, body, _ := strings.Cut(token[:end], ".")
	payload, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil || json.Unmarshal(payload, &c) != nil {
		return claims{}, false
	}
	t.latest.Store(&readToken{token, c})
	return c, true
}

// opens reports whether the pair is a merchant's.
func (t *tokens) opens(apiKey, apiSecret string) bool {
	for _, merchant := range t.merchants {
		key := subtle.ConstantTimeCompare([]byte(apiKey), []byte(merchant.Key))
		secret := subtle.ConstantTimeCompare([]byte(apiSecret), []byte(merchant.Secret))
		if key&secret == 1 {
			return true
		}
	}
	return false
}

// merchantOf returns the key by which the books know who has an API key.
func (t *tokens) merchantOf(apiKey string) string {
	for _, merchant := range t.merchants {
		if merchant.Key == apiKey && merchant.Of != "" {
			return merchant.Of
		}
	}
	return apiKey
}

// auth answers POST /v1/auth.
func (s *Sandbox) auth(w http.ResponseWriter, r *http.Request) {
	apiKey, apiSecret, ok := r.BasicAuth()
	switch {
	case r.Header.Get(environmentHeader) == "":
		s.reply(w, r, v1{}.refusal(noEnvironment()))
	case !ok || apiKey == "" || apiSecret == "":
		s.reply(w, r, v1{}.refusal(&refusal{
			status: http.StatusBadRequest, code: codeBadRequest,
			reason: "La clé API et le secret sont requis",
		}))
	case !s.tokens.opens(apiKey, apiSecret):
		s.reply(w, r, v1{}.refusal(&refusal{
			status: http.StatusUnauthorized, code: codeUnauthorized,
			reason: "La clé API ou le secret est incorrect",
		}))
	default:
		token, expires, err := s.tokens.issue(apiKey, time.Now())
		if err != nil {
			s.reply(w, r, v1{}.refusal(internal()))
			return
		}
		s.reply(w, r, jsonAnswer(http.StatusOK, newEnvelope{
			StatusCode: http.StatusOK, Message: "Successful",
			Data: tokenData{token, expires.Add(s.tokens.ahead).Unix()},
		}))
	}
}

type tokenData struct {
	Token   string `json:"token"`
	Expires int64  `json:"exp"`
}
