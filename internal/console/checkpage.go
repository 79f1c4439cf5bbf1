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

// errStopping is told where the server stops before a file was read.
var errStopping error = &problem{"stopping", http.StatusServiceUnavailable}

// underwayPage is a file while it is read, or submitted.
type underwayPage struct {
	Upload inbox.Upload
	Path   string
	// Title, Share and Hint are the keys of its heading, of what its bar is, and of what happens to
	// whoever leaves.
	Title, Share, Hint string
	Figures            map[string]string
	// Removable is set while the file may be removed.
	Removable bool
}

// understand reads a file, unless that was done a moment ago, and waits for it to the end.
func (s *server) understand(ctx context.Context, up inbox.Upload) (service.Understood, error) {
	return s.checks.wait(ctx, s.checks.of(up), nil)
}

// soon is understand for a page: a file that takes long is errNotYet, and goes on being read.
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
	return s.render(w, r, "underway", underwayPage{
		Upload: up, Path: uploadPath(up, ""), Title: "console.checking.title", Share: "console.checking.progress", Hint: "console.checking.hint",
		Figures: s.checks.of(up).figures(s.words(r)), Removable: true,
	})
}

// figures are the texts of a reading on its page, by name.
func (one *checking) figures(words texts) map[string]string {
	stage, read, rows := one.progress.Now()
	key := "console.checking.waiting"
	if one.began.Load() {
		key = map[service.Stage]string{
			service.StageOpening: "console.checking.opening", service.StageColumns: "console.checking.columns",
			service.StageCheck: "console.checking.check", service.StageComparison: "console.checking.comparison",
		}[stage]
	}
	return progressFigures(words, key, read, rows)
}

// progressFigures are the texts of a page that shows how many rows are done of how many, by name; of 0
// there is no bar.
func progressFigures(words texts, key string, read, rows int64) map[string]string {
	bar := ""
	if rows > 0 {
		bar = strconv.FormatFloat(math.Min(1, float64(read)/float64(rows)), 'f', 3, 64)
	}
	text := words.Text(key, "read", shown(read), "rows", shown(max(rows, read)))
	return map[string]string{"text": text, "spoken": text, "bar": bar}
}

// underway is the work on a file for which its page waits: a reading, or a submission.
type underway interface {
	ended() bool
	figures(words texts) map[string]string
}

// underwayOf returns the work on the file that a request names, also where it is over: the submission, or
// else the reading.
func (s *server) underwayOf(r *http.Request) (underway, error) {
	if one := s.submissionOf(r); one != nil && !one.failed() {
		return one, nil
	}
	up, err := s.uploadOf(r)
	if err != nil {
		return nil, err
	}
	return s.checks.of(up), nil
}

// followUpload tells a page how far its file is, and when there is something to show.
func (s *server) followUpload(w http.ResponseWriter, r *http.Request) error {
	one, err := s.underwayOf(r)
	if err != nil {
		return err
	}
	words := s.words(r)
	var said map[string]string
	tell := func(_ context.Context, to *sse.Stream, next uint64) (uint64, error) {
		figures := one.figures(words)
		if one.ended() {
			return next, errors.Join(send(to, 0, "end", figures), sse.ErrEnd)
		}
		if maps.Equal(figures, said) {
			return next, nil
		}
		said = figures
		return next, send(to, 0, "figures", figures)
	}
	log := s.Log.With().Str("upload", r.PathValue("upload")).Logger()
	return s.follow(w, r, log, math.MaxUint64, liveEvery, tell)
}
