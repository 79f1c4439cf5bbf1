package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"payrun/ledger"
	"payrun/ledger/boltledger"
)

// ErrFrozen is returned when the process that holds a ledger does not answer.
var ErrFrozen = errors.New("the process that uses the ledger does not answer")

// listeningConn is a connection on which silence has a bound.
type listeningConn struct {
	net.Conn
	silence time.Duration
}

func (c listeningConn) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.silence)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(p)
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		err = fmt.Errorf("%w within %s", ErrFrozen, c.silence)
	}
	return n, err
}

// Fetch writes a copy of a ledger that another process holds. It returns
// ErrFrozen if that process is silent for too long.
func Fetch(ctx context.Context, ledgerPath string, silence time.Duration, w io.Writer) error {
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			dialer := net.Dialer{Timeout: silence}
			conn, err := dialer.DialContext(ctx, "unix", Socket(ledgerPath))
			return listeningConn{conn, silence}, err
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
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("ask the running process for a copy: it answers %s", response.Status)
	}
	if _, err := io.Copy(w, response.Body); err != nil {
		return fmt.Errorf("copy the ledger: %w", err)
	}
	return nil
}

// Open returns a copy, made at this moment, of a ledger that another process holds; held
// is the error that says so. The caller closes the store and calls release.
func Open(ctx context.Context, ledgerPath string, held error) (store *boltledger.Store, release func(), err error) {
	copied, forget, err := privateFile()
	if err != nil {
		return nil, nil, fmt.Errorf("copy the ledger: %w", err)
	}
	release = func() { _ = errors.Join(copied.Close(), forget()) } // a copy that nobody needs any more
	if err := Fetch(ctx, ledgerPath, Silence, copied); err != nil {
		release()
		return nil, nil, fmt.Errorf("%w: %w", held, err)
	}
	store, err = boltledger.Open(pathOf(copied), boltledger.Options{})
	if err != nil {
		release()
		if damaged, ok := errors.AsType[*ledger.CorruptError](err); ok {
			damaged.Path = ledgerPath // the copy has no name that a person could use
		}
		return nil, nil, err
	}
	return store, release, nil
}
