package console

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	"payrun/internal/sse"
	"payrun/ledger"
)

// liveEvery is how often a page that is watched is told of what happened: four times a second.
const liveEvery = 250 * time.Millisecond

// liveAnyway is how often it is looked whether a payment ended without a word in the log.
const liveAnyway = 2 * time.Second

// streamLasts is how long a page is told at most in one go. Then its browser comes back, and is
// told on if its person is still signed in.
const streamLasts = 5 * time.Minute

// livePage is a batch while it is paid.
type livePage struct {
	Batch    ledger.Batch
	Total    int
	Figures  map[string]string
	Failures []failure
	// Over is set where nothing is under way and nothing will be by itself.
	Over bool
	// Next is the first event of the log that the page does not know.
	Next uint64
}

// failure is a row of those that were not paid.
type failure struct {
	Href  string   `json:"href"`
	Cells []string `json:"cells"`
}

// showLive shows where a payment stands; the page's script, or its browser, keeps it so.
func (s *server) showLive(w http.ResponseWriter, r *http.Request) error {
	next, _, err := s.Store.Head(r.Context())
	if err != nil {
		return err
	}
	watch := s.watch(r)
	now, err := watch.look(r.Context())
	if err == nil {
		err = watch.recall(r.Context(), next)
	}
	if err != nil {
		return err
	}
	return s.render(w, r, "live", livePage{
		Batch: now.batch, Total: now.states.Total().Count, Figures: watch.texts(now), Failures: watch.rows(), Over: now.over, Next: next + 1,
	})
}

// followBatch tells a page what happens to its batch, from an event on.
func (s *server) followBatch(w http.ResponseWriter, r *http.Request) error {
	from := r.URL.Query().Get("next")
	if last := r.Header.Get("Last-Event-ID"); last != "" { // the browser lost the stream, and goes on
		from = last
	}
	next, err := strconv.ParseUint(from, 10, 63)
	if err != nil || next < 1 {
		return errRequest
	}
	watch := s.watch(r)
	watch.waits = r.URL.Query().Has("waits")
	if _, err := watch.look(r.Context()); err != nil {
		return err
	}
	if err := watch.recall(r.Context(), next-1); err != nil {
		return err
	}
	log := s.Log.With().Str("batch", string(watch.id)).Logger()
	return s.follow(w, r, log, next, liveAnyway, watch.tell)
}

// follow has a page told by a function, from an event on: when the ledger recorded something, and
// anyway after a time. What goes wrong once the page is being told goes to the log, since it has its
// answer.
func (s *server) follow(
	w http.ResponseWriter, r *http.Request, log zerolog.Logger, from uint64, anyway time.Duration,
	tell func(ctx context.Context, to *sse.Stream, next uint64) (uint64, error),
) error {
	leave, err := s.stream()
	if err != nil {
		return err
	}
	defer leave()
	ctx, cancel := context.WithTimeout(r.Context(), streamLasts)
	defer cancel()
	follower := sse.Follower{Log: s.Store, Look: liveEvery, Anyway: anyway, Closing: s.Closing}
	err = follower.Follow(ctx, w, from, func(to *sse.Stream, next uint64) (uint64, error) { return tell(ctx, to, next) })
	if err != nil && ctx.Err() == nil {
		log.Warn().Err(err).Msg("a page could not be told any more")
	}
	return nil
}

// stream takes one of the places of pages that are told, until leave is called; errBusy where there is
// none.
func (s *server) stream() (leave func(), err error) {
	select {
	case s.streams <- struct{}{}:
		return func() { <-s.streams }, nil
	default:
		return nil, errBusy
	}
}
