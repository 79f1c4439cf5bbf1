package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

const (
	// Silence is how long either side may hear nothing from the other.
	Silence = 10 * time.Second
	// Beat is how often the run says that it is still copying.
	Beat = time.Second
	// copiesAtOnce bounds the room that copies take.
	copiesAtOnce = 2
)

// Socket is where the run that holds a ledger hands out copies of it.
func Socket(ledgerPath string) string { return ledgerPath + ".sock" }

// Copier is a ledger that copies itself while it is in use.
type Copier interface {
	// Backup writes a consistent copy of the whole ledger.
	Backup(ctx context.Context, w io.Writer) error
}

// Server hands out copies of a ledger until it is closed.
type Server struct {
	server *http.Server
	ended  chan struct{}
	store  Copier
	// turns has a place for each copy that may be under way.
	turns chan struct{}
	// silence is how long a reader may read nothing.
	silence time.Duration
}

// Serve begins to hand out copies. The caller holds the ledger's lock,
// so a socket that lies there is left over from a process that died.
func Serve(ctx context.Context, ledgerPath string, store Copier) (*Server, error) {
	path := Socket(ledgerPath)
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
	s := &Server{
		ended: make(chan struct{}), store: store,
		turns: make(chan struct{}, copiesAtOnce), silence: Silence,
	}
	s.server = &http.Server{
		ReadHeaderTimeout: Silence, Handler: http.HandlerFunc(s.serve),
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	go func() {
		defer close(s.ended)
		_ = s.server.Serve(listener) // ends with ErrServerClosed
	}()
	return s, nil
}

// Close ends the server and waits for it.
func (s *Server) Close() {
	_ = s.server.Close()
	<-s.ended
}

// serve makes a copy and sends it. A reader that goes away, or reads nothing for too
// long, is given up.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	select {
	case s.turns <- struct{}{}:
		defer func() { <-s.turns }()
	default:
		http.Error(w, "other readers are being served", http.StatusServiceUnavailable)
		return
	}
	reader := &boundedReader{w: w, control: http.NewResponseController(w), silence: s.silence}
	if err := s.send(r.Context(), reader); err != nil {
		panic(http.ErrAbortHandler)
	}
}

func (s *Server) send(ctx context.Context, reader *boundedReader) (err error) {
	copied, forget, err := privateFile()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, copied.Close(), forget()) }()
	if err := s.store.Backup(ctx, &beatingWriter{w: copied, reader: reader, next: time.Now().Add(Beat)}); err != nil {
		return err
	}
	if _, err := copied.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err = io.Copy(reader, copied)
	return err
}

// boundedReader is a reader at the other end of the socket that has to take what it
// is sent within a time.
type boundedReader struct {
	w       http.ResponseWriter
	control *http.ResponseController
	silence time.Duration
}

func (b *boundedReader) Write(p []byte) (int, error) {
	if err := b.control.SetWriteDeadline(time.Now().Add(b.silence)); err != nil {
		return 0, err
	}
	return b.w.Write(p)
}

// beat says that the copy is still being made.
func (b *boundedReader) beat() error {
	if err := b.control.SetWriteDeadline(time.Now().Add(b.silence)); err != nil {
		return err
	}
	b.w.WriteHeader(http.StatusProcessing)
	return nil
}

// beatingWriter writes a copy, and lets the reader know at each beat.
type beatingWriter struct {
	w      io.Writer
	reader *boundedReader
	next   time.Time
}

func (b *beatingWriter) Write(p []byte) (int, error) {
	if now := time.Now(); now.After(b.next) {
		if err := b.reader.beat(); err != nil {
			return 0, err
		}
		b.next = now.Add(Beat)
	}
	return b.w.Write(p)
}
