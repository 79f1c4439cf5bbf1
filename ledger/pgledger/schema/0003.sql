-- What the machines that pay from an account share of it: see shared.go. It is no part of the
-- ledger: without it they begin anew.

CREATE TABLE shared (
    account       text COLLATE "C" PRIMARY KEY,
    state         json NOT NULL
) WITH (fillfactor = 10);
