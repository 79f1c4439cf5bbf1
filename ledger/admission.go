package ledger

// Codes of the rejections that only the ledger can find. They are stable.
const (
	// CodeIDConflict: the ledger has the id with other terms.
	CodeIDConflict = "id.conflict"
	// CodeIDReferenceTaken: the provider knows the id as the reference of a later
	// attempt of another payout.
	CodeIDReferenceTaken = "id.reference_taken"
)

// Admission is a ledger's decision over an entry.
type Admission struct {
	// Entry is the entry to keep: the given one, with the ledger's own rejection
	// if there is one.
	Entry Entry
	// Known is set for an entry that the ledger has in the same terms.
	Known bool
	// Conflict is set for one that it has in other terms; the entry is rejected.
	Conflict *ConflictError
}

// Rejected reports whether the entry is kept as a row that was turned away.
func (a Admission) Rejected() bool { return len(a.Entry.Rejections) > 0 }

// New reports whether the entry becomes a payout of its own.
func (a Admission) New() bool { return !a.Known && !a.Rejected() }

// Admit decides over an entry, for every store alike: known is the payout that the
// ledger has under its id, nil for none, and taken tells whether a later attempt of
// another payout goes by that name at the provider. A row that the rules rejected
// stays rejected, whatever the ledger knows.
func Admit(given Entry, known *Payout, taken bool) Admission {
	switch {
	case len(given.Rejections) > 0:
		return Admission{Entry: given}
	case known != nil:
		conflict := known.Conflict(given)
		if conflict == nil {
			return Admission{Entry: given, Known: true}
		}
		given.Rejections = []Rejection{conflict.rejection()}
		return Admission{Entry: given, Conflict: conflict}
	case taken:
		given.Rejections = []Rejection{{Code: CodeIDReferenceTaken, Value: string(given.ID)}}
	}
	return Admission{Entry: given}
}

// Take counts what was done with an entry.
func (e *Enrolment) Take(a Admission) {
	switch {
	case a.Rejected():
		e.Rejected.Add(a.Entry.Amount)
	case a.Known:
		e.Known.Add(a.Entry.Amount)
	default:
		e.New.Add(a.Entry.Amount)
	}
	if a.Conflict != nil {
		e.Conflicts = append(e.Conflicts, a.Conflict)
	}
}
