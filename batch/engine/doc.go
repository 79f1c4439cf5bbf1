// Package engine takes the queued payouts of a batch to their end: it sends,
// looks up and records, and it never sends twice what may have been paid.
//
// It knows payouts and a provider, not files, reports or terminals.
//
// Where an approval policy was ever in force, it claims through a door of package
// clearance: nothing is claimed, and so nothing sent, that people have not approved as the
// ledger has it at that moment.
//
// # Goroutines
//
//	            intents + outcomes                     requests
//	recorder <------- groups ------- dispatcher -------- jobs -------> N workers
//	   |                              ^     ^                              |
//	   +------------ commits ---------+     +----------- results ---------+
//
// The dispatcher is the goroutine that called Run. It owns every payout in
// progress, the schedules and the limiter, so there is nothing to lock. It
// creates all channels and closes jobs and groups when the work is over; the
// workers and the recorder end when theirs is closed, and Run returns when they
// have ended.
//
// Where no rate is set, a transfer lies ready in jobs for each worker, so that none
// waits for the dispatcher between two requests. Before anything that gives a reason
// to send less, what lies there is taken back: it has not left. A worker whose
// answer may be such a reason does not go on before the dispatcher has seen it.
//
// # Parts of the dispatcher
//
//	queue ---> scheduler ---> window ---> scheduler ---> gate ---> pool of workers
//	           takes up       intents     ready          may it        |
//	               ^          durable                    leave?        v
//	               |                                                 reply
//	               +---- next step --- settle <--- verdict <--- weighed by outcome
//	                                     |                      beside the proof
//	                                     +---> window: what is to be recorded
//
// The scheduler has whatever waits and says whose turn it is; the gate says whether
// anything may leave, and why not; the window makes changes durable in groups; the
// proof says what a "not found" can be believed by. What an answer makes of a payment
// is decided by functions that change nothing (reply, in outcome.go and lookfirst.go),
// so that a table can test every class; settle does what they say. Before the loop and
// after it, probe and sweep ask the provider through the same gate and workers.
//
// # Order of durable writes
//
//  1. A row must be recorded as submitting, durably, before its request may
//     leave. Rows are taken in windows, and a window's intents are one commit: the
//     claim, without which nothing is sent.
//  2. An answer is recorded after it arrived. It may lag, because losing it
//     loses nothing: the next process finds the row submitting, calls that
//     unknown and asks the provider. Outcomes therefore ride with the next
//     window's commit, or go alone after a moment.
//  3. Everything is recorded before Run returns. If recording fails, nothing
//     more is sent.
//
// Every change names the run's claim. Of a payout that somebody else has by then, the
// ledger keeps what the provider said, and the run lets go of it (lose).
//
// # Rate
//
// Machines that share an account share its rate, and what stops it (Config.Account).
//
// One limiter serves transfers and look-ups, since the provider counts both.
// The dispatcher takes its tokens and gives rows out in file order, so workers
// never race for it. When the provider says "too fast", the rate is halved and
// then grows by a tenth of the former rate each second: additive increase and
// multiplicative decrease, which converges on a fair share without knowing the
// limit, and which the provider's own gateway is likely to have been tuned for
// because TCP does the same.
//
// # Stopping
//
// Closing drain ends the handing out of work; requests in flight get their
// answer and are recorded, intents that were not used are taken back. Cancelling
// the context does the same without waiting for answers.
package engine
