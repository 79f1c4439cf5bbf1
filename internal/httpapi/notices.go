package httpapi

import (
	"context"
	"strconv"

	"payrun/batch/outbox"
)

// Notices is a page of the facts that others were told of, or are to be.
type Notices struct {
	Notices []outbox.Told `json:"notices"`
	Next    string        `json:"next,omitempty" doc:"after of the next page; missing on the last"`
}

type noticesInput struct {
	Page

	State string `query:"state" enum:"waiting,sent,dead" doc:"those in this state only"`
}

// listNotices lists what others were told of, the oldest first. After is the number of a fact; what
// several channels are told of one comes on one page.
func (s *server) listNotices(ctx context.Context, in *noticesInput) (*struct{ Body Notices }, error) {
	after, err := strconv.ParseUint("0"+in.After, 10, 64)
	if err != nil {
		return nil, problemOf(ctx, codeRequest, "after is the next of a page")
	}
	all, err := s.notices.List(ctx, outbox.State(in.State))
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	out := Notices{Notices: []outbox.Told{}}
	for _, one := range all {
		if one.Event <= after {
			continue
		}
		if had := len(out.Notices); had >= in.Limit && out.Notices[had-1].Event != one.Event {
			out.Next = strconv.FormatUint(out.Notices[had-1].Event, 10)
			break
		}
		out.Notices = append(out.Notices, one)
	}
	return &struct{ Body Notices }{out}, nil
}

// tellAgain has a fact told once more.
func (s *server) tellAgain(ctx context.Context, in *struct {
	Channel string `path:"channel" maxLength:"320"`
	Event   uint64 `path:"event"`
},
) (*struct{}, error) {
	return nil, s.problem(ctx, s.notices.Again(ctx, s.person(ctx), in.Channel, in.Event, s.Clock()))
}
