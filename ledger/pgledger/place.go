package pgledger

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"payrun/ledger"
)

// Is reports whether the name of a ledger is that of a database, or was meant as one: that is no name
// of a file, and may have a password.
func Is(name string) bool { return isAddress(name) || mistaken(name) }

// isAddress reports whether a name is one that ParsePlace reads.
func isAddress(name string) bool {
	return strings.HasPrefix(name, "postgres://") || strings.HasPrefix(name, "postgresql://")
}

// mistaken reports whether a name is another way to write the address of a database: the scheme in
// capitals or without its slashes, or libpq's words and values.
func mistaken(name string) bool {
	scheme, _, colon := strings.Cut(name, ":")
	if colon && (strings.EqualFold(scheme, "postgres") || strings.EqualFold(scheme, "postgresql")) {
		return true
	}
	word, _, equals := strings.Cut(name, "=")
	switch strings.TrimSpace(word) {
	case "host", "hostaddr", "port", "dbname", "user", "password", "passfile", "service", "sslmode":
		return equals
	}
	return false
}

// errAddress says how an address is written, and nothing of the one that cannot be read: any part of
// it may be one of a password.
var errAddress = errors.New("an address is postgres://USER@HOST:PORT/DATABASE, with %XX for what is no letter, digit, dot or dash in a name or password")

// Name returns the name of a ledger for people: an address without its password.
func Name(ledger string) string {
	if !Is(ledger) {
		return ledger
	}
	place, err := ParsePlace(ledger)
	if err != nil {
		return WithoutPassword(ledger)
	}
	return place.String()
}

// schemaDefault is where a ledger's tables are unless the address says search_path.
const schemaDefault = "payrun"

// Place is a database, and the schema in it.
type Place struct {
	config *pgxpool.Config
	schema string
	limits silence
}

const (
	connectTimeout = 10 * time.Second
	// A transaction takes milliseconds. One whose process is frozen in the middle of it holds
	// up everybody until then.
	idleMax = 5 * time.Second
)

// silence limits how long a peer may be silent before a connection is given up, on both ends.
type silence struct {
	// idle is after how long without a word the peer is asked for a sign of life, each how
	// often, and count how many times in vain.
	idle, each time.Duration
	count      int
	// unacknowledged is how long something may be on its way.
	unacknowledged time.Duration
}

// within returns the limits by which a silence is noticed in time. The system counts seconds.
func within(most time.Duration) silence {
	const asks = 3
	return silence{idle: max(most/2, time.Second), each: max(most/(2*asks), time.Second), count: asks, unacknowledged: most}
}

// settings are the limits as the server takes them, for its end.
func (l silence) settings() (idle, each, count, unacknowledged string) {
	return seconds(l.idle), seconds(l.each), strconv.Itoa(l.count), strconv.FormatInt(l.unacknowledged.Milliseconds(), 10)
}

// limit has a connection keep them, at this end.
func (p *Place) limit(l silence) {
	p.limits = l
	dialer := &net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: l.idle, Interval: l.each, Count: l.count},
		Control:         l.unacknowledgedMax,
	}
	p.config.ConnConfig.DialFunc = dialer.DialContext
}

// ParsePlace reads the address of a database: postgres://USER@HOST:PORT/DATABASE and what
// libpq takes, also from the environment (PGPASSWORD, PGPASSFILE, PGSSLMODE and the like).
// Its errors have no password.
func ParsePlace(dsn string) (Place, error) {
	if !Is(dsn) {
		return Place{}, &ledger.NoLedgerError{Path: dsn, Kind: "no address of a database"}
	}
	if _, err := url.Parse(dsn); err != nil || !isAddress(dsn) {
		return Place{}, &UnreachableError{Path: unreadable, Err: errAddress}
	}
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return Place{}, &UnreachableError{Path: WithoutPassword(dsn), Err: err}
	}
	p := Place{config: config, schema: schemaDefault}
	parameters := config.ConnConfig.RuntimeParams
	if path := parameters["search_path"]; path != "" {
		p.schema = path
	}
	// Set by prepare: a pooler would refuse it, and could not be told from a wrong address.
	delete(parameters, "search_path")
	if _, given := parameters["application_name"]; !given {
		parameters["application_name"] = "payrun"
	}
	// The driver writes nothing else, whatever the role, the database or the environment asks for.
	parameters["client_encoding"] = utf8Encoding
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectTimeout
	}
	p.limit(within(silenceDefault))
	return p, nil
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) }

// String names the database, without a password.
func (p Place) String() string {
	c := p.config.ConnConfig
	named := url.URL{Scheme: "postgres", User: url.User(c.User), Host: net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port))), Path: "/" + c.Database}
	if strings.HasPrefix(c.Host, "/") {
		named.Host = ""
		named.RawQuery = url.Values{"host": {c.Host}, "port": {strconv.Itoa(int(c.Port))}}.Encode()
	}
	if p.schema != schemaDefault {
		query := named.Query()
		query.Set("search_path", p.schema)
		named.RawQuery = query.Encode()
	}
	return named.String()
}

// unreadable stands for an address of which nothing can be shown.
const unreadable = "postgres://…"

