package snapshot_test

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"testing"
	"time"

	"payrun/ledger/boltledger/snapshot"
)

// slowBackup writes a copy in pieces, with time between them.
type slowBackup struct {
	pieces int
	every  time.Duration
}

func (b slowBackup) Backup(ctx context.Context, w io.Writer) error {
	ticker := time.NewTicker(b.every)
	defer ticker.Stop()
	for range b.pieces {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		if _, err := io.WriteString(w, "piece "); err != nil {
			return err
		}
	}
	return nil
}

// TestACopyThatTakesLongIsNoSilence: the run says that it is still copying.
func TestACopyThatTakesLongIsNoSilence(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	server, err := snapshot.Serve(t.Context(), path, slowBackup{pieces: 4, every: snapshot.Beat})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	var copied bytes.Buffer
	if err := snapshot.Fetch(t.Context(), path, 5*snapshot.Beat/2, &copied); err != nil || copied.String() != "piece piece piece piece " {
		t.Errorf("%q, %v", copied.String(), err)
	}
}
