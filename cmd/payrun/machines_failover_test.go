//go:build unix

package main

import (
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"payrun/ledger"
	"payrun/ledger/pgledger"
	"payrun/ledger/pgledger/pgtest"
)

// TestAFailoverThatLosesPaymentsPaysNobodyTwice: a run dies in the middle of a batch, and its
// database with it. What takes its place does not have the last payments: a replica that had fallen
// behind, or a backup brought forward to an earlier moment. Whoever goes on from there notices, and
// looks up what is queued before it is sent: the machine that paid, whose anchor knows more than
// the database, and one that knows nothing.
func TestAFailoverThatLosesPaymentsPaysNobodyTwice(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options []string
		// goesOn is the machine that pays from the copy.
		goesOn string
		// begins and falls are what becomes of the copy, while the run pays, and replaces how it
		// takes the place of the first.
		begins, falls, replaces func(t *testing.T, first, copied *pgtest.Server)
	}{
		"an asynchronous replica is promoted": {
			options: []string{"-R"}, goesOn: "caisse",
			begins: func(t *testing.T, _, replica *pgtest.Server) {
				t.Helper()
				if err := replica.Run(); err != nil {
					t.Fatal(err)
				}
			},
			falls: func(t *testing.T, _, replica *pgtest.Server) {
				t.Helper()
				asks(t, replica, "alter system set primary_conninfo = ''", "select pg_reload_conf()")
				untilYes(t, replica, "select not exists (select from pg_stat_wal_receiver)")
			},
			replaces: func(t *testing.T, first, replica *pgtest.Server) {
				t.Helper()
				asks(t, replica, "select pg_promote()")
				// As behind a name that now leads to it.
				if err := replica.Stop(syscall.SIGINT); err != nil {
					t.Fatal(err)
				}
				replica.Port = first.Port
				if err := replica.Run(); err != nil {
					t.Fatal(err)
				}
			},
		},
		"a backup is restored to an earlier moment": {
			goesOn: "laptop",
			begins: func(*testing.T, *pgtest.Server, *pgtest.Server) {},
			falls: func(t *testing.T, first, _ *pgtest.Server) {
				t.Helper()
				asks(t, first, "select pg_create_restore_point('earlier')")
			},
			replaces: func(t *testing.T, first, backup *pgtest.Server) {
				t.Helper()
				if err := backup.RestoreTo(t, "earlier", first); err != nil {
					t.Fatal(err)
				}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const rows = 60
			first, s := database(t), setScene(t, "")
			first.Needs(t, "pg_basebackup")
			m := s.machine("caisse")
			m.pays(exitPaid, "is begun", "ledger", "init", "--ledger", first.Address("shared"))
			m.knownAccount(first.Address("shared"))
			copied, err := first.Copy(test.options...)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := copied.Remove(); err != nil {
					t.Error(err)
				}
			})
			test.begins(t, first, copied)
			run := m.starts(append([]string{"run", s.rows("may.csv", upTo(1, rows)...), "--ledger", first.Address("shared"), "--request-timeout", "1s"}, slowly(15)...)...)
			s.untilPaid(1 + 8)
			test.falls(t, first, copied)
			s.untilPaid(s.books().Credited.Count + 10)
			run.kills(t)
			if err := first.Stop(syscall.SIGQUIT); err != nil {
				t.Fatal(err)
			}
			paid := s.books().Credited.Count
			test.replaces(t, first, copied)
			untilYes(t, copied, "select not pg_is_in_recovery()")

			address := copied.Address("shared")
			store, err := pgledger.Open(t.Context(), address, pgledger.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			known, err := countIn(t.Context(), store, "may", ledger.Successful)
			if err != nil || known.Count+1 >= paid {
				t.Fatalf("the database knows of %d of %d, %v: nothing was lost", known.Count+1, paid, err)
			}
			m = s.machine(test.goesOn)
			with := resume(address, append(atOnce(), "--request-timeout", "1s")...)
			m.pays(exitPaid, "the database was failed over or restored: what is queued is looked up before it is sent", with...)
			m.agrees("payrun-report/may.json")
			s.nobodyTwice(1 + rows)
		})
	}
}

// asks has a server do things.
func asks(t *testing.T, server *pgtest.Server, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server.Address("public"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for _, sql := range statements {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// untilYes waits until a server answers a question with yes.
func untilYes(t *testing.T, server *pgtest.Server, question string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server.Address("public"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	until(t, question, func() (yes bool) {
		if err := conn.QueryRow(t.Context(), question).Scan(&yes); err != nil {
			t.Fatal(err)
		}
		return yes
	})
}
