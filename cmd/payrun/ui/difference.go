package ui

import (
	"cmp"
	"slices"
	"strconv"

	"payrun/batch/reconcile"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider"
)

// difference is one thing about which file, ledger and provider disagree. Row,
// TransactionID, Amount and State are the ledger's and empty where it has none.
type difference struct {
	Row           int                  `json:"row"`
	TransactionID ledger.TransactionID `json:"transaction_id"`
	Reference     string               `json:"reference"`
	Amount        money.Amount         `json:"amount"`
	AmountThere   money.Amount         `json:"amount_there"`
	Code          string               `json:"code"`
	State         string               `json:"state"`
	Provider      string               `json:"provider"`
	ProviderCode  string               `json:"provider_code"`
	Fees          *money.Fine          `json:"fees"`
	FeesExpected  *money.Fine          `json:"fees_expected"`
	StatementRow  int                  `json:"statement_row"`
	// Answered is set if a person resolved it, Before if it was found at another time
	// and is not now.
	Answered bool `json:"answered"`
	Before   bool `json:"before"`
	// name of the beneficiary, for people.
	name string
}

func newDifference(d reconcile.Difference) difference {
	shown := difference{
		Row: d.Payout.Row, TransactionID: d.Payout.ID, Reference: d.Reference,
		Amount: d.Payout.Amount, AmountThere: d.AmountThere, Code: d.Code,
		StatementRow: d.StatementRow, Answered: d.Answered, Before: d.Before, name: d.Payout.Name,
	}
	if d.Payout.ID != "" {
		shown.State = d.Payout.State.String()
	}
	if d.Code != ledger.DifferenceFile {
		shown.Provider, shown.ProviderCode = d.Provider.Class.String(), d.Provider.Code
	}
	if d.Code == ledger.DifferenceFees {
		shown.Fees, shown.FeesExpected = &d.Provider.Fees, &d.FeesExpected
	}
	return shown
}

// newDifferences lists differences by row, what has none at the end.
func newDifferences(found []reconcile.Difference) []difference {
	list := make([]difference, 0, len(found))
	for _, d := range found {
		list = append(list, newDifference(d))
	}
	slices.SortStableFunc(list, func(a, b difference) int {
		const last = 1 << 62
		return cmp.Or(
			cmp.Compare(cmp.Or(a.Row, last), cmp.Or(b.Row, last)),
			cmp.Compare(a.StatementRow, b.StatementRow), cmp.Compare(a.Reference, b.Reference))
	})
	return list
}

// differenceLine words a difference in one line.
func (u *UI) differenceLine(d difference, r reconciled) string {
	line := u.differenceText(d, r)
	switch {
	case d.Answered:
		return line + " " + u.Text("reconcile.is_answered")
	case d.Before:
		return line + " " + u.Text("reconcile.is_before")
	default:
		return line
	}
}

func (u *UI) differenceText(d difference, r reconciled) string {
	totals := r.Totals
	row, id := strconv.Itoa(d.Row), string(d.TransactionID)
	if d.name != "" {
		id += ", " + d.name
	}
	if d.Code != ledger.DifferenceMismatch {
		id += ", " + d.Amount.String()
	}
	there := sum(d.AmountThere, r.Currency)
	switch {
	case d.Code == ledger.DifferenceFile:
		return u.Text("reconcile.file_differs", "code", d.Code,
			"file", strconv.Itoa(totals.File.Accepted.Count), "file_amount", sum(totals.File.Accepted.Amount, r.Currency),
			"ledger", strconv.Itoa(totals.Ledger.Payouts.Count), "ledger_amount", sum(totals.Ledger.Payouts.Amount, r.Currency))
	case d.TransactionID == "" && d.StatementRow > 0:
		return u.Text("reconcile.stray_row", "row", strconv.Itoa(d.StatementRow), "reference", d.Reference,
			"amount", there, "provider", u.saidByProvider(d, r.Source), "code", d.Code)
	case d.TransactionID == "":
		return u.Text("reconcile.stray", "reference", d.Reference, "amount", there,
			"provider", u.saidByProvider(d, r.Source), "code", d.Code)
	case d.Code == ledger.DifferenceFees:
		return u.Text("reconcile.fees_differ", "row", row, "id", id, "fees", u.Fees(*d.Fees),
			"expected", u.Fees(*d.FeesExpected), "code", d.Code)
	case d.Code == ledger.DifferencePaidTwice:
		return u.Text("reconcile.paid_twice", "row", row, "id", id, "reference", d.Reference, "code", d.Code)
	case d.Code == ledger.DifferenceMismatch && !d.AmountThere.IsZero() && d.AmountThere != d.Amount:
		return u.Text("reconcile.amount_differs", "row", row, "id", id,
			"here", sum(d.Amount, r.Currency), "there", there, "code", d.Code)
	default:
		return u.Text("reconcile.difference", "row", row, "id", id,
			"state", u.Text("state."+d.State), "provider", u.saidByProvider(d, r.Source), "code", d.Code)
	}
}

// saidByProvider is the provider's own word, or that there is none.
func (u *UI) saidByProvider(d difference, source string) string {
	switch {
	case d.ProviderCode != "" && d.ProviderCode != provider.CodeNotFound:
		return d.ProviderCode
	case source == sourceStatement:
		return u.Text("reconcile.not_stated")
	default:
		return u.Text("reconcile.unknown_there")
	}
}
