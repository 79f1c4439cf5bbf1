package httpapi

import (
	"context"

	"payrun/batch/outbox"
)

// Notices are the facts that others were told of, or are to be.
type Notices struct {
	Notices []outbox.Told `json:"notices"`
}

// listNotices lists what others were told of, the oldest first.
func (s *server) listNotices(ctx context.Context, in *struct {
	State string `query:"state" enum:"waiting,sent,dead" doc:"those in this state only"`
},
) (*struct{ Body Notices }, error) {
	all, err := outbox.List(ctx, s.Store, outbox.State(in.State))
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return &struct{ Body Notices }{Notices{append([]outbox.Told{}, all...)}}, nil
}

// tellAgain has a fact told once more.
func (s *server) tellAgain(ctx context.Context, in *struct {
	Channel string `path:"channel" maxLength:"320"`
	Event   uint64 `path:"event"`
},
) (*struct{}, error) {
	return nil, s.problem(ctx, outbox.Again(ctx, s.Store, s.person(ctx), in.Channel, in.Event, s.Clock()))
}
