// Package pgtest starts a PostgreSQL server for tests: one for each test process, as an
// ordinary user, with a schema of its own for each test.
//
// It does not bring to disk what it answers. Nothing that is promised about power cuts can be
// tested with it.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// BinariesVariable names the environment variable with the folder of initdb and postgres. By
// default the newest of Debian's, or what is in PATH, is used.
const BinariesVariable = "PAYRUNTEST_POSTGRES_BIN"

// Server is a PostgreSQL server on loopback.
type Server struct {
	// Port is where it listens on 127.0.0.1.
	Port   int
	folder string
	bin    string
	owner  *account
	// process is the running one, nil while it is stopped.
	process *exec.Cmd
}

// User is the superuser of the server, and Password a word that it does not ask for and that
// must appear nowhere.
const (
	User     = "payrun"
	Password = "never-shown-5f1d" //nolint:gosec // of a server that lives as long as a test
)

//nolint:gochecknoglobals // one server for the whole process, stopped by Main
var (
	shared  = sync.OnceValues(startShared)
	running atomic.Pointer[Server]
	schemas atomic.Int64
)

// Main runs the tests of a package and stops the server, if one was started.
func Main(m *testing.M) int {
	code := m.Run()
	if s := running.Load(); s != nil {
		if err := s.Remove(); err != nil {
			fmt.Fprintln(os.Stderr, "stop PostgreSQL:", err)
			return max(code, 1)
		}
	}
	return code
}

// ErrNone is returned where no PostgreSQL is installed.
var ErrNone = errors.New("no PostgreSQL is installed")

// Address returns the address of a schema that nobody else uses, in the server of this
// process. Without PostgreSQL the test is skipped; in CI, which has it, it fails.
func Address(tb testing.TB) string {
	tb.Helper()
	s, err := shared()
	Must(tb, err)
	return s.Address("t" + strconv.FormatInt(schemas.Add(1), 10))
}

// Must skips a test for which there is no PostgreSQL, and fails it for any other error. In CI
// it fails for both.
func Must(tb testing.TB, err error) {
	tb.Helper()
	switch {
	case err == nil:
	case errors.Is(err, ErrNone) && os.Getenv("CI") != "true":
		tb.Skipf("%v: apt-get install postgresql, or set %s", err, BinariesVariable)
	default:
		tb.Fatal(err)
	}
}

func startShared() (*Server, error) {
	s, err := Start("-c", "fsync=off", "-c", "full_page_writes=off")
	if err == nil {
		running.Store(s)
	}
	return s, err
}

// Start makes a database cluster and starts a server with options on top of the defaults.
func Start(options ...string) (*Server, error) { return StartIn("", options...) }

// StartIn is Start in a folder, in which whoever the server runs as may go. Empty is one for
// temporary files.
func StartIn(place string, options ...string) (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin}
	if s.owner, err = unprivileged(); err != nil {
		return nil, err
	}
	if place == "" && s.owner != nil {
		place = "/tmp" // where somebody else may go too, unlike where tests put their files
	}
	if s.folder, err = os.MkdirTemp(place, "payrun-postgres-"); err != nil {
		return nil, err
	}
	if err := s.owner.give(s.folder); err != nil {
		return nil, err
	}
	if s.Port, err = freePort(); err != nil {
		return nil, err
	}
	initdb := s.Command("initdb", "-D", s.data(), "-U", User, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w\n%s", err, out), os.RemoveAll(s.folder))
	}
	if err := s.Run(options...); err != nil {
		return nil, errors.Join(err, s.Remove())
	}
	return s, nil
}

func (s *Server) data() string { return filepath.Join(s.folder, "data") }

