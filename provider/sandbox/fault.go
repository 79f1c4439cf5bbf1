package sandbox

// Fault is one way for a day with the provider to go wrong. Its text is the
// key that a scenario file uses.
type Fault string

// Faults of the connection and of the answer to a transfer. At most one of
// them strikes a request.
const (
	ConnectRefused   Fault = "connect_refused"
	DropBefore       Fault = "drop_before"
	DropAfter        Fault = "drop_after"
	HangBefore       Fault = "hang_before"
	HangAfter        Fault = "hang_after"
	Late             Fault = "late"
	HTTP500          Fault = "http_500"
	HTTP502          Fault = "http_502"
	HTTP503          Fault = "http_503"
	HTTP502After     Fault = "http_502_after"
	HTTP504After     Fault = "http_504_after"
	Failed504        Fault = "failed_504"
	Throttle         Fault = "throttle"
	UnavailableRetry Fault = "unavailable_retry"
	TokenExpired     Fault = "token_expired"
	Garbage          Fault = "garbage"
	Truncated        Fault = "truncated"
	Empty            Fault = "empty"
	Stranger         Fault = "stranger"
	StrangerAfter    Fault = "stranger_after"
	CurrencyAfter    Fault = "currency_after"
	Slow             Fault = "slow"

	HTTP401After     Fault = "http_401_after"
	HTTP403After     Fault = "http_403_after"
	HTTP429After     Fault = "http_429_after"
	HTTP503After     Fault = "http_503_after"
	GatewayBefore    Fault = "gateway_before"
	GatewayAfter     Fault = "gateway_after"
	Login302         Fault = "login_302"
	Switching        Fault = "switching"
	ExpiredButPaid   Fault = "expired_but_paid"
	ThrottleAfter    Fault = "throttle_after"
	UnavailableAfter Fault = "unavailable_after"
	ExpiredAfter     Fault = "token_expired_after"
	NoBalanceAfter   Fault = "no_balance_after"
	ForbiddenAfter   Fault = "forbidden_after"
)

// Faults of a payout: what it is refused with each time it is asked for, drawn once
// for its transaction_id. It is never accepted.
const (
	RowForbidden Fault = "row_forbidden"
	RowNotFound  Fault = "row_not_found"
	RowRefused   Fault = "row_refused"
)

// Courses an accepted transfer can take instead of being successful at once. At
// most one of them is drawn per transfer.
const (
	Pending           Fault = "pending"
	PendingThenFailed Fault = "pending_then_failed"
	PendingForever    Fault = "pending_forever"
	UnknownStatus     Fault = "unknown_status"
	Reversed          Fault = "reversed"
	Revived           Fault = "revived"
)

// Faults of look-ups. LookupLag is drawn per transfer, the others per look-up.
const (
	LookupLag      Fault = "lookup_lag"
	Lookup500      Fault = "lookup_500"
	LookupGarbage  Fault = "lookup_garbage"
	LookupStranger Fault = "lookup_stranger"
	LookupHang     Fault = "lookup_hang"
	LookupGateway  Fault = "lookup_gateway"
	LookupBlind    Fault = "lookup_blind"
)

// Group says which faults exclude each other: of one group at most one strikes
// at a time, so the weights of a group may add up to 100 at most. Faults of
// different groups combine.
type Group string

// The groups.
const (
	OnConnection Group = "connection" // drawn per connection attempt of a transfer
	OnPayout     Group = "payout"     // drawn per transaction_id
	OnAnswer     Group = "answer"     // drawn per transfer request
	OnCourse     Group = "course"     // drawn per accepted transfer
	OnVisibility Group = "visibility" // drawn per accepted transfer
	OnLookup     Group = "lookup"     // drawn per look-up
)

// Entry describes one fault of the catalogue.
type Entry struct {
	Fault Fault
	Group Group
	// Means says in a sentence what the client sees and what became of the
	// money.
	Means string
	// Beyond names what a client takes for granted and this fault breaks, empty
	// if none can be harmed by it. Of a world with one the best that can be asked
	// is that a client stops, or shows what happened, and pays nobody twice.
	Beyond string
}

// Groups lists the groups, in the order in which they strike.
func Groups() []Group {
	return []Group{OnConnection, OnPayout, OnAnswer, OnCourse, OnVisibility, OnLookup}
}

// Catalogue lists every fault, in the order in which weights are laid out.
func Catalogue() []Entry { return append([]Entry(nil), catalogue...) }

