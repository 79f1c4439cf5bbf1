package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestAnotherLedgerUnderOurPrefixIsNoticed pays two files with one account from
// two ledgers, which know nothing of each other, and a third under another prefix.
// Only the provider's list can tell the first ledger of the second.
func TestAnotherLedgerUnderOurPrefixIsNoticed(t *testing.T) {
	t.Parallel()
	binary, folder := payrunBinary(t), t.TempDir()
	url := startSandbox(t, binary)
	payrun := func(books string, args ...string) ([]byte, error) {
		cmd := exec.CommandContext(t.Context(), binary, append(args, "--api-url", url, "--rate", "0",
			"--ledger", filepath.Join(folder, books+".db"), "--report", filepath.Join(folder, books))...)
		cmd.Env = credentials(t)
		return cmd.Output()
	}
	for name, file := range map[string]struct {
		format string
		rows   int
	}{"ours": {"NOV-%04d", 30}, "theirs": {"NOV-9%03d", 2}, "others": {"OCT-%04d", 2}} {
		path := filepath.Join(folder, name+".csv")
		text := []byte("transaction_id,customer_id,name,amount,operator\n")
		for i := range file.rows {
			text = fmt.Appendf(text, file.format+",07%08d,Awa Koné,5000,ORANGE\n", i, i)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		// Each ledger waits for the grace after the one before, which may still be at work.
		if out, err := payrun(name, "run", path, "--yes", "--no-progress", "--lookup-grace", "1s"); err != nil {
			t.Fatalf("pay %s: %v\n%s", name, err, out)
		}
	}

	out, err := payrun("ours", "reconcile", "ours", "--output", "json")
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitConflict {
		t.Fatalf("reconcile ended with %v, want exit code 7\n%s", err, out)
	}
	var got struct {
		Prefix   string    `json:"prefix"`
		Listed   int       `json:"listed"`
		LookedUp int       `json:"looked_up"`
		Agreed   countJSON `json:"agreed"`
		Totals   struct {
			File     struct{ Accepted countJSON }
			Ledger   struct{ Successful countJSON }
			Provider struct{ Successful countJSON }
		} `json:"totals"`
		Differences []struct {
			Reference   string `json:"reference"`
			Code        string `json:"code"`
			AmountThere int64  `json:"amount_there"`
		} `json:"differences"`
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if got.Prefix != "NOV-" || got.Listed != 34 || got.LookedUp != 0 || got.Agreed.Count != 30 {
		t.Errorf("prefix %q, %d listed, %d looked up, %d agreed; want the list to confirm all 30",
			got.Prefix, got.Listed, got.LookedUp, got.Agreed.Count)
	}
	if got.Totals.File.Accepted != got.Totals.Ledger.Successful || got.Totals.Ledger.Successful != got.Totals.Provider.Successful {
		t.Errorf("the three sides come to %+v", got.Totals)
	}
	if len(got.Differences) != 2 {
		t.Fatalf("differences %+v, want the two of the other ledger", got.Differences)
	}
	for i, want := range []string{"NOV-9000", "NOV-9001"} {
		if d := got.Differences[i]; d.Reference != want || d.Code != "never_sent" || d.AmountThere != 5000 {
			t.Errorf("difference %+v, want %s never sent from here", d, want)
		}
	}
}
