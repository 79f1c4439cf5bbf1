package metrics

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestMetricsAnswerToTheirOwnNames and to no other, which a page in a browser may
// have given this machine's address.
func TestMetricsAnswerToTheirOwnNames(t *testing.T) {
	t.Parallel()
	handler := onlyNamed([]string{"payrun.example", "10.0.0.5"}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	arrived, err := net.ResolveTCPAddr("tcp", "192.168.1.7:9090")
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]int{
		"localhost:9090": http.StatusOK, "127.0.0.1:9090": http.StatusOK, "[::1]:9090": http.StatusOK, "LOCALHOST": http.StatusOK,
		"payrun.example": http.StatusOK, "Payrun.Example.:80": http.StatusOK, "10.0.0.5:9090": http.StatusOK,
		"192.168.1.7:9090": http.StatusOK,
		"evil.example":     http.StatusMisdirectedRequest, "localhost.evil.example": http.StatusMisdirectedRequest,
		"127.0.0.1.nip.example:9090": http.StatusMisdirectedRequest, "192.168.1.8": http.StatusMisdirectedRequest,
		"": http.StatusMisdirectedRequest,
	} {
		ctx := context.WithValue(t.Context(), http.LocalAddrContextKey, net.Addr(arrived))
		request := httptest.NewRequestWithContext(ctx, http.MethodGet, "/metrics", nil)
		request.Host = host
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		if answer.Code != want {
			t.Errorf("%q is answered %d, want %d", host, answer.Code, want)
		}
	}
}
