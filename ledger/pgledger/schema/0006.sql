-- The batch of which a worker has the proof that the ledger is the newest of its account, or
-- asks for it: see proof.go.

ALTER TABLE workers ADD COLUMN proves integer NOT NULL DEFAULT 0;
ALTER TABLE workers ADD COLUMN proven boolean NOT NULL DEFAULT false;