// WithoutPassword returns the address of a database as it was given, but for its password.
// Anything else is returned as it is.
func WithoutPassword(dsn string) string {
	if !Is(dsn) {
		return dsn
	}
	parsed, err := url.Parse(dsn)
	if err != nil || !isAddress(dsn) {
		return unreadable
	}
	if parsed.User != nil {
		parsed.User = url.User(parsed.User.Username())
	}
	query := parsed.Query()
	query.Del("password")
	query.Del("sslpassword")
	parsed.RawQuery = query.Encode()
	return parsed.String()
}

// access words an error of reaching the server, unless it is more.
func (p Place) access(err error) error {
	pooled, unfit := (*PooledError)(nil), (*ServerError)(nil)
	switch {
	case errors.As(err, &pooled):
		return pooled
	case errors.As(err, &unfit):
		return fmt.Errorf("ledger %q: %w", p, unfit)
	default:
		return &UnreachableError{Path: p.String(), Err: err}
	}
}

// ErrUnreachable matches every *UnreachableError.
var ErrUnreachable = errors.New("the database cannot be used")

// UnreachableError says why a database does not answer, or not to this user.
type UnreachableError struct {
	Path string
	Err  error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("ledger %q: %v: %v", e.Path, ErrUnreachable, e.Err)
}

// Unwrap returns the driver's error.
func (e *UnreachableError) Unwrap() error { return e.Err }

// Is makes errors.Is(err, ErrUnreachable) hold.
func (e *UnreachableError) Is(target error) bool { return target == ErrUnreachable }

// quoted is the schema's name as SQL has it.
func (p Place) quoted() string {
	return pgx.Identifier{p.schema}.Sanitize() //nolint:misspell // pgx's word
}

// connect opens one connection of its own.
func (p Place) connect(ctx context.Context, noSync bool) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, p.config.ConnConfig.Copy())
	if err != nil {
		return nil, p.access(err)
	}
	if err := p.prepare(ctx, conn, noSync); err != nil {
		return nil, errors.Join(p.access(err), conn.Close(context.WithoutCancel(ctx)))
	}
	return conn, nil
}

// ErrPooled matches every *PooledError.
var ErrPooled = errors.New("a connection pooler stands before the database")

// PooledError says that a connection leads to a pooler, behind which a session's locks
// belong to whoever comes next.
type PooledError struct{ Path string }

func (e *PooledError) Error() string { return fmt.Sprintf("ledger %q: %v", e.Path, ErrPooled) }

// Is makes errors.Is(err, ErrPooled) hold.
func (e *PooledError) Is(target error) bool { return target == ErrPooled }

// prepare makes a connection ready, in one round trip, and refuses one that leads to a pooler
// or to a server that is not fit: a *PooledError, a *ServerError. Questions are planned each
// time, for tables as they are: one session sees a ledger grow from nothing to millions.
// Plans are not compiled, which takes longer than any question here.
func (p Place) prepare(ctx context.Context, conn *pgx.Conn, noSync bool) error {
	var pid uint32
	var version int
	var commit, fsync, encoding, ignored string
	idle, each, count, unacknowledged := p.limits.settings()
	err := conn.QueryRow(ctx, `select pg_backend_pid(), current_setting('server_version_num')::int,
			current_setting('synchronous_commit'), current_setting('fsync'), current_setting('server_encoding'),
			set_config('search_path', $1, false) || set_config('idle_in_transaction_session_timeout', $6, false) ||
			set_config('plan_cache_mode', 'force_custom_plan', false) || set_config('jit', 'off', false) || set_config('random_page_cost', '1.1', false) ||
			set_config('tcp_keepalives_idle', $2, false) || set_config('tcp_keepalives_interval', $3, false) ||
			set_config('tcp_keepalives_count', $4, false) || set_config('tcp_user_timeout', $5, false)`,
		p.quoted(), idle, each, count, unacknowledged, seconds(idleMax)+"s").Scan(&pid, &version, &commit, &fsync, &encoding, &ignored)
	switch {
	case err != nil:
		return err
	case pid != conn.PgConn().PID():
		return &PooledError{Path: p.String()}
	case version < versionMin:
		return &ServerError{Setting: "server_version_num", Found: strconv.Itoa(version), Wanted: strconv.Itoa(versionMin)}
	case commit == off && !noSync:
		return &ServerError{Setting: "synchronous_commit", Found: off, Wanted: "on"}
	case fsync == off && !noSync:
		return &ServerError{Setting: "fsync", Found: off, Wanted: "on"}
	case encoding != utf8Encoding && encoding != "SQL_ASCII": // which keeps what it is given
		return &ServerError{Setting: "server_encoding", Found: encoding, Wanted: utf8Encoding}
	}
	return nil
}

const off = "off"

// utf8Encoding is the encoding of every text here: the names of people are in all of Unicode.
const utf8Encoding = "UTF8"

// versionMin is PostgreSQL 14.
const versionMin = 140000

// ErrServer matches every *ServerError.
var ErrServer = errors.New("the database server is not fit for a ledger")

// ServerError says which setting of a server makes it unfit to keep a ledger.
type ServerError struct{ Setting, Found, Wanted string }

func (e *ServerError) Error() string {
	return fmt.Sprintf("%v: %s is %s, and must be %s", ErrServer, e.Setting, e.Found, e.Wanted)
}

// Is makes errors.Is(err, ErrServer) hold.
func (e *ServerError) Is(target error) bool { return target == ErrServer }

// refused returns the code with which the server refused, empty if it did not.
func refused(err error) string {
	if answer := (*pgconn.PgError)(nil); errors.As(err, &answer) {
		return answer.Code
	}
	return ""
}
