package sandbox

import (
	"net/http"
	"strings"
	"time"
)

// lookUp answers what became of a transfer, by the provider's ref or the
// merchant's transaction id. The older page answers in the older writing, the
// newer page in the newer; both refuse in the newer, as documented.
func (s *Sandbox) lookUp(w http.ResponseWriter, r *http.Request) {
	if refused := s.admit(r); refused != nil {
		s.reply(w, r, newStyle{}.refusal(refused))
		return
	}
	reference := r.PathValue("reference")
	d := s.nextDraw(lookupSubject, reference)
	var found style = newStyle{}
	if strings.HasPrefix(r.URL.Path, "/v1/get-status-payment/") {
		found = oldStyle{}
	}
	v, ok := s.look(reference)
	s.replyAs(w, r, s.bendLookUp(r, found, d, v, ok), d)
}

// bendLookUp returns the answer to a look-up, which may be a fault's.
func (s *Sandbox) bendLookUp(r *http.Request, found style, d draw, v view, ok bool) answer {
	fault := s.wheels[OnLookup].spin(d)
	if fault == LookupStranger && !ok {
		fault = "" // there is nothing to resemble
	}
	if fault != "" {
		s.fire(fault)
	}
	switch {
	case fault == LookupHang:
		hang(r)
	case fault == Lookup500:
		return newStyle{}.refusal(internal())
	case fault == LookupGarbage:
		return garbage()
	case fault == LookupStranger:
		return found.found(s.stranger(v.transfer, d))
	case !ok:
		return newStyle{}.refusal(notFound())
	}
	return found.found(v)
}

func (s *Sandbox) look(reference string) (view, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	t := s.book.find(reference, now)
	if t == nil {
		return view{}, false
	}
	return s.viewAt(t, now), true
}

// balance answers with what the merchant's account holds, a decimal text.
func (s *Sandbox) balance(w http.ResponseWriter, r *http.Request) {
	if refused := s.admit(r); refused != nil {
		s.reply(w, r, newStyle{}.refusal(refused))
		return
	}
	s.mu.Lock()
	available := s.book.balance(time.Now())
	s.mu.Unlock()
	s.reply(w, r, jsonAnswer(http.StatusOK, newEnvelope{
		StatusCode: http.StatusOK, Message: "Successful",
		Data: balanceData{available.String(), "XOF"},
	}))
}

type balanceData struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

// all answers with every transfer that look-ups can see, in one list: paging is
// not documented.
func (s *Sandbox) all(w http.ResponseWriter, r *http.Request) {
	if refused := s.admit(r); refused != nil {
		s.reply(w, r, newStyle{}.refusal(refused))
		return
	}
	s.mu.Lock()
	now := time.Now()
	list := make([]any, 0, len(s.book.transfers))
	for _, t := range s.book.transfers {
		if t.visible(now) {
			list = append(list, newStyle{}.transfer(s.viewAt(t, now)))
		}
	}
	s.mu.Unlock()
	s.reply(w, r, jsonAnswer(http.StatusOK, newEnvelope{
		StatusCode: http.StatusOK, Message: "Successful", Data: list,
	}))
}
