package sandbox

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"
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
	v, ok, err := s.look(who, reference)
	if err != nil {
		s.replyAs(w, r, v1{}.refusal(internal()), d)
		return
	}
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

func (s *Sandbox) look(who account, reference string) (v view, found bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	t, err := s.find(who, reference, now)
	if t == nil || err != nil {
		return view{}, false, err
	}
	return s.viewAt(t, now), true, nil
}

// balance answers with what the merchant's account holds, a decimal text.
func (s *Sandbox) balance(w http.ResponseWriter, r *http.Request) {
	who, refused := s.admit(r)
	if refused != nil {
		s.reply(w, r, v1{}.refusal(refused))
		return
	}
	s.mu.Lock()
	available := s.balanceOf(who, time.Now())
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
	wait(r, s.nextDraw("reply", r.URL.Path).within(s.scenario.Latency, "latency"))
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusOK)
	out := bufio.NewWriter(w)
	if err := s.writeList(out, who); err != nil {
		cut()
	}
	_ = out.Flush() // a client that left does not want it
}

// newestMax is the length of a list of the newest transfers.
const newestMax = 10

// writeList writes what look-ups can see of an account as it is read, so that a long list
// takes no memory. Of a list that is cut it writes no more than the older half.
func (s *Sandbox) writeList(w io.Writer, who account) error {
	s.mu.Lock()
	now, end := time.Now(), s.archive.end()
	s.mu.Unlock()
	tail := "]}"
	if s.scenario.List == ListCut {
		end, tail = end/2, ""
	}
	listed := s.visible(who, end, now)
	if s.scenario.List == ListNewest {
		listed = newestOf(listed)
	}
	between := `{"statusCode":200,"message":"Successful","data":[`
	for v, err := range listed {
		if err != nil {
			return err
		}
		text, err := json.Marshal(v1{}.transfer(v))
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s%s", between, text); err != nil {
			return err
		}
		between = ","
	}
	if between != "," {
		tail = between + tail
	}
	_, err := io.WriteString(w, tail)
	return err
}

// visible yields what look-ups can see of an account before a place of the archive. The
// lock is held for some transfers at a time.
func (s *Sandbox) visible(who account, end int64, now time.Time) iter.Seq2[view, error] {
	return func(yield func(view, error) bool) {
		for at := int64(0); at < end; {
			s.mu.Lock()
			some, next, err := s.archive.page(at, end)
			s.mu.Unlock()
			if err != nil {
				yield(view{}, err)
				return
			}
			for _, t := range some {
				if t.account == who && t.visible(now) && !yield(s.viewAt(t, now), nil) {
					return
				}
			}
			at = next
		}
	}
}

// newestOf yields the last of a list.
func newestOf(all iter.Seq2[view, error]) iter.Seq2[view, error] {
	return func(yield func(view, error) bool) {
		var newest []view
		for v, err := range all {
			if err != nil {
				yield(v, err)
				return
			}
			if newest = append(newest, v); len(newest) > newestMax {
				newest = newest[1:]
			}
		}
		for _, v := range newest {
			if !yield(v, nil) {
				return
			}
		}
	}
}
