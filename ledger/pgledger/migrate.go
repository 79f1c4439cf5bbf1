package pgledger

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"payrun/ledger"
)

// schemas are the steps from each version to the next, in SQL.
//
//go:embed schema/*.sql
var schemas embed.FS

// latest is the version that this payrun works with.
func latest() int {
	steps, err := schemas.ReadDir("schema")
	if err != nil {
		panic(err) // embedded
	}
	return len(steps)
}

// program is the name beside the version, so that nobody else's table is taken for ours.
const program = "payrun-ledger"

// ErrMissing matches every *MissingError.
var ErrMissing = errors.New("the database has no ledger yet")

// MissingError says that a database has no ledger in the schema that was named.
type MissingError struct{ Path string }

func (e *MissingError) Error() string { return fmt.Sprintf("ledger %q: %v", e.Path, ErrMissing) }

// Is makes errors.Is(err, ErrMissing) hold.
func (e *MissingError) Is(target error) bool { return target == ErrMissing }

// version returns the version of the ledger in a database. It returns a *MissingError if
// there is nothing, and a *ledger.NoLedgerError if there is something else.
func (p Place) version(ctx context.Context, conn *pgx.Conn) (version int, err error) {
	var tables int
	var ours bool
	err = conn.QueryRow(ctx, `select count(*), coalesce(bool_or(c.relname = 'format' and
			(select count(*) from pg_attribute a where a.attrelid = c.oid and a.attname in ('program', 'version')) = 2), false)
		from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1`, p.schema).Scan(&tables, &ours)
	switch {
	case err != nil:
		return 0, p.access(err)
	case tables == 0:
		return 0, &MissingError{Path: p.String()}
	case !ours:
		return 0, p.foreign()
	}
	var found string
	switch err := conn.QueryRow(ctx, "select program, version from format").Scan(&found, &version); {
	case errors.Is(err, pgx.ErrNoRows), err == nil && found != program:
		return 0, p.foreign()
	case refused(err) == undefinedTable, refused(err) == insufficientPrivilege:
		// It is there, and hidden from whoever may not use the schema.
		return 0, p.access(fmt.Errorf("the role %q has no rights in the schema %q: grant them, as docs/machines.md has it", p.config.ConnConfig.User, p.schema))
	case err != nil:
		return 0, p.access(err)
	}
	return version, nil
}

func (p Place) foreign() error {
	return &ledger.NoLedgerError{Path: p.String(), Kind: "the database of another program"}
}

// ErrOutdated matches every *OutdatedError.
var ErrOutdated = errors.New("the ledger is that of an earlier payrun")

// OutdatedError says that a ledger has to be upgraded before it is used.
type OutdatedError struct {
	Path         string
	Found, Known string
}

func (e *OutdatedError) Error() string {
	return fmt.Sprintf("ledger %q has the format %q, and this payrun works with %q", e.Path, e.Found, e.Known)
}

// Is makes errors.Is(err, ErrOutdated) hold.
func (e *OutdatedError) Is(target error) bool { return target == ErrOutdated }

// format is the error of a ledger that another version has made.
func (p Place) format(version int) error {
	if version < latest() {
		return &OutdatedError{Path: p.String(), Found: formatName(version), Known: formatName(latest())}
	}
	return &ledger.FormatError{Path: p.String(), Found: formatName(version), Known: formatName(latest())}
}

func formatName(version int) string { return program + " " + strconv.Itoa(version) }

// Init begins a ledger in a database, in a schema that has nothing. It reports false if there
// is one already.
func Init(ctx context.Context, dsn string) (begun bool, err error) {
	err = migrating(ctx, dsn, func(p Place, tx pgx.Tx) error {
		version, err := p.version(ctx, tx.Conn())
		if !errors.Is(err, ErrMissing) {
			if err == nil && version != latest() {
				err = p.format(version)
			}
			return err
		}
		begun = true
		return p.begin(ctx, tx)
	})
	return begun && err == nil, err
}

// Upgrade brings a ledger to the version of this payrun, and returns which it had. One that
// is newer is a *ledger.FormatError.
func Upgrade(ctx context.Context, dsn string) (from, to int, err error) {
	err = migrating(ctx, dsn, func(p Place, tx pgx.Tx) error {
		if from, err = p.version(ctx, tx.Conn()); err != nil {
			return err
		}
		if from > latest() {
			return p.format(from)
		}
		return step(ctx, tx, from)
	})
	return from, latest(), err
}

// migrating makes one transaction in which nobody else migrates.
func migrating(ctx context.Context, dsn string, migrate func(Place, pgx.Tx) error) error {
	place, err := ParsePlace(dsn)
	if err != nil {
		return err
	}
	conn, err := place.connect(ctx, true)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // everything was committed by then
	if _, err := conn.Exec(ctx, "create schema if not exists "+place.quoted()); err != nil && refused(err) != insufficientPrivilege {
		return place.access(err)
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock(hashtext($1))", program+place.schema); err != nil {
			return err
		}
		return migrate(place, tx)
	})
}

const insufficientPrivilege = "42501"

// begin makes the first version, with an identity, and goes on to the latest.
func (p Place) begin(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, "create table format (program text not null, version integer not null)"); err != nil {
		return p.access(err)
	}
	if _, err := tx.Exec(ctx, "insert into format values ($1, 0)", program); err != nil {
		return err
	}
	if err := step(ctx, tx, 0); err != nil {
		return err
	}
	identity, err := ledger.NewIdentity(time.Now().UTC())
	if err != nil {
		return err
	}
	text, err := toJSON(identity)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "insert into ledger (identity, place) values ($1::json, $2)", text, identity.ID)
	return err
}

// step makes the steps behind a version.
func step(ctx context.Context, tx pgx.Tx, version int) error {
	steps, err := schemas.ReadDir("schema")
	if err != nil {
		return err
	}
	for _, next := range steps[version:] {
		text, err := schemas.ReadFile("schema/" + next.Name())
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, string(text)); err != nil {
			return fmt.Errorf("step %s: %w", next.Name(), err)
		}
	}
	_, err = tx.Exec(ctx, "update format set version = $1", len(steps))
	return err
}
