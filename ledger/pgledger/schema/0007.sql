-- Whether a person has to know of a payout although it has an end: it was not paid, or the
-- provider disagrees. Most batches have few of these among many.

ALTER TABLE payouts ADD COLUMN noted boolean NOT NULL GENERATED ALWAYS AS (state = 6 OR differences IS NOT NULL) STORED;
CREATE INDEX payouts_noted ON payouts (batch, position) WHERE noted;
