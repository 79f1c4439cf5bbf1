package console

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The cookies. Those that matter have the prefix __Host- where the pages come by TLS, so that
// no other host of the same domain can set them.
const (
	sessionCookie  = "payrun"
	noticeCookie   = "payrun-notice"
	languageCookie = "payrun-language"
)

// secure reports whether the pages come by TLS, that of the server or that of a proxy.
func (s *server) secure() bool { return strings.HasPrefix(s.Origin, "https://") }

// cookieName is a cookie's name on this server.
func (s *server) cookieName(name string) string {
	if s.secure() {
		return "__Host-" + name
	}
	return name
}

// setCookie gives the browser a value that scripts and other sites do not see, until it is
// closed or the time is over; an empty value takes it back.
func (s *server) setCookie(w http.ResponseWriter, name, value string, lasts time.Duration) {
	cookie := &http.Cookie{ //nolint:gosec // secure wherever the pages come by TLS
		Name: s.cookieName(name), Value: value, Path: "/", Secure: s.secure(), HttpOnly: true,
		SameSite: http.SameSiteLaxMode, MaxAge: int(lasts / time.Second),
	}
	if value == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
}

// redirect leads to another page of the console after something was done.
func (s *server) redirect(w http.ResponseWriter, r *http.Request, path string) {
	http.Redirect(w, r, path, http.StatusSeeOther) //nolint:gosec // the paths are our own, or went through ownPath
}

// done leads to another page, which says what was done: the words of console.done.WORD.
func (s *server) done(w http.ResponseWriter, r *http.Request, path, word string) {
	s.setCookie(w, noticeCookie, word, time.Minute)
	s.redirect(w, r, path)
}

// notice takes the word of what was done just now, empty for none.
func (s *server) notice(w http.ResponseWriter, r *http.Request) string {
	cookie, err := r.Cookie(s.cookieName(noticeCookie))
	if err != nil {
		return ""
	}
	s.setCookie(w, noticeCookie, "", 0)
	return cookie.Value
}

// ownPath is a path on this server that a form or a link named, or the beginning: nobody is
// led elsewhere.
func ownPath(named string) string {
	to, err := url.Parse(named)
	if err != nil || to.Scheme != "" || to.Host != "" || to.User != nil || to.Opaque != "" ||
		!strings.HasPrefix(named, "/") || strings.HasPrefix(named, "//") || strings.ContainsAny(named, "\\\r\n\t") {
		return "/"
	}
	return named
}
