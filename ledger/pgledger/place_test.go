package pgledger_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"payrun/internal/programtest"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/pgledger"
	"payrun/ledger/pgledger/pgtest"
)

func TestALedgerIsBegunOnceAndOnlyInAnEmptySchema(t *testing.T) {
	address := pgtest.Address(t)
	if _, err := pgledger.Open(t.Context(), address, options()); !errors.Is(err, pgledger.ErrMissing) {
		t.Errorf("open: %v, want ErrMissing", err)
	}
	if _, _, err := pgledger.Upgrade(t.Context(), address); !errors.Is(err, pgledger.ErrMissing) {
		t.Errorf("upgrade: %v, want ErrMissing", err)
	}
	for i, want := range []bool{true, false} {
		if begun, err := pgledger.Init(t.Context(), address); err != nil || begun != want {
			t.Errorf("begun the %d. time: %v, %v", i+1, begun, err)
		}
	}
	store := open(t, address)
	defer store.Close()
	first, err := store.Identity(t.Context())
	if err != nil || first.ID == "" {
		t.Errorf("identity %+v, %v", first, err)
	}
	if from, to, err := pgledger.Upgrade(t.Context(), address); err != nil || from != to {
		t.Errorf("upgraded from %d to %d, %v, want nothing to do", from, to, err)
	}
}

func TestWhatIsNewerOrSomebodyElsesIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		sql  string
		want error
	}{
		"a newer ledger":         {"update format set version = version + 1", ledger.ErrFormat},
		"an older ledger":        {"update format set version = 0", pgledger.ErrOutdated},
		"a table called format":  {"update format set program = 'another'", ledger.ErrNoLedger},
		"no version":             {"delete from format", ledger.ErrNoLedger},
		"another program's base": {"drop table format", ledger.ErrNoLedger},
	} {
		t.Run(name, func(t *testing.T) {
			address := begin(t)
			store := open(t, address)
			if err := errors.Join(store.Exec(t.Context(), test.sql), store.Close()); err != nil {
				t.Fatal(err)
			}
			if _, err := pgledger.Open(t.Context(), address, options()); !errors.Is(err, test.want) {
				t.Errorf("open: %v, want %v", err, test.want)
			}
			if _, err := pgledger.Init(t.Context(), address); !errors.Is(err, test.want) {
				t.Errorf("init: %v, want %v", err, test.want)
			}
			if _, _, err := pgledger.Upgrade(t.Context(), address); name == "a newer ledger" && !errors.Is(err, test.want) {
				t.Errorf("upgrade: %v, want %v", err, test.want)
			}
		})
	}
}

func TestAServerThatMayLoseACommitIsRefused(t *testing.T) {
	address := begin(t)
	for setting, options := range map[string]pgledger.Options{"synchronous_commit": {}, "fsync": {}} {
		with := address
		if setting == "synchronous_commit" {
			with += "&options=-c%20synchronous_commit%3Doff"
		}
		_, err := pgledger.Open(t.Context(), with, options)
		unfit := (*pgledger.ServerError)(nil)
		if !errors.As(err, &unfit) || unfit.Setting != setting {
			t.Errorf("%s: %v, want it refused", setting, err)
		}
	}
}

