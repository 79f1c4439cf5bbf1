package ledger

// Transition is one legal move of a payout.
type Transition struct {
	From, To State
	// NewAttempt marks the one move that needs a new provider reference.
	NewAttempt bool
	// ByPerson marks a move that only a person's resolution makes.
	ByPerson bool
	// Because says when the move is made, for the documentation and for people
	// who read an audit log.
	Because string
}

// Observation reports whether the move leaves the payout where it was: the
// provider said something worth keeping that changes no state.
func (t Transition) Observation() bool { return t.From == t.To }

// transitions is the life of a payout. What is not in it cannot happen: a store
// answers with a *TransitionError.
//
//nolint:gochecknoglobals // a table that nothing writes to
var transitions = []Transition{
	{Queued, Submitting, false, false, "the intent to send is recorded"},
	{Queued, Cancelled, false, false, "withdrawn before anything was sent"},
	{Queued, Pending, false, false, "look-up before the send: the provider has it"},
	{Queued, Successful, false, false, "look-up before the send: paid"},
	{Queued, Failed, false, false, "look-up before the send: not paid"},
	{Queued, Unknown, false, false, "look-up before the send: something that cannot be believed"},

	{Submitting, Pending, false, false, "the provider accepted it"},
	{Submitting, Successful, false, false, "the provider paid it at once"},
	{Submitting, Failed, false, false, "the provider refused it"},
	{Submitting, Unknown, false, false, "no answer that can be trusted"},
	{Submitting, Queued, false, false, "provably not processed"},

	{Unknown, Pending, false, false, "look-up: the provider has it"},
	{Unknown, Successful, false, false, "look-up: paid"},
	{Unknown, Failed, false, false, "look-up: not paid"},
	{Unknown, Queued, false, false, "look-up: unknown to the provider, twice and spaced"},

	{Pending, Successful, false, false, "look-up: paid"},
	{Pending, Failed, false, false, "look-up: not paid"},

	{Failed, Queued, true, false, "a person asked for a new attempt"},

	{Cancelled, Queued, true, false, "a person gave a row back that was never sent"},
	{Failed, Successful, false, true, "a person saw that it was paid"},
	{Successful, Failed, false, true, "a person saw that it was not paid"},
	{Cancelled, Successful, false, true, "a person saw that it was paid"},

	{Queued, Queued, false, false, "something was heard of an earlier attempt"},
	{Submitting, Submitting, false, false, "something was heard by a worker who had lost the payout"},
	{Unknown, Unknown, false, false, "an answer that could not be believed"},
	{Pending, Pending, false, false, "an answer that changes nothing"},
	{Successful, Successful, false, false, "the provider later says otherwise"},
	{Failed, Failed, false, false, "the provider later says otherwise"},
	{Cancelled, Cancelled, false, false, "the provider knows what was never sent"},
}

// Transitions returns the table of legal moves. The caller owns the slice.
func Transitions() []Transition { return append([]Transition(nil), transitions...) }

// legal finds the move in the table.
func legal(from, to State) (Transition, bool) {
	for _, t := range transitions {
		if t.From == from && t.To == to {
			return t, true
		}
	}
	return Transition{}, false
}
