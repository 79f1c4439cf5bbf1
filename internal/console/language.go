package console

import (
	"net/http"
	"time"

	"payrun/internal/catalogue"
	"payrun/ledger"
)

// speak keeps the language that a visitor chose, with them or, while nobody is signed in, in this
// browser, and goes back to the page.
func (s *server) speak(w http.ResponseWriter, r *http.Request) error {
	chosen, known := catalogue.ParseLanguage(r.PostFormValue("language"))
	if !known {
		return errRequest
	}
	if visitorOf(r).SignedIn() {
		if err := s.SignIn.Speak(r.Context(), s.person(r), string(chosen)); err != nil {
			return err
		}
	} else {
		const year = 365 * 24 * time.Hour
		s.setLanguageCookie(w, string(chosen), year)
	}
	s.redirect(w, r, ownPath(r.PostFormValue("then")))
	return nil
}

// setLanguageCookie has the browser remember a language; an empty one takes it back.
func (s *server) setLanguageCookie(w http.ResponseWriter, language string, lasts time.Duration) {
	cookie := &http.Cookie{ //nolint:gosec // secure wherever the pages come by TLS
		Name: languageCookie, Value: language, Path: "/", Secure: s.secure(), HttpOnly: true,
		SameSite: http.SameSiteLaxMode, MaxAge: int(lasts / time.Second),
	}
	if language == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
}

// adoptLanguage hands what was chosen in this browser to whoever signs in there and has chosen
// nothing yet. The next person at this machine has none of it.
func (s *server) adoptLanguage(w http.ResponseWriter, r *http.Request, by ledger.Person) error {
	chosen, is := browserLanguage(r)
	if !is {
		return nil
	}
	before, err := s.SignIn.Language(r.Context(), by.Name)
	if err == nil && before == "" {
		err = s.SignIn.Speak(r.Context(), by, string(chosen))
	}
	if err == nil {
		s.setLanguageCookie(w, "", 0)
	}
	return err
}

// browserLanguage is the language that somebody chose in this browser.
func browserLanguage(r *http.Request) (catalogue.Language, bool) {
	cookie, err := r.Cookie(languageCookie)
	if err != nil {
		return "", false
	}
	return catalogue.ParseLanguage(cookie.Value)
}

// languageOf is the language that was chosen in this browser, or that it asks for.
func languageOf(r *http.Request) catalogue.Language {
	if chosen, is := browserLanguage(r); is {
		return chosen
	}
	return catalogue.Accepted(r.Header.Get("Accept-Language"))
}