//nolint:gochecknoglobals // table
var catalogue = []Entry{
	{ConnectRefused, OnConnection, "connection refused, nothing read (over a listener: cut unread)", ""},

	{RowForbidden, OnPayout, "403 ForbiddenError, each time, not accepted", assumesEnd},
	{RowNotFound, OnPayout, "404 NotFoundError about the beneficiary's account, each time, not accepted", assumesEnd},
	{RowRefused, OnPayout, "400 BadRequestError about the beneficiary, each time, not accepted", ""},

	{DropBefore, OnAnswer, "connection cut, not accepted", ""},
	{DropAfter, OnAnswer, "accepted, then the connection is cut", ""},
	{HangBefore, OnAnswer, "no answer until the client gives up, not accepted", ""},
	{HangAfter, OnAnswer, "accepted, no answer until the client gives up", ""},
	{Late, OnAnswer, "connection cut at once, accepted only after the `late` delay", ""},
	{HTTP500, OnAnswer, "500 with an HTML page, not accepted", ""},
	{HTTP502, OnAnswer, "502 with an HTML page, not accepted", ""},
	{HTTP503, OnAnswer, "503 with an HTML page and no Retry-After, not accepted", ""},
	{HTTP502After, OnAnswer, "accepted, then a proxy's 502 with an HTML page", ""},
	{HTTP504After, OnAnswer, "accepted, then a proxy's 504 with an HTML page", ""},
	{Failed504, OnAnswer, "the provider's own 504 PAYMENT_FAILED_TRY_AGAINST: known, failed, not credited", ""},
	{Throttle, OnAnswer, "429 with Retry-After in seconds or as a date, not accepted", ""},
	{UnavailableRetry, OnAnswer, "503 in JSON with Retry-After, not accepted", ""},
	{TokenExpired, OnAnswer, "401 TOKEN_EXPIRED for a good token, never twice in a row, not accepted", ""},
	{Garbage, OnAnswer, "200 that is not JSON, accepted or not by a draw", ""},
	{Truncated, OnAnswer, "accepted, 200 whose JSON stops half-way", ""},
	{Empty, OnAnswer, "accepted, 200 with an empty body", ""},
	{Stranger, OnAnswer, "200 SUCCESSFUL about another id, amount or number, not accepted", ""},
	{StrangerAfter, OnAnswer, "accepted, 200 SUCCESSFUL about another id, amount or number", ""},
	{CurrencyAfter, OnAnswer, "accepted, 200 SUCCESSFUL about as many euros", ""},
	{Slow, OnAnswer, "accepted, the answer is right but takes the `slow` delay", ""},
	{HTTP401After, OnAnswer, "accepted, then a firewall's 401 with an HTML page", ""},
	{HTTP403After, OnAnswer, "accepted, then a firewall's 403 with an HTML page", ""},
	{HTTP429After, OnAnswer, "accepted, then a proxy's 429 with an HTML page and Retry-After", ""},
	{HTTP503After, OnAnswer, "accepted, then a proxy's 503 with an HTML page and Retry-After", ""},
	{GatewayBefore, OnAnswer, "a gateway's own JSON with 401, 403, 404, 429 or 503, not accepted", ""},
	{GatewayAfter, OnAnswer, "accepted, then a gateway's own JSON with 401, 403, 404, 429 or 503", ""},
	{Login302, OnAnswer, "302 to a page for people, not accepted", ""},
	{Switching, OnAnswer, "101 Switching Protocols and silence, accepted or not by a draw", ""},
	{ExpiredButPaid, OnAnswer, "accepted, 401 TOKEN_EXPIRED whose data says so", ""},
	{ThrottleAfter, OnAnswer, "accepted, then the provider's own 429 all the same", assumesRefusal},
	{UnavailableAfter, OnAnswer, "accepted, then the provider's own 503 with Retry-After all the same", assumesRefusal},
	{ExpiredAfter, OnAnswer, "accepted, then the provider's own 401 TOKEN_EXPIRED all the same", assumesRefusal},
	{NoBalanceAfter, OnAnswer, "accepted, then the provider's own 412 AMOUNT_INSUFFISANT all the same", assumesRefusal},
	{ForbiddenAfter, OnAnswer, "accepted, then the provider's own 403 all the same", assumesRefusal},

	{Pending, OnCourse, "PENDING, SUCCESSFUL after the `settle` delay", ""},
	{PendingThenFailed, OnCourse, "PENDING, FAILED or CANCEL after the `settle` delay, not credited", ""},
	{PendingForever, OnCourse, "PENDING, SUCCESSFUL only after the `forever` delay", ""},
	{UnknownStatus, OnCourse, "PROCESSING, SUCCESSFUL after the `settle` delay", ""},
	{Reversed, OnCourse, "SUCCESSFUL, and CANCEL after the `reversal` delay", ""},
	{Revived, OnCourse, "FAILED, and SUCCESSFUL after all after the `reversal` delay", assumesFinal},

	{LookupLag, OnVisibility, "look-ups say 404 until the `lookup_lag` delay after acceptance", ""},

	{Lookup500, OnLookup, "500 InternalServerError", ""},
	{LookupGarbage, OnLookup, "200 that is not JSON", ""},
	{LookupStranger, OnLookup, "200 about another id, amount or number", ""},
	{LookupHang, OnLookup, "no answer until the client gives up", ""},
	{LookupGateway, OnLookup, "a gateway's own JSON with 401, 403, 404, 429 or 503", ""},
	{LookupBlind, OnLookup, "404 NotFoundError although it is there", assumesLookUps},
}

// groupOf returns the group of a fault, and whether there is such a fault.
func groupOf(fault Fault) (Group, bool) {
	for _, entry := range catalogue {
		if entry.Fault == fault {
			return entry.Group, true
		}
	}
	return "", false
}
