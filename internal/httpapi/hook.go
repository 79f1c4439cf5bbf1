package httpapi

import (
	"context"
	"io"
	"net/http"
)

// The bounds of the provider's calls: how large one is, and how many in a second count.
const (
	hookMax     = 16 << 10
	hooksPerSec = 20
	hooksAtOnce = 100
)

// hookPath is the path of the address that the provider calls, but for its secret.
const hookPath = "/hooks/"

// called takes the provider's calls, which nobody signs: all that one does is to have look-ups
// made sooner. Each is answered alike, so that whoever tries the address learns nothing.
func (s *server) called(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, hookMax+1))
	if err == nil && len(body) <= hookMax {
		s.heed(r.Context(), r.PathValue("secret"), body)
	}
	w.WriteHeader(http.StatusOK)
}

// heed passes a call on if it came to the address that is in force.
func (s *server) heed(ctx context.Context, secret string, body []byte) {
	opens, err := s.Tokens.OpensHook(ctx, secret)
	if err != nil {
		s.Log.Error().Err(err).Msg("a call of the provider could not be judged")
		return
	}
	if !opens || !s.hooks.AllowN(s.Clock(), 1) || s.Called == nil {
		return
	}
	s.Log.Debug().Int("bytes", len(body)).Msg("the provider called")
	s.Called(body)
}

// Hook is the address that the provider calls. It is told once.
type Hook struct {
	Path string `json:"path" doc:"behind this server's name; enter it at the provider. Told once, and kept by nobody here"`
}

// createHook makes another address for the provider, and ends the one before.
func (s *server) createHook(ctx context.Context, _ *struct{}) (*struct {
	Status int
	Body   Hook
}, error,
) {
	secret, err := s.Tokens.MakeHook(ctx, s.person(ctx))
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return &struct {
		Status int
		Body   Hook
	}{http.StatusCreated, Hook{Path: hookPath + secret}}, nil
}

// endHook ends the address of the provider.
func (s *server) endHook(ctx context.Context, _ *struct{}) (*struct{}, error) {
	return nil, s.problem(ctx, s.Tokens.EndHook(ctx, s.person(ctx)))
}
