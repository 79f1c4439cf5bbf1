package ledger

import (
	"time"

	"payrun/ledger/money"
)

// Batch is a file that was accepted for payment.
type Batch struct {
	ID BatchID
	// File is the base name of the file last enrolled under this id, and
	// SHA256 the digest of its bytes, in hex.
	File   string
	SHA256 string
	// By is the person who enrolled it.
	By Person `json:",omitzero"`
	// Account says whose money pays the batch. A ledger holds one Place only, so
	// that a rehearsal can never pass for a payment, and a batch one Key, so that
	// its doubts are looked up where they arose.
	Account Account
	// Currency is that of all its payouts, so that what they come to has a figure.
	Currency  money.Currency
	CreatedAt time.Time
	// State is where the batch stands in its life. Enrol and acts move it.
	State BatchState `json:",omitempty"`
	// Sealed is set by Enrol when the last row is durable. A batch that is not
	// sealed is never paid: part of its file is missing.
	Sealed bool
	// Accepted and Rejected are how the rows of that file divide: the control
	// totals that the file came with. Enrol writes them when it seals the batch;
	// both are zero for a batch that is not sealed, or was by an older payrun.
	Accepted, Rejected Total
	// Submitted is the last content that was to be approved, nil if no policy ever asked
	// for it.
	Submitted *Submitted `json:",omitempty"`
	// Release is the last leave to pay it, nil if nobody gave one.
	Release *Release `json:",omitempty"`
}

// Admits returns an *AccountError if a batch cannot enter the ledger beside this
// one, or as this one again, because it is another account's, and a *CurrencyError if
// this one is in another currency.
func (b Batch) Admits(given Batch) error {
	if b.Account.Place != given.Account.Place || (b.ID == given.ID && b.Account.Key != given.Account.Key) {
		return &AccountError{Recorded: b.Account, Given: given.Account}
	}
	if b.ID == given.ID && b.Currency != given.Currency {
		return &CurrencyError{Batch: b.ID, Recorded: b.Currency, Given: given.Currency}
	}
	return nil
}

// Entry is one row of a file as it enters the ledger: a payout to be, or a row
// that was turned away.
type Entry struct {
	Row int
	Terms
	// Rejections are the reasons why the row is not paid; empty for a payout. A rejected
	// row keeps its Terms as far as they could be read, the number as written.
	Rejections []Rejection
	// Reserved are the terms of the row that owns the id, nil if it is free: one that was
	// rejected before under it. It is kept with the row so that the id stays theirs.
	Reserved *Terms `json:",omitempty"`
}

// Accepted returns the entries that are payouts, whoever brought them in.
func (e Enrolment) Accepted() Total {
	return e.New.Plus(e.Known)
}

// Rejection is one reason why a row was turned away: a code with its arguments, which
// each reader's language words.
type Rejection struct {
	// Code is stable ("number.length", "id.conflict").
	Code string
	// Value is the cell as it was read, and Details are the other arguments: "min",
	// "max", "operator".
	Value   string            `json:",omitempty"`
	Details map[string]string `json:",omitempty"`
}

// Enrolment says what Enrol did with the entries.
type Enrolment struct {
	// New payouts were queued, Known ones were in the ledger with the same
	// terms, Rejected rows were kept for the report.
	New, Known, Rejected Total
	// List is the SHA-256 of the canonical list of the New ones.
	List string
	// Conflicts are the entries whose id the ledger knows with other terms.
	// They are counted and kept as rejected.
	Conflicts []*ConflictError
}

// Total is a number of payouts and what they come to.
type Total struct {
	Count  int          `json:"count"`
	Amount money.Amount `json:"amount"`
}

// Add counts one payout more.
func (t *Total) Add(amount money.Amount) {
	t.Count++
	t.Amount = t.Amount.Plus(amount)
}

// Plus returns the total together with others.
func (t Total) Plus(others ...Total) Total {
	for _, other := range others {
		t.Count += other.Count
		t.Amount = t.Amount.Plus(other.Amount)
	}
	return t
}

// TotalOf returns what payouts come to together.
func TotalOf(payouts []Payout) Total {
	var total Total
	for i := range payouts {
		total.Add(payouts[i].Amount)
	}
	return total
}
