package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// calls makes a call of the provider's, which is answered like any other.
func (s *served) calls(path, body string) {
	s.t.Helper()
	response, err := http.Post(s.url+path, "application/json", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	if text, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK || len(text) > 0 {
		s.t.Errorf("%s: %s %q, %v, want 200 and nothing", path, response.Status, text, err)
	}
}

// counted is how many payouts of a batch are in each state.
func (s *served) counted(batch string) string {
	s.t.Helper()
	states, _ := s.call(http.MethodGet, "/v1/batches/"+batch+"/progress", "")["payouts"].(map[string]any)
	var all []string
	for _, name := range []string{"queued", "submitting", "pending", "unknown", "successful", "failed", "cancelled"} {
		if total, has := states[name].(map[string]any); has {
			all = append(all, fmt.Sprint(total["count"], " ", name))
		}
	}
	return strings.Join(all, ", ")
}

// TestACallAtOneServerIsHeardAtAnother: over one database, a call of the provider's that reaches a server
// which pays nothing has the one that pays look sooner. Whatever calls say, however often, changes no
// state: what the provider answers when it is asked does.
func TestACallAtOneServerIsHeardAtAnother(t *testing.T) {
	t.Parallel()
	address := database(t).Address("hooked")
	s := setScene(t, "faults: {pending: 100}\nsettle: {min: 1ms, max: 2ms}\n")
	owner := s.machine("owner")
	owner.pays(exitPaid, "is begun", "ledger", "init", "--ledger", address)
	owner.pays(exitPaid, "", append(append([]string{"run", s.rows("known.csv", 900)}, slowly(60)...), "--ledger", address)...)
	_, out := owner.types("hook", "create", "--url", "https://payrun.example", "--ledger", address)
	hook := strings.TrimPrefix(lastLine(out), "https://payrun.example")
	_, out = owner.types("token", "create", "test", "--scope", "read,submit,pay", "--ledger", address)
	files := filepath.Join(s.folder, "files")
	starts := func(name string, more ...string) *served {
		t.Helper()
		server := s.machine(name).serves(append([]string{
			"--listen", "127.0.0.1:0", "--files", files, "--ledger", address, "--poll-min", "1h", "--poll-max", "1h", "--lookup-grace", "500ms",
		}, more...)...)
		server.token = lastLine(out)
		return server
	}
	hears, pays := starts("hears", "--pay=false"), starts("pays", "--rate", "0")
	text, err := os.ReadFile(s.rows("may.csv", upTo(1, 3)...))
	if err != nil {
		t.Fatal(err)
	}
	made := pays.call(http.MethodPost, "/v1/batches?batch=may", string(text))
	batch, _ := made["batch"].(map[string]any)
	total, _ := batch["to_confirm"].(map[string]any)
	pays.call(http.MethodPost, "/v1/batches/may/pay", fmt.Sprintf(`{"count":%v,"total":%.0f}`, total["count"], total["amount"]))
	until(t, "all are pending", func() bool { return pays.counted("may") == "3 pending" })

	const says = `{"ref":"DP-1","transactionId":"ROW-00%d","status":"FAILED","amount":"1"}`
	for range 30 {
		hears.calls(hook, `{"transactionId":"NOBODY","status":"SUCCESSFUL"}`)
		hears.calls("/hooks/forged", fmt.Sprintf(says, 1))
		pays.calls("/hooks/forged", fmt.Sprintf(says, 2))
	}
	if got := hears.counted("may"); got != "3 pending" {
		t.Errorf("calls that nobody should believe leave %s", got)
	}
	hears.calls(hook, fmt.Sprintf(says, 1))
	_, _ = pays.eventsFrom("0", `"payout":"ROW-001","from":"pending","to":"successful"`)
	if got := hears.counted("may"); got != "2 pending, 1 successful" {
		t.Errorf("the one that was named is looked up, and not the others: %s", got)
	}
	for _, row := range []int{3, 3, 1, 2, 2, 1} {
		hears.calls(hook, fmt.Sprintf(says, row))
	}
	_, _ = hears.eventsFrom("0", `"batch":"may","kind":"batch.closed"`)
	if got := pays.counted("may"); got != "3 successful" {
		t.Errorf("at the end there are %s", got)
	}
	s.nobodyTwice(3 + 1)
	for _, server := range []*served{hears, pays} {
		if err := server.end(syscall.SIGTERM); err != nil {
			t.Errorf("%v\n%s", err, server.errors)
		}
	}
}