// TestTextsAreUnicodeWhateverTheServerIsSetTo: the role asks for another encoding, as an old program
// may want it, and a database that cannot hold every name is refused before anything is entered.
func TestTextsAreUnicodeWhateverTheServerIsSetTo(t *testing.T) {
	server := pgtest.Shared(t)
	address := begin(t)
	rows := ledgertest.Entries("A", 1)
	rows[0].Name = "Zoë Çağ 😀"
	for _, set := range []string{address, address + "&client_encoding=LATIN1", address + "&options=-c%20client_encoding%3DLATIN1"} {
		store := open(t, set)
		if _, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(rows)); err != nil {
			t.Fatal(err)
		}
		if kept, err := store.Payout(t.Context(), rows[0].ID); err != nil || kept.Name != rows[0].Name {
			t.Errorf("%s: the name is %q, %v", set, kept.Name, err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
	store := open(t, address)
	defer store.Close()
	if err := store.Exec(t.Context(), "create database narrow encoding 'LATIN1' locale 'C' template template0"); err != nil {
		t.Fatal(err)
	}
	_, err := pgledger.Init(t.Context(), strings.Replace(server.AddressAt(server.Port, "narrow"), "/postgres?", "/narrow?", 1))
	unfit := (*pgledger.ServerError)(nil)
	if !errors.As(err, &unfit) || unfit.Setting != "server_encoding" {
		t.Errorf("a ledger in a narrow database: %v, want it refused", err)
	}
}

func TestThePasswordIsNeverShown(t *testing.T) {
	address := begin(t)
	store := open(t, address)
	defer store.Close()
	shown := []string{store.String()}
	_, missing := pgledger.Open(t.Context(), pgtest.Address(t), options())
	_, refused := pgledger.Open(t.Context(), pgtest.Shared(t).AddressAt(1, "x"), options())
	_, wrong := pgledger.Open(t.Context(), "postgres://payrun:"+pgtest.Password+"@127.0.0.1:port/x", options())
	_, setting := pgledger.Open(t.Context(), address+"&sslmode=perhaps&password="+pgtest.Password, options())
	for _, err := range []error{missing, refused, wrong, setting} {
		if err == nil {
			t.Error("an address that leads nowhere was opened")
			continue
		}
		shown = append(shown, err.Error(), fmt.Sprintf("%+v", err))
	}
	for _, text := range shown {
		if strings.Contains(text, pgtest.Password) {
			t.Errorf("shown: %s", text)
		}
	}
	if !strings.HasPrefix(store.String(), "postgres://payrun@127.0.0.1:") {
		t.Errorf("the ledger is called %q", store)
	}
}

// TestWhatIsMeantAsADatabaseIsNoFile: an address that cannot be read is refused, and nothing of it is
// shown, since any part of it may be one of a password.
func TestWhatIsMeantAsADatabaseIsNoFile(t *testing.T) {
	for _, address := range []string{
		"postgres://payrun:geheim/x@db.example/payrun",
		"postgres://payrun:%geheim@db.example/payrun",
		"postgres://payrun:x@%:#geheim@db.example/payrun",
		"postgres://payrun:geheim@db.example:port/payrun",
		"POSTGRES://payrun:geheim@db.example/payrun",
		"Postgresql://payrun:geheim@db.example/payrun",
		"postgres:payrun:geheim@db.example/payrun",
		"host=db.example user=payrun password=geheim",
		"password = geheim host = db.example",
	} {
		if !pgledger.Is(address) {
			t.Errorf("%s is taken for a file", address)
		}
		_, err := pgledger.Open(t.Context(), address, options())
		if !errors.Is(err, pgledger.ErrUnreachable) {
			t.Errorf("%s: %v, want ErrUnreachable", address, err)
		}
		for _, shown := range []string{fmt.Sprintf("%+v", err), pgledger.Name(address), pgledger.WithoutPassword(address)} {
			if strings.Contains(shown, "geheim") {
				t.Errorf("%s is shown as %s", address, shown)
			}
		}
	}
	for _, file := range []string{"payrun.db", "/var/lib/postgres/payrun.db", "postgres", "november=host.db", "C:\\payrun.db"} {
		if pgledger.Is(file) {
			t.Errorf("%s is taken for a database", file)
		}
	}
}

// TestAPoolerIsRefused has PgBouncer stand before the server, in each of its modes: behind it
// a lock belongs to whoever gets the connection next.
func TestAPoolerIsRefused(t *testing.T) {
	server := pgtest.Shared(t)
	address := begin(t)
	program := pooler(t)
	for _, mode := range []string{"transaction", "session"} {
		t.Run(mode, func(t *testing.T) {
			port := startPooler(t, program, server, mode)
			schema := address[strings.LastIndex(address, "=")+1:]
			var err error
			for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				_, err = pgledger.Open(ctx, server.AddressAt(port, schema), options())
				cancel()
				if !errors.Is(err, pgledger.ErrUnreachable) {
					break // it listens
				}
			}
			if !errors.Is(err, pgledger.ErrPooled) {
				t.Errorf("behind a pooler: %v, want ErrPooled", err)
			}
		})
	}
}

func pooler(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat("/usr/sbin/pgbouncer"); err == nil {
		return "/usr/sbin/pgbouncer"
	}
	return programtest.Find(t, "pgbouncer")
}

func startPooler(t *testing.T, program string, server *pgtest.Server, mode string) (port int) {
	t.Helper()
	port = pgtest.FreePort(t)
	settings := fmt.Sprintf(`[databases]
postgres = host=127.0.0.1 port=%d user=%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
auth_type = any
pool_mode = %s
unix_socket_dir =
`, server.Port, pgtest.User, port, mode)
	path := server.File(t, "pgbouncer-"+mode+".ini", settings)
	cmd := exec.Command(program, "-q", path)
	server.AsOwner(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = cmd.Wait()
	})
	return port
}
