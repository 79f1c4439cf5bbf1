package console

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"payrun/internal/httpapi"
)

// policy bounds what a page may load and do: nothing but what this server sends.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// bodyMax bounds the bodies of forms without a file, and what is around a file.
const bodyMax = 64 << 10

// guarded answers what no request may do: come by another name, send without end, or show
// the page within another one.
func (s *server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		within(w, s.Limits.Body)
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "same-origin")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Permissions-Policy", "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), geolocation=(), microphone=()")
		header.Set("Cache-Control", "no-store")
		if s.secure() {
			header.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if !s.Named(r) {
			s.tell(w, r, errHost)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// within limits how long a request's body, and then its answer, may take from now on. Every
// request has a limit, also one that is refused: the server reads what is left of its body.
func within(w http.ResponseWriter, limit time.Duration) {
	control := http.NewResponseController(w)
	deadline := time.Now().Add(limit)
	_ = control.SetReadDeadline(deadline)             // which a test's recorder cannot
	_ = control.SetWriteDeadline(deadline.Add(limit)) // a stream of events sets its own
}

// sameOrigin refuses what another site's page has a browser send.
func (s *server) sameOrigin(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	if err := protection.AddTrustedOrigin(s.Origin); err != nil {
		s.Log.Error().Err(err).Str("origin", s.Origin).Msg("the server's own origin is none")
	}
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.tell(w, r, errCrossOrigin) }))
	return protection.Handler(next)
}

// admitted lets somebody through who may ask for a route.
func (s *server) admitted(one route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limit := int64(bodyMax)
		if one.upload {
			limit += s.UploadMax
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		if one.limited && !s.tries.allow(httpapi.AddressOf(r, s.Proxied)) {
			w.Header().Set("Retry-After", "2")
			s.tell(w, r, errTries)
			return
		}
		if err := readForm(r, one); err != nil {
			s.tell(w, r, err)
			return
		}
		v, err := s.visitor(r)
		r = r.WithContext(withVisitor(r.Context(), v))
		switch {
		case err != nil:
		case one.open:
		case !v.SignedIn() && r.Method == http.MethodGet && !one.stream:
			s.redirect(w, r, "/sign-in?then="+url.QueryEscape(r.URL.RequestURI()))
			return
		case !v.SignedIn():
			err = errSignIn
		case len(one.roles) > 0 && !v.Is(one.roles...):
			err = errRole
		}
		if err == nil {
			if one.upload {
				within(w, s.Limits.Upload) // which nobody has who may not bring a file
			}
			err = one.serve(w, r)
		}
		if err != nil {
			s.tell(w, r, err)
		}
	})
}

// readForm reads a form whole before anything is done with it: half a form says something else.
func readForm(r *http.Request, one route) error {
	if one.method != http.MethodPost || one.upload {
		return nil
	}
	err := r.ParseForm()
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge || err == nil {
		return err
	}
	return errRequest
}
