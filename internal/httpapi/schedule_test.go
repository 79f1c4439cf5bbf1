package httpapi_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"payrun/internal/httpapi"
)

// TestACallReleasesForATime: nothing is sent before it, a repeat changes nothing, and only a
// call that says so has it paid sooner.
func TestACallReleasesForATime(t *testing.T) {
	o := open(t, true)
	o.wants("bring in", o.call(http.MethodPost, "/v1/batches?batch=november", november), http.StatusCreated, "")
	const path = "/v1/batches/november/pay"
	for _, wrong := range []string{"tomorrow", "2199-12-01 09:00", "2199-12-01T09:00:00"} {
		o.wants(wrong, o.call(http.MethodPost, path, leave(wrong)), http.StatusBadRequest, "request")
	}
	o.wants("yesterday", o.call(http.MethodPost, path, leave("2020-01-01T09:00:00Z")), http.StatusUnprocessableEntity, "past")
	due := time.Date(2199, 12, 1, 9, 0, 0, 0, time.UTC)
	for name, at := range map[string]string{"for a time": "2199-12-01T10:00:00+01:00", "again, for the same": "2199-12-01T09:00:00Z", "again, without": ""} {
		var b httpapi.Batch
		if at == "" {
			o.wants("first", o.call(http.MethodPost, path, leave("2199-12-01T09:00:00Z")), http.StatusOK, "")
		}
		o.wants(name, o.call(http.MethodPost, path, leave(at)), http.StatusOK, "").into(t, &b)
		if b.State != "paying" || b.Released.NotBefore == nil || !b.Released.NotBefore.Equal(due) || b.Payouts["queued"].Count != 3 {
			t.Errorf("%s: %+v, %+v", name, b, b.Released)
		}
	}
	o.wants("a retry", o.call(http.MethodPost, "/v1/batches/november/retry", `{"count":3,"total":275500}`), http.StatusConflict, "not_yet")
	o.wants("now", o.call(http.MethodPost, path, leave("now")), http.StatusOK, "")
	releases := 0
	for _, event := range o.until("0", "batch.closed") {
		if event.Kind == "batch.released" {
			releases++
		}
	}
	if releases != 2 {
		t.Errorf("%d releases are recorded, want one for the time and one for now", releases)
	}
}

// leave is a call to pay november, at a time.
func leave(at string) string {
	if at == "" {
		return `{"count":3,"total":275500}`
	}
	return fmt.Sprintf(`{"count":3,"total":275500,"not_before":%q}`, at)
}
