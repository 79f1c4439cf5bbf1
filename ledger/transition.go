package ledger

// Transition is one legal move of a payout.
type Transition struct {
	From, To State
	// NewAttempt marks the one move that needs a new provider reference.
	NewAttempt bool
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
	{Queued, Submitting, false, "the intent to send is recorded"},
	{Queued, Cancelled, false, "withdrawn before anything was sent"},

	{Submitting, Pending, false, "the provider accepted it"},
	{Submitting, Successful, false, "the provider paid it at once"},
	{Submitting, Failed, false, "the provider refused it"},
	{Submitting, Unknown, false, "no answer that can be trusted"},
	{Submitting, Queued, false, "provably not processed"},

	{Unknown, Pending, false, "look-up: the provider has it"},
	{Unknown, Successful, false, "look-up: paid"},
	{Unknown, Failed, false, "look-up: not paid"},
	{Unknown, Queued, false, "look-up: unknown to the provider, twice and spaced"},

	{Pending, Successful, false, "look-up: paid"},
	{Pending, Failed, false, "look-up: not paid"},

	{Failed, Queued, true, "a person asked for a new attempt"},

	{Unknown, Unknown, false, "an answer that could not be believed"},
	{Pending, Pending, false, "an answer that changes nothing"},
	{Successful, Successful, false, "the provider later says otherwise"},
	{Failed, Failed, false, "the provider later says otherwise"},
	{Cancelled, Cancelled, false, "the provider knows what was never sent"},
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
