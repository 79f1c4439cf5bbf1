package intake

import (
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger"
)

// against compares a row with the payout that the ledger has under its id, of which it
// differs. It returns the correction that it is, or the code of the problem that it is.
func against(payout ledger.Payout, entry ledger.Entry, batch ledger.BatchID) (*ledger.Correction, string) {
	switch {
	case !samePerson(payout.Terms, entry.Terms):
		return nil, rules.CodeIDOtherPerson
	case !payout.Correctable(batch):
		return nil, rules.CodeIDConflict
	default:
		return &ledger.Correction{Row: entry.Row, Payout: payout, Terms: entry.Terms}, ""
	}
}

// samePerson reports whether two rows are somebody's own: a name or a number alone may
// have been mended.
func samePerson(a, b ledger.Terms) bool {
	return a.Number == b.Number || a.Name != "" && rules.SameName(a.Name, b.Name)
}

// conflictAdvice names what a person can do about a row whose id stands for other
// terms: it depends on where the payout stands, and is never another id.
func conflictAdvice(payout ledger.Payout, batch ledger.BatchID) string {
	switch {
	case payout.Contradicted():
		return "contradicted"
	case payout.State == ledger.Failed, payout.State == ledger.Cancelled && payout.NeverSent():
		if payout.Batch != batch {
			return "elsewhere"
		}
		return "failed"
	case payout.State == ledger.Queued && payout.NeverSent():
		return "queued"
	case payout.State == ledger.Successful:
		return "successful"
	default:
		return "open"
	}
}

func conflictProblem(row table.Row, code string, conflict *ledger.ConflictError, known ledger.Payout, batch ledger.BatchID) rules.Problem {
	return rules.Problem{
		Row:      row.Number,
		Column:   table.FieldTransactionID,
		Value:    string(conflict.ID),
		Code:     code,
		Severity: rules.Error,
		Details: map[string]string{
			"batch": string(conflict.Batch), "field": conflict.Field,
			"recorded": conflict.Recorded, "given": conflict.Given, "then": conflictAdvice(known, batch), "name": known.Name,
		},
	}
}
