-- The server that the ledger was last paid from, and its timeline: see lineage.go.

ALTER TABLE ledger ADD COLUMN lineage text NOT NULL DEFAULT '';
