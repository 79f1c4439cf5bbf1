-- Which store this is, also once another ledger was copied into it; and whether that copy has
-- yet to become the ledger: see copy.go.

ALTER TABLE ledger ADD COLUMN place text NOT NULL DEFAULT '';
ALTER TABLE ledger ADD COLUMN incoming boolean NOT NULL DEFAULT false;
UPDATE ledger SET place = identity ->> 'id';