// Run starts the server of a cluster that is stopped, and waits until it answers.
func (s *Server) Run(options ...string) error {
	log, err := os.OpenFile(filepath.Join(s.folder, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close() //nolint:errcheck // the child has its own
	s.process = s.Command("postgres", append([]string{
		"-D", s.data(), "-p", strconv.Itoa(s.Port), "-k", s.folder, "-c", "listen_addresses=127.0.0.1",
		"-c", "max_connections=200", "-c", "shared_buffers=32MB", "-c", "log_min_messages=warning",
	}, options...)...)
	s.process.Stdout, s.process.Stderr = log, log
	if err := s.process.Start(); err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	const patience = 30 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for ctx.Err() == nil {
		if conn, err := pgx.Connect(ctx, s.Address("public")); err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
		case <-time.After(readyEach):
		}
	}
	text, err := os.ReadFile(filepath.Join(s.folder, "log"))
	return errors.Join(fmt.Errorf("postgres does not answer:\n%s", text), err)
}

const readyEach = 20 * time.Millisecond

// Stop ends the server: with SIGINT it disconnects everybody and finishes, with SIGQUIT it
// ends as in a crash.
func (s *Server) Stop(signal syscall.Signal) error {
	if s.process == nil {
		return nil
	}
	err := s.process.Process.Signal(signal)
	_ = s.process.Wait() // a crash is no success
	s.process = nil
	return err
}

// Signal sends a signal to the server's first process.
func (s *Server) Signal(signal syscall.Signal) error { return s.process.Process.Signal(signal) }

// Remove stops the server and removes its files.
func (s *Server) Remove() error {
	return errors.Join(s.Stop(syscall.SIGQUIT), os.RemoveAll(s.folder))
}

// Address returns the address of a schema.
func (s *Server) Address(schema string) string { return s.AddressAt(s.Port, schema) }

// AddressAt returns the address of a schema by way of another port of this machine: that of a
// pooler or a proxy.
func (s *Server) AddressAt(port int, schema string) string {
	return fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/postgres?sslmode=disable&search_path=%s", User, Password, port, schema)
}

// Shared returns the server of this process.
func Shared(tb testing.TB) *Server {
	tb.Helper()
	s, err := shared()
	Must(tb, err)
	return s
}

// Command returns one of the server's programs, to be run as whoever the server runs as.
func (s *Server) Command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...) //nolint:gosec,noctx // a server of the tests, which Remove ends
	cmd.Dir = s.folder
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "HOME=" + s.folder}
	s.owner.runs(cmd)
	return cmd
}

// Needs skips a test for which a server that was chosen by BinariesVariable lacks a program: some
// come without those of the client.
func (s *Server) Needs(tb testing.TB, program string) {
	tb.Helper()
	if _, err := exec.LookPath(filepath.Join(s.bin, program)); err != nil && os.Getenv(BinariesVariable) != "" {
		tb.Skip("the server that was chosen has no " + program + " beside it")
	}
}

// binaries returns the folder with the server's programs.
func binaries() (string, error) {
	if folder := os.Getenv(BinariesVariable); folder != "" {
		return folder, nil
	}
	folders, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	number := func(folder string) int {
		n, err := strconv.Atoi(filepath.Base(filepath.Dir(folder)))
		if err != nil {
			return 0
		}
		return n
	}
	slices.SortFunc(folders, func(a, b string) int { return number(b) - number(a) })
	for _, folder := range append(folders, filepath.SplitList(os.Getenv("PATH"))...) {
		if _, err := os.Stat(filepath.Join(folder, "initdb")); err == nil && !strings.HasPrefix(folder, ".") {
			return folder, nil
		}
	}
	return "", ErrNone
}

// freePort returns a port of loopback that nobody listens on.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		return 0, err
	}
	defer listener.Close() //nolint:errcheck // nothing was written
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("%v is no TCP address", listener.Addr())
	}
	return address.Port, nil
}

// FreePort returns a port of loopback that nobody listens on.
func FreePort(tb testing.TB) int {
	tb.Helper()
	port, err := freePort()
	if err != nil {
		tb.Fatal(err)
	}
	return port
}

// AsOwner has a program run as whoever the server runs as.
func (s *Server) AsOwner(cmd *exec.Cmd) { s.owner.runs(cmd) }

// File writes a file that whoever the server runs as can read, and returns its path.
func (s *Server) File(tb testing.TB, name, text string) string {
	tb.Helper()
	path := filepath.Join(s.folder, name)
	if err := errors.Join(os.WriteFile(path, []byte(text), 0o600), s.owner.give(path)); err != nil {
		tb.Fatal(err)
	}
	return path
}
