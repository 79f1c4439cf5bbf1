package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"payrun/ledger"
	"payrun/ledger/boltledger"
)

// A run holds its ledger for itself, so that nobody else can write to it. So
// that others can still read, it hands out consistent copies through a socket
// beside the file. HTTP carries them because its chunked form tells a copy that
// was cut short from a whole one.

const snapshotTimeout = 30 * time.Second

func snapshotSocket(ledgerPath string) string { return ledgerPath + ".sock" }

// snapshotServer hands out copies of a ledger until it is closed.
type snapshotServer struct {
	server *http.Server
	ended  chan struct{}
}

// serveSnapshots begins to hand out copies. The caller holds the ledger's lock,
// so a socket that lies there is left over from a process that died.
func serveSnapshots(ctx context.Context, ledgerPath string, store ledger.Backuper) (*snapshotServer, error) {
	path := snapshotSocket(ledgerPath)
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() == os.ModeSocket {
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("open the socket for readers: %w", err)
		}
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("open the socket for readers: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	s := &snapshotServer{ended: make(chan struct{})}
	s.server = &http.Server{ReadHeaderTimeout: snapshotTimeout, Handler: http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			if err := store.Backup(r.Context(), w); err != nil {
				panic(http.ErrAbortHandler)
			}
		})}
	go func() {
		defer close(s.ended)
		_ = s.server.Serve(listener) // ends with ErrServerClosed
	}()
	return s, nil
}

func (s *snapshotServer) close() {
	_ = s.server.Close()
	<-s.ended
}

// fetchSnapshot writes a copy of a ledger that another process holds.
func fetchSnapshot(ctx context.Context, ledgerPath string, w io.Writer) error {
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(ctx, "unix", snapshotSocket(ledgerPath))
		},
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://ledger/snapshot", nil)
	if err != nil {
		return fmt.Errorf("ask the running process for a copy: %w", err)
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("ask the running process for a copy: %w", err)
	}
	defer response.Body.Close() //nolint:errcheck // only read
	if _, err := io.Copy(w, response.Body); err != nil {
		return fmt.Errorf("copy the ledger: %w", err)
	}
	return nil
}

// readLedger opens a ledger for reading. If a run holds it, a copy made at this
// moment is read instead. The caller must call done.
func (a *app) readLedger(ctx context.Context, path string) (store *boltledger.Store, done func(), err error) {
	store, err = a.openLedger(path)
	if err == nil {
		return store, func() { a.closeLedger(store) }, nil
	}
	if !errors.Is(err, ledger.ErrLocked) || isMissing(snapshotSocket(path)) {
		return nil, nil, err
	}
	held := err
	folder, err := os.MkdirTemp("", "payrun-ledger-")
	if err != nil {
		return nil, nil, fmt.Errorf("copy the ledger: %w", err)
	}
	clean := func() { _ = os.RemoveAll(folder) }
	copied := filepath.Join(folder, filepath.Base(path))
	if err := writeSnapshot(ctx, path, copied); err != nil {
		clean()
		return nil, nil, errors.Join(held, err)
	}
	store, err = boltledger.Open(copied, boltledger.Options{})
	if err != nil {
		clean()
		return nil, nil, err
	}
	return store, func() { a.closeLedger(store); clean() }, nil
}

func writeSnapshot(ctx context.Context, ledgerPath, to string) (err error) {
	file, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // in a folder of our own
	if err != nil {
		return fmt.Errorf("copy the ledger: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return fetchSnapshot(ctx, ledgerPath, file)
}
