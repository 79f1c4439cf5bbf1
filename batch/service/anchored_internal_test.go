package service

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/anchor"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
)

// meeting is a ledger beside which something happens while intents are recorded.
type meeting struct {
	ledger.Store
	meanwhile func()
	head      error
}

func (m *meeting) Claim(ctx context.Context, request ledger.ClaimRequest) (ledger.Claimed, error) {
	claimed, err := m.Store.Claim(ctx, request)
	m.meanwhile()
	return claimed, err
}

func (m *meeting) Head(ctx context.Context) (count uint64, hash string, err error) {
	if m.head != nil {
		return 0, "", m.head
	}
	return m.Store.Head(ctx)
}

// TestNothingLeavesBesideSomebodyWhoPaysFromTheAccount: they may have begun while the intents were
// recorded, which are not sent then. An anchor that cannot be written for another reason holds
// nobody up, and is told once.
func TestNothingLeavesBesideSomebodyWhoPaysFromTheAccount(t *testing.T) {
	start := time.Date(2026, 5, 30, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		meanwhile func(t *testing.T, folder string, m *meeting)
		overtaken bool
		told      int
	}{
		"nobody else": {func(*testing.T, string, *meeting) {}, false, 0},
		"somebody else": {func(t *testing.T, folder string, _ *meeting) {
			t.Helper()
			other := anchor.Anchor{Ledger: "other", Account: "https://a", Path: "/other.db", Host: "h", User: "u", At: start.Add(time.Hour)}
			if err := anchor.Open(folder).Watch(other).Advance(t.Context(), other); err != nil {
				t.Fatal(err)
			}
		}, true, 0},
		"no place for the anchor": {func(t *testing.T, folder string, _ *meeting) {
			t.Helper()
			if err := errors.Join(os.RemoveAll(folder), os.WriteFile(folder, nil, 0o600)); err != nil {
				t.Fatal(err)
			}
		}, false, 1},
		"nobody can tell where the log stands": {func(_ *testing.T, _ string, m *meeting) { m.head = errors.New("unreadable") }, false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			store := memledger.New()
			ledgertest.Reach(t, store, ledger.Queued, ledger.Queued)
			if err := ledgertest.Release(t.Context(), store, "may"); err != nil {
				t.Fatal(err)
			}
			folder := filepath.Join(t.TempDir(), "anchors")
			known := anchor.Anchor{Ledger: "own", Account: "https://a", Path: "/own.db", Host: "h", User: "u", At: start}
			m := &meeting{Store: store}
			m.meanwhile = func() { test.meanwhile(t, folder, m) }
			told := 0
			s := &anchoredStore{
				Store: m, watch: anchor.Open(folder).Watch(known), known: known, clock: func() time.Time { return start },
				failed: func(err error) {
					if told++; err == nil {
						t.Error("nothing is told")
					}
				},
			}
			for row, entry := range ledgertest.Entries("A", 2) {
				_, err := s.Claim(t.Context(), ledger.ClaimRequest{Payouts: []ledger.TransactionID{entry.ID}, At: start, Actor: "engine"})
				if errors.Is(err, anchor.ErrOvertaken) != test.overtaken || !test.overtaken && err != nil {
					t.Errorf("row %d: %v, want it overtaken: %t", row, err, test.overtaken)
				}
			}
			if told != test.told {
				t.Errorf("told %d times, want %d", told, test.told)
			}
		})
	}
}
