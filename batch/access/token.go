package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Scope is a kind of calls that a token is for. Its words are stable.
type Scope string

// The scopes.
const (
	// Read: see batches, payouts, reports and events.
	Read Scope = "read"
	// Submit: bring files in, or have them checked. Nothing is paid by it.
	Submit Scope = "submit"
	// Pay: let be paid what was brought in, try again what failed, withdraw.
	Pay Scope = "pay"
	// Approve: bring in what people signed, decisions and changes of who may sign, and propose
	// policies. The signature says who decides.
	Approve Scope = "approve"
	// Resolve: say what a person saw at the provider.
	Resolve Scope = "resolve"
	// Tokens: make, see and end the ways in: tokens, invitations, the provider's address.
	Tokens Scope = "tokens"
	// Metrics: read the measurements of the server.
	Metrics Scope = "metrics"
)

// Scopes lists all of them.
func Scopes() []Scope { return []Scope{Read, Submit, Pay, Approve, Resolve, Tokens, Metrics} }

// Token describes a token, without its secret.
type Token struct {
	ID string `json:"id"`
	// Name says what the token is for: "erp-night".
	Name string `json:"name"`
	// Person is in whose name the calls are made.
	Person  string    `json:"person"`
	Scopes  []Scope   `json:"scopes"`
	Expires time.Time `json:"expires"`
	// SHA256 is that of the secret, in hex.
	SHA256 string `json:"sha256"`

	Created time.Time `json:"-"`
	// Revoked and Used are zero if that never happened. Used is exact to the day, but for
	// the uses that this process saw.
	Revoked time.Time `json:"-"`
	Used    time.Time `json:"-"`
}

// May reports whether the token is for a scope.
func (t Token) May(s Scope) bool { return slices.Contains(t.Scopes, s) }

// Valid reports whether the token may be used at a moment.
func (t Token) Valid(now time.Time) bool { return t.Revoked.IsZero() && now.Before(t.Expires) }

// The errors of making tokens.
var (
	ErrScope   = errors.New("not a scope of tokens")
	ErrName    = errors.New("not a name for a token")
	ErrExpiry  = errors.New("a token lasts between an hour and 400 days")
	ErrUnknown = errors.New("no such token")
	// ErrRefused is returned for a secret that lets nobody in. Whoever has it learns no more.
	ErrRefused = errors.New("the token is not known, has ended or was revoked")
)

// The bounds of a token's life.
const (
	shortest = time.Hour
	longest  = 400 * 24 * time.Hour
)

// ParseScopes reads scopes by name, each once.
func ParseScopes(names []string) ([]Scope, error) {
	var scopes []Scope
	for _, name := range names {
		scope := Scope(strings.TrimSpace(name))
		if !slices.Contains(Scopes(), scope) {
			return nil, fmt.Errorf("%w: %q", ErrScope, name)
		}
		if !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	if len(scopes) == 0 {
		return nil, fmt.Errorf("%w: none is named", ErrScope)
	}
	return scopes, nil
}

// Request describes a token that is wanted.
type Request struct {
	Name, Person string
	Scopes       []Scope
	Lasts        time.Duration
}

// check refuses what makes no sense.
func (r Request) check() error {
	const nameMax = 64
	for _, name := range []string{r.Name, r.Person} {
		if name == "" || len(name) > nameMax || strings.ContainsFunc(name, func(c rune) bool { return c < ' ' || c == 0x7f }) {
			return fmt.Errorf("%w: %q", ErrName, name)
		}
	}
	for _, scope := range r.Scopes {
		if !slices.Contains(Scopes(), scope) {
			return fmt.Errorf("%w: %q", ErrScope, scope)
		}
	}
	if len(r.Scopes) == 0 {
		return fmt.Errorf("%w: none is named", ErrScope)
	}
	if r.Lasts < shortest || r.Lasts > longest {
		return fmt.Errorf("%w: %s", ErrExpiry, r.Lasts)
	}
	return nil
}

// A secret is prefix, id and random bytes, so that a scanner of source code knows one.
const (
	prefix      = "payrun_"
	idBytes     = 6
	secretBytes = 32
)

// secret spells a token's secret.
func secret(id string, random []byte) string {
	return prefix + id + "_" + base64.RawURLEncoding.EncodeToString(random)
}

// idOf reads the id of a secret, empty for what is none.
func idOf(secret string) string {
	rest, is := strings.CutPrefix(secret, prefix)
	id, random, cut := strings.Cut(rest, "_")
	if !is || !cut || len(id) != hex.EncodedLen(idBytes) || len(random) != base64.RawURLEncoding.EncodedLen(secretBytes) {
		return ""
	}
	return id
}

func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// opens reports whether a secret is the token's, in a time that tells nothing.
func (t Token) opens(secret string) bool {
	return subtle.ConstantTimeCompare([]byte(t.SHA256), []byte(digest(secret))) == 1
}
