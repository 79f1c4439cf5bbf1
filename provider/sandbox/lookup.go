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
	who, refused := s.admit(r)
	if refused != nil {
		s.reply(w, r, v1{}.refusal(refused))
		return
	}
	reference := r.PathValue("reference")
	d := s.nextDraw(lookupSubject, reference)
	var found dialect = v1{}
	if strings.HasPrefix(r.URL.Path, "/v1/get-status-payment/") {
		found = v2{}
	}
	v, ok := s.look(who, reference)
	s.replyAs(w, r, s.bendLookUp(r, found, d, v, ok), d)
}

// bendLookUp returns the answer to a look-up, which may be a fault's.
func (s *Sandbox) bendLookUp(r *http.Request, found dialect, d draw, v view, ok bool) answer {
	fault := s.faultTables[OnLookup].pick(d)
	if fault == LookupStranger && !ok {
		fault = "" // there is nothing to resemble
	}
	if fault != "" {
		s.countFault(fault)
	}
	switch {
	case fault == LookupHang:
		hang(r)
	case fault == Lookup500:
		return v1{}.refusal(internal())
	case fault == LookupGarbage:
		return garbage()
	case fault == LookupStranger:
		return found.found(s.stranger(v.transfer, d))
	case fault == LookupGateway:
		return gateway(d, s.retryAfter(d))
	case fault == LookupBlind, !ok:
		return s.notFoundAnswer(r.URL.Path)
	}
	return found.found(v)
}

func (s *Sandbox) look(who account, reference string) (view, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	t := s.book(who).find(reference, s.scenario.LookupFinds, now)
	if t == nil {
		return view{}, false
	}
	return s.viewAt(t, now), true
}

// balance answers with what the merchant's account holds, a decimal text.
func (s *Sandbox) balance(w http.ResponseWriter, r *http.Request) {
	who, refused := s.admit(r)
	if refused != nil {
		s.reply(w, r, v1{}.refusal(refused))
		return
	}
	s.mu.Lock()
	available := s.book(who).balance(time.Now())
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
	who, refused := s.admit(r)
	if refused != nil {
		s.reply(w, r, v1{}.refusal(refused))
		return
	}
	switch s.scenario.List {
	case ListFails:
		s.reply(w, r, v1{}.refusal(internal()))
		return
	case ListMissing:
		s.reply(w, r, htmlAnswer(http.StatusNotFound))
		return
	default:
	}
	list := s.list(who)
	if s.scenario.List == ListNewest {
		list = list[max(0, len(list)-newestMax):]
	}
	a := jsonAnswer(http.StatusOK, newEnvelope{StatusCode: http.StatusOK, Message: "Successful", Data: list})
	if s.scenario.List == ListCut {
		a.body = a.body[:len(a.body)/2]
	}
	s.reply(w, r, a)
}

// newestMax is the length of a list of the newest transfers.
const newestMax = 10

// list returns what look-ups can see of an account.
func (s *Sandbox) list(who account) []any {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	list := []any{}
	for _, t := range s.book(who).transfers {
		if t.visible(now) {
			list = append(list, v1{}.transfer(s.viewAt(t, now)))
		}
	}
	return list
}
