package ui

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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
		Row: d.Row, TransactionID: d.ID, Reference: d.Reference,
		Amount: d.Amount, AmountThere: d.AmountThere, Code: d.Code,
		StatementRow: d.StatementRow, Answered: d.Answered, Before: d.Before, name: d.Name,
	}
	if d.ID != "" {
		shown.State = d.State.String()
	}
	if d.Code != ledger.DifferenceFile {
		shown.Provider, shown.ProviderCode = d.Said.String(), d.ProviderCode
	}
	if d.Code == ledger.DifferenceFees {
		shown.Fees, shown.FeesExpected = &d.Fees, &d.FeesExpected
	}
	return shown
}

// sayDifferences prints the differences, the first of many unless all are asked for.
func (u *UI) sayDifferences(found *reconcile.Differences, r reconciled, all bool) error {
	said := 0
	for d, err := range found.All() {
		if err != nil {
			return err
		}
		if said == differencesShown && !all {
			return u.Say("%s", u.Text("reconcile.more", "count", strconv.Itoa(found.Count()-said)))
		}
		if err := u.Say("%s", u.differenceLine(newDifference(d), r)); err != nil {
			return err
		}
		said++
	}
	return nil
}

// printReconciled prints the result for scripts. Differences are written as they are read:
// there may be one for each row.
func (u *UI) printReconciled(r reconciled, found *reconcile.Differences) error {
	const key, indent = `"differences": [`, "    "
	object, err := withKind("reconciliation", r)
	if err != nil {
		return err
	}
	text, err := indented(object, "")
	if err != nil {
		return err
	}
	u.printed = true
	out := bufio.NewWriter(Verbatim(u.Stdout))
	head, tail, _ := bytes.Cut(text, []byte(key))
	_, _ = fmt.Fprintf(out, "%s%s", head, key) // Flush tells of every error
	between, end := "\n"+indent, ""
	for d, err := range found.All() {
		if err != nil {
			return errors.Join(err, out.Flush())
		}
		text, err := indented(newDifference(d), indent)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(out, "%s%s", between, text)
		between, end = ",\n"+indent, "\n  "
	}
	_, _ = fmt.Fprintf(out, "%s%s\n", end, tail)
	if err := out.Flush(); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// indented encodes a value as PrintObject does, from its second line on behind a margin.
func indented(value any, margin string) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetIndent(margin, "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("print the result: %w", err)
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
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
