package webhook

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"payrun/batch/outbox"
	"payrun/ledger"
	"payrun/ledger/money"
)

// secret is that of the project's own example.
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// TestASignatureIsThatOfTheStandard, by the example that Standard Webhooks' libraries share.
func TestASignatureIsThatOfTheStandard(t *testing.T) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil {
		t.Fatal(err)
	}
	got := sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// may is a fact with a figure.
func may() outbox.Fact {
	return outbox.Fact{
		ID: "msg_1", Event: 7, Kind: ledger.ActReleased, Batch: ledger.Batch{ID: "may", State: ledger.BatchPaying, Currency: money.XOF},
		At: time.Unix(1614265330, 0).UTC(), By: "awa", Count: ledger.Total{Count: 2, Amount: money.XOF.Of(300)},
	}
}

// TestACallIsSignedWithEverySecretAndNamesNobodyPaid.
func TestACallIsSignedWithEverySecretAndNamesNobodyPaid(t *testing.T) {
	other := secretPrefix + base64.StdEncoding.EncodeToString(make([]byte, secretMin))
	var header http.Header
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		header = r.Header
		body, _ = io.ReadAll(r.Body)
	}))
	defer server.Close()
	s, err := New(server.URL, secret+" "+other, func() time.Time { return time.Unix(1614265330, 0) })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), may()); err != nil {
		t.Fatal(err)
	}
	signatures := strings.Fields(header.Get("Webhook-Signature"))
	if len(signatures) != 2 || signatures[0] != sign(s.secrets[0], "msg_1", "1614265330", body) || signatures[1] != sign(s.secrets[1], "msg_1", "1614265330", body) {
		t.Errorf("signed %q", signatures)
	}
	const want = `{"type":"batch.released","timestamp":"2021-02-25T15:02:10Z","data":{"event":7,"batch":"may","state":"paying","currency":"XOF","by":"awa","count":2,"amount":300,"payouts":{}}}`
	if string(body) != want || header.Get("Webhook-Id") != "msg_1" || header.Get("Webhook-Timestamp") != "1614265330" {
		t.Errorf("%s\n%v, want\n%s", body, header, want)
	}
}

// TestOnlyASuccessIsTakenIn: no redirect is followed, and 410 ends it.
func TestOnlyASuccessIsTakenIn(t *testing.T) {
	status := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}))
	s, err := New(server.URL+"/told?token=hidden", secret, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for _, status = range []int{200, 202, 204, 302, 307, 400, 401, 404, 410, 429, 500, 503} {
		err := s.Send(t.Context(), may())
		if (err == nil) != (status < 300) || errors.Is(err, outbox.ErrGone) != (status == http.StatusGone) {
			t.Errorf("%d: %v", status, err)
		}
	}
	server.Close()
	if err := s.Send(t.Context(), may()); err == nil || strings.Contains(err.Error(), "hidden") {
		t.Errorf("nobody there: %v, want an error that does not tell the address", err)
	}
}

// TestAnAddressIsProtected, or on this machine, and a secret long enough.
func TestAnAddressIsProtected(t *testing.T) {
	for address, want := range map[string]error{
		"https://erp.example/told": nil, "http://127.0.0.1:9/told": nil, "http://localhost/": nil,
		"http://erp.example/": ErrURL, "ftp://erp.example/": ErrURL, "erp.example": ErrURL, "": ErrURL, "https://": ErrURL,
	} {
		if _, err := New(address, secret, time.Now); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", address, err, want)
		}
	}
	for _, wrong := range []string{"", "whsec_", "whsec_!", "whsec_c2hvcnQ=", secret + " x"} {
		if _, err := New("https://erp.example", wrong, time.Now); !errors.Is(err, ErrSecret) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}
