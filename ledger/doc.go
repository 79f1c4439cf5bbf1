// Package ledger says what a payout is, which states it may pass through, and
// what a store of payouts must promise.
//
// After a crash at any moment the ledger holds every change whose Apply
// returned, and of a change whose Apply did not return it holds all or nothing.
// What it does not hold, the provider does: only the intent to send has to be
// durable before the request leaves, since a lost answer is found again by
// looking the payout up.
//
// A payout is queued when its row is accepted, submitting once the intent to
// send is durable, and from there pending, successful or failed by the
// provider's word, or unknown when there is no word to trust. See Transitions
// for the whole table, which every store enforces.
//
// A payout is sent by whoever claimed it, and by nobody else: a claim is the window of
// intents, and whatever a worker does to a payout later names its claim. See Claimer for
// what becomes of it where somebody else has the payout by then.
//
// Times are UTC. Money is whole francs (package money). The engine writes;
// everything else reads, except for the commands that cancel, retry and
// reconcile, which go through the same Apply.
package ledger
