package main

import (
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"payrun/ledger/pgledger/pgtest"
)

// database starts a PostgreSQL server for a test, which keeps what it is given: payrun
// refuses one that does not.
func database(t *testing.T) *pgtest.Server {
	t.Helper()
	server, err := pgtest.Start()
	pgtest.Must(t, err)
	t.Cleanup(func() {
		if err := server.Remove(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// TestScriptsOverADatabase runs the files in testdata/postgres, each with a schema of its own.
func TestScriptsOverADatabase(t *testing.T) {
	t.Parallel()
	server := database(t)
	var schemas atomic.Int64
	params := scripts(t, "testdata/postgres")
	setup := params.Setup
	params.Setup = func(env *testscript.Env) error {
		env.Setenv("LEDGER", server.Address("script"+strconv.FormatInt(schemas.Add(1), 10)))
		env.Setenv("NOWHERE", server.AddressAt(1, "nowhere"))
		env.Setenv("PASSWORD", pgtest.Password)
		return setup(env)
	}
	testscript.Run(t, params)
}
