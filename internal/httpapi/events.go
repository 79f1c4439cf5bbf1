package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"payrun/batch/access"
	"payrun/internal/sse"
	"payrun/ledger"
)

// Event is a line of the audit log as a stream tells it. It names no person who is paid.
type Event struct {
	Sequence uint64               `json:"sequence" doc:"its number, which is the id of the event in the stream"`
	At       time.Time            `json:"at"`
	Batch    ledger.BatchID       `json:"batch,omitempty"`
	Kind     string               `json:"kind" doc:"rows.entered, payout.moved, payout.heard, or the code of an act"`
	Payout   ledger.TransactionID `json:"payout,omitempty"`
	From     string               `json:"from,omitempty"`
	To       string               `json:"to,omitempty"`
	Code     string               `json:"code,omitempty" doc:"the provider's word"`
	Count    int                  `json:"count,omitempty"`
	By       string               `json:"by,omitempty"`
}

// The kinds of events that are no acts.
const (
	kindEntered = "rows.entered"
	kindMoved   = "payout.moved"
	kindHeard   = "payout.heard"
)

func eventOf(e ledger.Event) Event {
	v := Event{Sequence: e.Sequence, At: e.At, Batch: e.Batch, By: e.By.Name}
	switch {
	case e.Act != "":
		v.Kind, v.Count = string(e.Act), e.Count.Count
	case e.Payout != "":
		v.Kind, v.Payout, v.From, v.To, v.Code = kindMoved, e.Payout, e.From.String(), e.To.String(), e.Answer.Code
		if e.From == e.To {
			v.Kind = kindHeard
		}
	default:
		v.Kind, v.Count = kindEntered, e.Enrolled
	}
	return v
}

type eventsInput struct {
	Batch string `query:"batch" maxLength:"64" doc:"those of this batch only"`
	Last  string `header:"Last-Event-ID" maxLength:"20" doc:"go on after this one; 0 is from the beginning, none is from now on"`
}

// stream describes the answer.
func stream(op *huma.Operation) {
	op.Responses["200"] = &huma.Response{
		Description: "Server-sent events: id is the number of an event, event is \"audit\", data is an Event.",
		Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}
}

// followEvents tells of the audit log, from an event on, for as long as somebody listens whose
// token lets in.
func (s *server) followEvents(ctx context.Context, in *eventsInput) (*huma.StreamResponse, error) {
	next, err := s.firstEvent(ctx, in.Last)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	select {
	case s.streams <- struct{}{}:
	default:
		return nil, problemOf(ctx, codeBusy, "too many streams are open")
	}
	return &huma.StreamResponse{Body: func(to huma.Context) {
		defer func() { <-s.streams }()
		r, w := humago.Unwrap(to)
		follower := sse.Follower{Log: s.Store, Look: s.Limits.Look, Anyway: s.Limits.Recheck, Closing: s.Closing}
		somebody := &listener{server: s, secret: secretOf(r), looked: s.Clock()}
		err := follower.Follow(to.Context(), w, next, func(stream *sse.Stream, next uint64) (uint64, error) {
			return s.tellEvents(to.Context(), stream, somebody, ledger.BatchID(in.Batch), next)
		})
		if err != nil && ctx.Err() == nil {
			s.Log.Warn().Err(err).Msg("a stream of events ended")
		}
	}}, nil
}

// firstEvent is the number of the event that a stream begins with.
func (s *server) firstEvent(ctx context.Context, last string) (uint64, error) {
	count, _, err := s.Store.Head(ctx)
	if err != nil || last == "" {
		return count + 1, err
	}
	after, err := strconv.ParseUint(last, 10, 63)
	if err != nil || after > count {
		return 0, problemOf(ctx, codeRequest, "Last-Event-ID is no event of this ledger")
	}
	return after + 1, nil
}

// listener is who follows a stream, by the secret of their token.
type listener struct {
	server *server
	secret string
	// looked is when it was looked last whether the token lets in.
	looked time.Time
}

// due reports whether it is time to look again.
func (l *listener) due() bool { return l.server.Clock().Sub(l.looked) >= l.server.Limits.Recheck }

// may looks, if it is time, whether the token still lets in: it returns sse.ErrEnd once that ended or
// was revoked. Who comes again is told so.
func (l *listener) may(ctx context.Context) error {
	if !l.due() {
		return nil
	}
	l.looked = l.server.Clock()
	_, err := l.server.Tokens.Check(ctx, l.secret)
	if errors.Is(err, access.ErrRefused) {
		return sse.ErrEnd
	}
	return err
}

// tellEvents tells somebody the events that there are from a number on, as many as there is time for
// until it is to be looked again whether they may listen, and returns the next one.
func (s *server) tellEvents(ctx context.Context, to *sse.Stream, somebody *listener, batch ledger.BatchID, next uint64) (uint64, error) {
	if err := somebody.may(ctx); err != nil {
		return next, err
	}
	first := next
	for event, err := range s.Store.Events(ctx, first) {
		if err != nil {
			return next, err
		}
		if next > first && somebody.due() {
			return next, nil // a ledger is not asked for a token while it reads events
		}
		next = event.Sequence + 1
		if batch != "" && event.Batch != batch {
			continue
		}
		data, err := json.Marshal(eventOf(event))
		if err != nil {
			return next, err
		}
		if err := to.Send(sse.Event{ID: event.Sequence, Name: "audit", Data: data}); err != nil {
			return next, err
		}
	}
	return next, nil
}
