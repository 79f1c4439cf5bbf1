package serving

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestProgramsReachTheAPIAndPeopleThePages: the provider is a program.
func TestProgramsReachTheAPIAndPeopleThePages(t *testing.T) {
	answers := func(status int) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
	}
	to := both(answers(http.StatusAccepted), answers(http.StatusTeapot))
	for path, want := range map[string]int{
		"/v1/batches": http.StatusAccepted, "/hooks/secret": http.StatusAccepted, "/healthz": http.StatusAccepted,
		"/readyz": http.StatusAccepted, "/metrics": http.StatusAccepted, "/": http.StatusTeapot, "/batches": http.StatusTeapot,
	} {
		got := httptest.NewRecorder()
		to.ServeHTTP(got, httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, http.NoBody))
		if got.Code != want {
			t.Errorf("%s is answered %d, want %d", path, got.Code, want)
		}
	}
}
