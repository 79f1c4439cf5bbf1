package console

import (
	"context"
	"errors"
	"maps"
	"math"
	"net/http"
	"strconv"
	"time"

	"payrun/batch/inbox"
	"payrun/batch/service"
	"payrun/internal/sse"
)

var (
	// errChecking is returned for a file that is still being read. Its visitor is shown how far it is.
	errChecking = errors.New("the file is being read")
	// errStopping is told where the server stops before a file was read.
	errStopping error = &problem{"stopping", http.StatusServiceUnavailable}
)

// checkPage is a file while it is read.
type checkPage struct {
	Upload  inbox.Upload
	Path    string
	Figures map[string]string
}

// understand reads a file, unless that was done a moment ago, and waits for it to the end.
func (s *server) understand(ctx context.Context, up inbox.Upload) (service.Understood, error) {
	return s.checks.wait(ctx, s.checks.of(up), nil)
}

// soon is understand for a page: a file that takes long is errChecking, and goes on being read.
func (s *server) soon(ctx context.Context, up inbox.Upload) (service.Understood, error) {
	timer := time.NewTimer(s.Limits.Patience)
	defer timer.Stop()
	return s.checks.wait(ctx, s.checks.of(up), timer.C)
}

// read reads a file for its page.
func (s *server) read(ctx context.Context, up inbox.Upload, told *service.Progress) (service.Understood, error) {
	return s.Service().Understand(ctx, s.inbox.Content(up), service.UnderstandOptions{
		Reading: readingOf(up), Check: checkingOf(up), SkipInvalid: up.SkipInvalid, Against: up.Against, Progress: told,
	})
}

// showChecking shows how far the reading of a file is, where the page that was asked for will be.
func (s *server) showChecking(w http.ResponseWriter, r *http.Request, up inbox.Upload) error {
	return s.render(w, r, "checking", checkPage{Upload: up, Path: uploadPath(up, ""), Figures: checkFigures(s.checks.of(up), s.words(r))})
}

// checkFigures are the texts of a reading on its page, by name.
func checkFigures(one *checking, words texts) map[string]string {
	stage, read, rows := one.progress.Now()
	key, bar := "console.checking.waiting", ""
	if one.began.Load() {
		key = map[service.Stage]string{
			service.StageOpening: "console.checking.opening", service.StageColumns: "console.checking.columns",
			service.StageCheck: "console.checking.check", service.StageComparison: "console.checking.comparison",
		}[stage]
	}
	if rows > 0 {
		bar = strconv.FormatFloat(math.Min(1, float64(read)/float64(rows)), 'f', 3, 64)
	}
	text := words.Text(key, "read", shown(read), "rows", shown(max(rows, read)))
	return map[string]string{"text": text, "spoken": text, "bar": bar}
}

// followCheck tells a page how far the reading of its file is, and when there is something to show.
func (s *server) followCheck(w http.ResponseWriter, r *http.Request) error {
	up, err := s.uploadOf(r)
	if err != nil {
		return err
	}
	leave, err := s.stream()
	if err != nil {
		return err
	}
	defer leave()
	ctx, cancel := context.WithTimeout(r.Context(), streamLasts)
	defer cancel()
	one, words := s.checks.of(up), s.words(r)
	var said map[string]string
	tell := func(to *sse.Stream, next uint64) (uint64, error) {
		figures := checkFigures(one, words)
		if one.ended() {
			return next, errors.Join(send(to, 0, "end", figures), sse.ErrEnd)
		}
		if maps.Equal(figures, said) {
			return next, nil
		}
		said = figures
		return next, send(to, 0, "figures", figures)
	}
	follower := sse.Follower{Log: s.Store, Look: liveEvery, Anyway: liveEvery, Closing: s.Closing}
	if err := follower.Follow(ctx, w, math.MaxUint64, tell); err != nil && ctx.Err() == nil {
		s.Log.Warn().Err(err).Str("upload", up.ID).Msg("a page could not be told any more")
	}
	return nil
}
