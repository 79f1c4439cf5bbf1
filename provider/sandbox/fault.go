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
	Slow             Fault = "slow"
)

// Courses an accepted transfer can take instead of being successful at once. At
// most one of them is drawn per transfer.
const (
	Pending           Fault = "pending"
	PendingThenFailed Fault = "pending_then_failed"
	PendingForever    Fault = "pending_forever"
	UnknownStatus     Fault = "unknown_status"
	Reversed          Fault = "reversed"
)

// Faults of look-ups. LookupLag is drawn per transfer, the others per look-up.
const (
	LookupLag      Fault = "lookup_lag"
	Lookup500      Fault = "lookup_500"
	LookupGarbage  Fault = "lookup_garbage"
	LookupStranger Fault = "lookup_stranger"
	LookupHang     Fault = "lookup_hang"
)

// Group says which faults exclude each other: of one group at most one strikes
// at a time, so the weights of a group may add up to 100 at most. Faults of
// different groups combine.
type Group string

// The groups.
const (
	OnConnection Group = "connection" // drawn per connection attempt of a transfer
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
}

// Catalogue lists every fault, in the order in which weights are laid out.
func Catalogue() []Entry { return append([]Entry(nil), catalogue...) }

//nolint:gochecknoglobals // table
var catalogue = []Entry{
	{ConnectRefused, OnConnection, "connection refused, nothing read (over a listener: cut unread)"},

	{DropBefore, OnAnswer, "connection cut, not accepted"},
	{DropAfter, OnAnswer, "accepted, then the connection is cut"},
	{HangBefore, OnAnswer, "no answer until the client gives up, not accepted"},
	{HangAfter, OnAnswer, "accepted, no answer until the client gives up"},
	{Late, OnAnswer, "connection cut at once, accepted only after the `late` delay"},
	{HTTP500, OnAnswer, "500 with an HTML page, not accepted"},
	{HTTP502, OnAnswer, "502 with an HTML page, not accepted"},
	{HTTP503, OnAnswer, "503 with an HTML page and no Retry-After, not accepted"},
	{HTTP502After, OnAnswer, "accepted, then a proxy's 502 with an HTML page"},
	{HTTP504After, OnAnswer, "accepted, then a proxy's 504 with an HTML page"},
	{Failed504, OnAnswer, "the provider's own 504 PAYMENT_FAILED_TRY_AGAINST: known, failed, not credited"},
	{Throttle, OnAnswer, "429 with Retry-After in seconds or as a date, not accepted"},
	{UnavailableRetry, OnAnswer, "503 in JSON with Retry-After, not accepted"},
	{TokenExpired, OnAnswer, "401 TOKEN_EXPIRED for a good token, never twice in a row, not accepted"},
	{Garbage, OnAnswer, "200 that is not JSON, accepted or not by a draw"},
	{Truncated, OnAnswer, "accepted, 200 whose JSON stops half-way"},
	{Empty, OnAnswer, "accepted, 200 with an empty body"},
	{Stranger, OnAnswer, "200 SUCCESSFUL about another id, amount or number, not accepted"},
	{StrangerAfter, OnAnswer, "accepted, 200 SUCCESSFUL about another id, amount or number"},
	{Slow, OnAnswer, "accepted, the answer is right but takes the `slow` delay"},

	{Pending, OnCourse, "PENDING, SUCCESSFUL after the `settle` delay"},
	{PendingThenFailed, OnCourse, "PENDING, FAILED or CANCEL after the `settle` delay, not credited"},
	{PendingForever, OnCourse, "PENDING, SUCCESSFUL only after the `forever` delay"},
	{UnknownStatus, OnCourse, "PROCESSING, SUCCESSFUL after the `settle` delay"},
	{Reversed, OnCourse, "SUCCESSFUL, and CANCEL after the `reversal` delay"},

	{LookupLag, OnVisibility, "look-ups say 404 until the `lookup_lag` delay after acceptance"},

	{Lookup500, OnLookup, "500 InternalServerError"},
	{LookupGarbage, OnLookup, "200 that is not JSON"},
	{LookupStranger, OnLookup, "200 about another id, amount or number"},
	{LookupHang, OnLookup, "no answer until the client gives up"},
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
