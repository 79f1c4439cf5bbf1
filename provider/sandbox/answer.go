package sandbox

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// answer is a whole response, made before any of it is written, so that faults
// can bend it.
type answer struct {
	status     int
	html       bool
	retryAfter string
	body       []byte
}

func jsonAnswer(status int, body any) answer {
	text, err := json.Marshal(body)
	if err != nil { // none of this package's bodies can fail to marshal
		return answer{status: http.StatusInternalServerError}
	}
	return answer{status: status, body: text}
}

// htmlAnswer returns the page of a proxy in front of the provider.
func htmlAnswer(status int) answer {
	text := strconv.Itoa(status) + " " + http.StatusText(status)
	return answer{status: status, html: true, body: []byte(
		"<html>\r\n<head><title>" + text + "</title></head>\r\n<body>\r\n<center><h1>" + text +
			"</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n")}
}

func (a answer) writeHeader(w http.ResponseWriter) {
	contentType := "application/json; charset=utf-8"
	if a.html {
		contentType = "text/html"
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	if a.retryAfter != "" {
		w.Header().Set("Retry-After", a.retryAfter)
	}
	w.WriteHeader(a.status)
}

func (a answer) write(w http.ResponseWriter) {
	a.writeHeader(w)
	_, _ = w.Write(a.body) // a client that left does not want it
}

// writeHalf announces the whole body, sends half of it and cuts the connection.
func (a answer) writeHalf(w http.ResponseWriter) {
	a.writeHeader(w)
	_, _ = w.Write(a.body[:len(a.body)/2])
	_ = http.NewResponseController(w).Flush() // a writer that cannot flush loses the half: still a cut
	cut()
}

// cut breaks the connection without a word.
func cut() { panic(http.ErrAbortHandler) }

// hang says nothing until the client gives up or the server stops.
func hang(r *http.Request) {
	<-r.Context().Done()
	cut()
}

// wait lets time pass while the client is there.
func wait(r *http.Request, delay time.Duration) {
	if delay <= 0 {
		return
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
		cut()
	}
}

// reply answers after the usual latency.
func (s *Sandbox) reply(w http.ResponseWriter, r *http.Request, a answer) {
	s.replyAs(w, r, a, s.nextDraw("reply", r.URL.Path))
}

func (s *Sandbox) replyAs(w http.ResponseWriter, r *http.Request, a answer, d draw) {
	wait(r, d.within(s.scenario.Latency, "latency"))
	a.write(w)
}
