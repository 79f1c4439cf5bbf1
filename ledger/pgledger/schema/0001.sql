-- The first layout. Times are nanoseconds since 1970, 0 for none, because events are hashed
-- with them. Nothing here refers to another table by a foreign key: rows come by the
-- thousand, are never removed, and are held against each other by Verify.

CREATE TABLE ledger (
    one           boolean PRIMARY KEY DEFAULT true CHECK (one),
    identity      json    NOT NULL,
    -- The chain of heads, and the chain of the events that no batch has.
    heads         bigint  NOT NULL DEFAULT 0,
    heads_hash    bytea   NOT NULL DEFAULT '',
    own           bigint  NOT NULL DEFAULT 0,
    own_hash      bytea   NOT NULL DEFAULT '',
    -- The same chains at the checkpoint.
    checked       bigint  NOT NULL DEFAULT 0,
    checked_hash  bytea   NOT NULL DEFAULT '',
    checked_own   bigint  NOT NULL DEFAULT 0,
    checked_own_hash bytea NOT NULL DEFAULT ''
) WITH (fillfactor = 10);

CREATE TABLE batches (
    number        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id            text COLLATE "C" NOT NULL UNIQUE,
    created_at    bigint  NOT NULL,
    state         smallint NOT NULL,
    -- All that is known of it, also what stands in columns.
    body          json    NOT NULL,
    -- How many positions were given, to payouts and to rejected rows.
    members       integer NOT NULL DEFAULT 0,
    rejected_rows integer NOT NULL DEFAULT 0,
    chain         bigint  NOT NULL DEFAULT 0,
    chain_hash    bytea   NOT NULL DEFAULT '',
    checked       bigint  NOT NULL DEFAULT 0,
    checked_hash  bytea   NOT NULL DEFAULT ''
) WITH (fillfactor = 50);

CREATE TABLE payouts (
    id            text COLLATE "C" PRIMARY KEY,
    batch         integer NOT NULL,
    position      integer NOT NULL,
    number        text    NOT NULL,
    name          text    NOT NULL,
    minor         bigint  NOT NULL,
    currency      text    NOT NULL,
    country       text    NOT NULL,
    operator      text    NOT NULL,
    note          text    NOT NULL,
    queued_at     bigint  NOT NULL,
    state         smallint NOT NULL DEFAULT 1,
    attempt       integer NOT NULL DEFAULT 1,
    reference     text COLLATE "C" NOT NULL,
    intents       integer NOT NULL DEFAULT 0,
    first_intent  bigint  NOT NULL DEFAULT 0,
    submitted_at  bigint  NOT NULL DEFAULT 0,
    settled_at    bigint  NOT NULL DEFAULT 0,
    doubted       boolean NOT NULL DEFAULT false,
    said          smallint NOT NULL DEFAULT 0,
    answered      smallint NOT NULL DEFAULT 0,
    provider_ref  text    NOT NULL DEFAULT '',
    code          text    NOT NULL DEFAULT '',
    message       text    NOT NULL DEFAULT '',
    fees          bigint  NOT NULL DEFAULT 0,
    fees_currency text    NOT NULL DEFAULT '',
    fees_known    boolean NOT NULL DEFAULT false,
    differences   json,
    resolution    json,
    -- Who holds it, 0 for nobody: see workers.
    epoch         bigint  NOT NULL DEFAULT 0,
    -- The number of the event that wrote the row last.
    event         bigint  NOT NULL
) WITH (fillfactor = 80);

-- What is open, in file order: queued, submitting, unknown, pending.
CREATE INDEX payouts_open ON payouts (batch, position) WHERE state <= 4;

-- Attempts that are over, each as it ended and with all that was heard of it since.
CREATE TABLE attempts (
    payout        text COLLATE "C" NOT NULL,
    number        integer NOT NULL,
    reference     text COLLATE "C" NOT NULL,
    body          json    NOT NULL,
    PRIMARY KEY (payout, number)
);

-- The names of later attempts at the provider. The first goes by the payout's id.
CREATE TABLE names (
    reference     text COLLATE "C" PRIMARY KEY,
    payout        text COLLATE "C" NOT NULL
);

-- The payouts of a batch in file order. Those that another batch had brought in are adopted.
CREATE TABLE members (
    batch         integer NOT NULL,
    position      integer NOT NULL,
    row           integer NOT NULL,
    payout        text COLLATE "C" NOT NULL,
    adopted       boolean NOT NULL DEFAULT false,
    PRIMARY KEY (batch, position)
);

CREATE UNIQUE INDEX members_adopted ON members (batch, payout) WHERE adopted;
CREATE INDEX members_adopted_order ON members (batch, position) WHERE adopted;

CREATE TABLE rejected (
    batch         integer NOT NULL,
    position      integer NOT NULL,
    entry         json    NOT NULL,
    PRIMARY KEY (batch, position)
);

-- The finder of repeated payments: every number and amount that a payout ever had.
CREATE TABLE paid_to (
    number        text COLLATE "C" NOT NULL,
    payout        text COLLATE "C" NOT NULL,
    minor         bigint  NOT NULL,
    currency      text    NOT NULL,
    queued_at     bigint  NOT NULL,
    PRIMARY KEY (number, payout, minor, currency)
);

-- The audit log. What is not in a column of its own is in rest.
CREATE TABLE events (
    sequence      bigint PRIMARY KEY,
    batch         integer NOT NULL,
    place         bigint  NOT NULL,
    at            bigint  NOT NULL,
    actor         text    NOT NULL,
    payout        text COLLATE "C" NOT NULL,
    from_state    smallint NOT NULL,
    to_state      smallint NOT NULL,
    attempt       integer NOT NULL,
    act           text    NOT NULL,
    worker        text    NOT NULL,
    epoch         bigint  NOT NULL,
    rest          json,
    hash          bytea   NOT NULL
);

-- The acts upon a batch, or upon the ledger, and the enrolments.
CREATE INDEX events_acts ON events (batch, sequence) WHERE payout = '';

-- An epoch of a worker. It is at work until it ended, or until its lease is over and its
-- session is gone.
CREATE TABLE workers (
    epoch         bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name          text    NOT NULL,
    host          text    NOT NULL,
    pid           integer NOT NULL,
    joined        timestamptz NOT NULL DEFAULT clock_timestamp(),
    lease_until   timestamptz NOT NULL,
    ended         timestamptz,
    because       text
) WITH (fillfactor = 20);
