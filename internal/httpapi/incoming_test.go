package httpapi_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"payrun/batch/intake/table"
	"payrun/batch/service"
	"payrun/internal/httpapi"
	"payrun/ledger"
)

// looked is a ledger that says when its batches are asked for: a file is checked then, or about to
// be entered.
type looked struct {
	ledger.Store
	before func(ctx context.Context)
}

func (l *looked) Batches(ctx context.Context) ([]ledger.Batch, error) {
	l.before(ctx)
	return l.Store.Batches(ctx)
}

// TestAFileIsCheckedBesideWhatIsDone: whoever approves or withdraws does not wait for a check, nor it
// for them.
func TestAFileIsCheckedBesideWhatIsDone(t *testing.T) {
	changing := make(chan struct{}, 1)
	o := open(t, false, func(c *httpapi.Config) { c.Changing = changing })
	changing <- struct{}{}
	var only httpapi.CreatedBatch
	o.wants("check", o.call(http.MethodPost, "/v1/batches?batch=november&check=true", november), http.StatusOK, "").into(t, &only)
	if only.Batch != nil || only.Found.Rows != 3 {
		t.Errorf("checked %+v", only)
	}
	<-changing
	o.wants("bring in", o.call(http.MethodPost, "/v1/batches?batch=november", november), http.StatusCreated, "")
}

// TestWhatComesInMeanwhileIsSeen: a file that was right when it was checked, and repeats what another
// one brought in since, is refused as if it had come later.
func TestWhatComesInMeanwhileIsSeen(t *testing.T) {
	times := 0
	var serving func() *service.Service
	o := open(t, false, func(c *httpapi.Config) {
		serving = c.Service
		c.Store = &looked{c.Store, func(ctx context.Context) {
			if times++; times == 2 { // it was checked, and is to be entered
				other(ctx, t, serving())
			}
		}}
	})
	again := strings.ReplaceAll(november, "NOV-", "AGAIN-")
	got := o.wants("bring in", o.call(http.MethodPost, "/v1/batches?batch=november", again), http.StatusUnprocessableEntity, "file")
	var refused httpapi.Problem
	if got.into(t, &refused); refused.File == nil || refused.File.Repeats != 3 {
		t.Errorf("refused for %s", got.body)
	}
	o.wants("the batch", o.call(http.MethodGet, "/v1/batches/november", ""), http.StatusNotFound, "not_found")
}

// other brings the file of november in as another batch.
func other(ctx context.Context, t *testing.T, to *service.Service) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "other.csv")
	if err := os.WriteFile(path, []byte(november), 0o600); err != nil {
		t.Error(err)
		return
	}
	file, err := table.Open(path, table.Options{})
	if err != nil {
		t.Error(err)
		return
	}
	defer file.Close()
	checked, err := to.Check(ctx, file, service.CheckOptions{Batch: "other"})
	if err == nil {
		_, _, err = to.BringIn(ctx, service.Actor{Person: "koffi", Host: "caisse"}, checked, "other.csv")
	}
	if err != nil {
		t.Error(err)
	}
}

// TestTwoFilesAreCheckedAtOnce, and the next one waits no longer than it may.
func TestTwoFilesAreCheckedAtOnce(t *testing.T) {
	const atOnce = 2
	begun, release := make(chan struct{}, atOnce+1), make(chan struct{})
	var all atomic.Int64
	o := open(t, false, func(c *httpapi.Config) {
		c.Limits.Upload = time.Second
		c.Store = &looked{c.Store, func(context.Context) {
			all.Add(1)
			begun <- struct{}{}
			<-release
		}}
	})
	check := func() answer { return o.call(http.MethodPost, "/v1/batches?batch=november&check=true", november) }
	done := make(chan struct{}, atOnce)
	for range atOnce {
		go func() {
			check()
			done <- struct{}{}
		}()
	}
	for range atOnce {
		<-begun
	}
	o.wants("a third", check(), http.StatusServiceUnavailable, "busy")
	if all.Load() != atOnce {
		t.Errorf("%d files were checked at once", all.Load())
	}
	close(release)
	for range atOnce {
		<-done
	}
}
