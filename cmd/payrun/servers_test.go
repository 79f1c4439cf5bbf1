package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// eventsFrom reads the audit log from behind an event until one says so much, and returns its
// number, and how many there were.
func (s *served) eventsFrom(last, wanted string) (number string, count int) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/v1/events", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("Last-Event-ID", last)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		if id, is := strings.CutPrefix(lines.Text(), "id: "); is {
			number, count = id, count+1
		}
		if strings.Contains(lines.Text(), wanted) {
			return number, count
		}
	}
	s.t.Fatalf("the stream ended before %s\n%s", wanted, s.errors)
	return "", 0
}

// keyed calls with an Idempotency-Key, and returns whether the answer had been given before.
func (s *served) keyed(path, body, key string) (replayed bool) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: %s", path, response.Status)
	}
	return response.Header.Get("Idempotent-Replayed") == "true"
}

// TestServersShareADatabase: whichever of two a balancer chooses, it knows the same tokens,
// answers, events and batches, and a batch is paid once.
func TestServersShareADatabase(t *testing.T) {
	t.Parallel()
	s, address := sharedScene(t)
	owner := s.machine("owner")
	with := append(slowly(60)[1:], "--ledger", address)
	owner.pays(exitPaid, "", append(append([]string{"run", s.rows("known.csv", 900)}, slowly(60)...), "--ledger", address)...)
	files := filepath.Join(s.folder, "files")
	starts := func(name string) *served {
		t.Helper()
		return s.machine(name).serves(append([]string{"--listen", "127.0.0.1:0", "--files", files}, with...)...)
	}
	one, two := starts("one"), starts("two")
	_, secret := owner.types("token", "create", "erp", "--scope", "read,submit,pay,tokens", "--ledger", address)
	one.token = strings.TrimSpace(lastLine(secret))
	made := one.call(http.MethodPost, "/v1/tokens", `{"name":"other","scopes":["read","submit","pay"],"days":1}`)
	two.token = fmt.Sprint(made["token"])

	const rows = 120
	text, err := os.ReadFile(s.rows("may.csv", upTo(1, rows)...))
	if err != nil {
		t.Fatal(err)
	}
	one.call(http.MethodPost, "/v1/batches?batch=may", string(text))
	waiting := two.call(http.MethodGet, "/v1/batches/may", "")
	total, _ := waiting["to_confirm"].(map[string]any)
	body := fmt.Sprintf(`{"count":%v,"total":%.0f}`, total["count"], total["amount"])
	two.token = one.token // a key is one caller's
	if two.keyed("/v1/batches/may/pay", body, "k1") || !one.keyed("/v1/batches/may/pay", body, "k1") {
		t.Error("an answer that one server gave, the other has to give again")
	}
	const mayClosed = `"batch":"may","kind":"batch.closed"`
	seen, before := one.eventsFrom("0", `"batch":"may","kind":"payout.moved"`)
	if err := one.end(syscall.SIGTERM); err != nil {
		t.Errorf("%v\n%s", err, one.errors)
	}
	last, after := two.eventsFrom(seen, mayClosed)
	three := starts("three")
	three.token = one.token
	if again, all := three.eventsFrom("0", mayClosed); again != last || all != before+after {
		t.Errorf("a stream that went on elsewhere has %d and %d events until %s, of %d until %s", before, after, last, all, again)
	}
	s.nobodyTwice(rows + 1)
	for _, server := range []*served{two, three} {
		if got := server.call(http.MethodGet, "/v1/batches/may", ""); got["state"] != "closed" {
			t.Errorf("%v", got)
		}
		if err := server.end(syscall.SIGTERM); err != nil {
			t.Errorf("%v\n%s", err, server.errors)
		}
	}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
