-- Whether a payout is open, as a column: an index whose condition names the state would have
-- to be written anew with every move. There is room beside each row for the next version of it.

ALTER TABLE payouts ADD COLUMN open boolean NOT NULL GENERATED ALWAYS AS (state <= 4) STORED;
DROP INDEX payouts_open;
CREATE INDEX payouts_open ON payouts (batch, position) WHERE open;
ALTER TABLE payouts SET (fillfactor = 50);
