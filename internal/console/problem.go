package console

import (
	"errors"
	"net/http"
	"strings"

	"payrun/internal/httpapi"
)

// problem is a refusal of the console's own, by its code: the words of console.problem.CODE.
type problem struct {
	code   string
	status int
}

func (p *problem) Error() string { return p.code }

// The refusals.
var (
	errNowhere       error = &problem{"nowhere", http.StatusNotFound}
	errHost          error = &problem{"host", http.StatusMisdirectedRequest}
	errCrossOrigin   error = &problem{"cross_origin", http.StatusForbidden}
	errSignIn        error = &problem{"sign_in", http.StatusUnauthorized}
	errRole          error = &problem{"role", http.StatusForbidden}
	errTries         error = &problem{"tries", http.StatusTooManyRequests}
	errChallenge     error = &problem{"challenge", http.StatusBadRequest}
	errSignature     error = &problem{"signature", http.StatusForbidden}
	errPasskey       error = &problem{"passkey", http.StatusForbidden}
	errCopied        error = &problem{"copied", http.StatusForbidden}
	errUnknownKey    error = &problem{"unknown_key", http.StatusForbidden}
	errKnownKey      error = &problem{"known_key", http.StatusConflict}
	errPublicKey     error = &problem{"public_key", http.StatusBadRequest}
	errInvitation    error = &problem{"invitation", http.StatusNotFound}
	errListed        error = &problem{"listed", http.StatusConflict}
	errRequest       error = &problem{"request", http.StatusBadRequest}
	errNoKey         error = &problem{"no_key", http.StatusForbidden}
	errMoved         error = &problem{"moved", http.StatusConflict}
	errToldMeanwhile error = &problem{"told_meanwhile", http.StatusConflict}
	errBusy          error = &problem{"busy", http.StatusServiceUnavailable}
)

// told is an error in a visitor's words.
type told struct {
	Status int
	// Title says what happened, in a sentence. Detail is more about this one, in English; empty where
	// it may say more of this machine than a visitor should know.
	Title, Detail string
	// Mend is set where the detail says what the visitor has to mend.
	Mend bool
	// Code is stable: for whoever asks about it.
	Code string
}

// explain says what an error means to a visitor.
func (s *server) explain(r *http.Request, err error) told {
	words := s.words(r)
	if _, is := errors.AsType[*http.MaxBytesError](err); is {
		return told{Status: http.StatusRequestEntityTooLarge, Title: sentence(words.Text("api.too_large")), Code: "too_large"}
	}
	if own, is := errors.AsType[*problem](err); is {
		return told{Status: own.status, Title: words.Text("console.problem." + own.code), Code: own.code}
	}
	code := httpapi.CodeOf(err)
	t := told{Status: httpapi.StatusOf(code), Title: sentence(words.Title(code)), Detail: err.Error(), Code: code}
	t.Mend = code == "people" || code == "policy"
	if code == "internal" {
		t.Detail = ""
	}
	return t
}

// tell answers with an error: as a page, or to a script that asks for JSON in one line.
func (s *server) tell(w http.ResponseWriter, r *http.Request, err error) {
	t := s.explain(r, err)
	if t.Status >= http.StatusInternalServerError {
		s.Log.Error().Err(err).Str("code", t.Code).Str("page", r.Pattern).Msg("a page failed")
	}
	if t.Status == http.StatusRequestEntityTooLarge {
		w.Header().Set("Connection", "close") // what is still under way is no request
	}
	if strings.HasPrefix(r.Header.Get("Accept"), "text/plain") {
		http.Error(w, t.Title, t.Status)
		return
	}
	if err := s.renderAs(w, r, t.Status, "problem", t); err != nil {
		s.Log.Error().Err(err).Msg("the page of an error failed")
		http.Error(w, t.Title, t.Status)
	}
}
