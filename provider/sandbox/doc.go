// Package sandbox is a simulated Digitalpaye: the provider's documented pages
// over real HTTP, with books of its own and, when a scenario asks for it, the
// faults of a bad day.
//
// It is written from the provider's public reference and SDKs and shares no
// code with the client it tests, so that a misreading on one side is not
// repeated on the other.
//
// # What is faithful
//
// Tokens from POST /v1/auth that expire; transfers at /v2/transfers/mobile-money
// and /v1/transfers/mobile-money (also /v1/transfer/…, and the v2 body at a v1
// address, as the provider's samples send it); look-ups at
// /v1/get-status-payment/{reference} and /v1/transaction/{reference}, by the
// provider's ref or the merchant's transaction id; /v1/balance;
// /v1/get-all-transactions; the documented limits, statuses, verdicts, fees and
// oddities of writing: a number without its plus, a type_payment that names
// another operator.
//
// # What is a choice
//
// A repeated transaction_id is paid again unless the scenario says otherwise:
// the documents do not say, and a client must not lean on a refusal. Each merchant
// has books of its own in each X-Environment. A look-up
// by transaction id then tells of the transfer accepted last. The look-up page
// of the older reference answers in the older writing (snake_case), the newer
// one in the newer. All requests but those for a token count against the rate
// cap. Verdicts of a failed validation, 409 and 429 are the sandbox's own words.
// A transfer is accepted when its request arrives, before the latency passes.
//
// # What is not simulated
//
// TLS, webhooks, paging, retention. Over a
// listener a connection cannot be refused for one request: connect_refused then
// cuts it unread.
//
// # Books
//
// GET /_sandbox/books tells what was really paid, GET /_sandbox/requests what
// came in; both without a token and whatever the faults. They are also Books and
// Requests in Go. Options.BooksFile keeps the books across restarts, and what is settled
// out of memory: an index of names beside it finds the lines.
//
// # Scenarios
//
// A scenario is a YAML file; every key may be left out. Delays are drawn
// between min and max; weights are percent, and those of faults that exclude
// each other (see Group) add up to 100 at most.
//
//	seed: 1                  # decides every draw
//	latency: {min: 0s, max: 0s}
//	settle: {min: 300ms, max: 1s}         # pending to final
//	late: {min: 2s, max: 20s}             # accepted after the connection broke
//	lookup_lag: {min: 500ms, max: 5s}
//	slow: {min: 2s, max: 10s}
//	forever: {min: 1h, max: 3h}           # pending_forever to final
//	reversal: {min: 1s, max: 10s}
//	retry_after: {min: 1s, max: 2s}       # rounded up to seconds
//	token_life: 10m
//	balance: 1000000000000                # XOF
//	fee_basis_points: 100                 # on top; if left out, see SampleFees
//	rate_cap: 0                           # requests in any second, 0 for none
//	repeated_reference: pay               # see Settings, as for the next five
//	lookup_finds: both
//	not_found: documented
//	list: whole
//	balance_words: documented
//	writing: documented
//	clock_ahead: 0s                       # the provider's clock
//	merchants: [{key: k2, secret: s2}]    # who may call besides, or "of:" whom
//	faults: {drop_after: 5, lookup_lag: 10}
//	outages:
//	  - {after: 30s, for: 10s}            # 503
//	  - {after: 2m, for: 5s, refuse: true}
//
// Catalogue lists the faults and Settings the choices. Those with a Beyond break what
// a client takes for granted: of them it can only be asked to stop, or to show what
// happened, and to pay nobody twice. testdata/rough-day.yaml has the other faults,
// testdata/broken-day.yaml these. No client can be safe from a provider that accepts
// later than the client waits before it sends again, so keep the longest late and
// lookup_lag below that wait, or they are of that kind.
//
// Each draw is a hash of the seed, the transaction id, the number of the
// request among those for that id, and the question: the same history meets the
// same faults, whatever else happens at the same time.
package sandbox
