package console

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"payrun/batch/approval/changes"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/money"
)

// changesShown is how many people of each kind the page names.
const changesShown = 200

// comparedMost is how many earlier batches may be chosen from.
const comparedMost = 60

// changesPage shows the differences of a file, or a batch, from an earlier batch.
type changesPage struct {
	// Path is that of the page, Back that of what is compared, and Name what it is called.
	Path, Back, Name string
	service.Diff

	// Difference is the sum less the earlier one's, More if it is not less.
	Difference money.Amount
	More       bool
	// Others are the earlier batches to compare with, none for the first; Chosen is the one that was named.
	Others []ledger.Batch
	Chosen ledger.BatchID
	Kinds  []changeKind
	// Wrong is set if it cannot be compared with the batch that was named.
	Wrong bool
}

// changeKind is the people who changed in one way.
type changeKind struct {
	// Words is the key of which.
	Words  string
	Count  int
	Lines  []changeLine
	Hidden int
}

// changeLine is a person with what was and what is.
type changeLine struct {
	IDs                       []string
	Name, NameBefore          string
	Number, NumberBefore      string
	Amount, AmountBefore      money.Amount
	Renamed, Renumbered, Paid bool
}

// showUploadChanges shows what a file changes that waits.
func (s *server) showUploadChanges(w http.ResponseWriter, r *http.Request) error {
	if one := s.submissionOf(r); one != nil && !one.failed() {
		s.redirect(w, r, uploadPath(one.of, ""))
		return nil
	}
	up, err := s.uploadOf(r)
	if err != nil {
		return err
	}
	if r.URL.Query().Has("against") {
		up.Against = ledger.BatchID(r.URL.Query().Get("against"))
		if err := s.submits.apart(up.ID, func() error { return s.inbox.Put(up) }); err != nil {
			return err
		}
	}
	found, err := s.soon(r.Context(), up)
	if errors.Is(err, errNotYet) {
		return s.showChecking(w, r, up)
	}
	if err != nil {
		return err
	}
	page := changesPage{Path: uploadPath(up, "/changes"), Back: uploadPath(up, ""), Name: up.Name, Chosen: up.Against, Wrong: found.Uncompared != nil}
	if found.Changes == nil {
		s.redirect(w, r, page.Back) // nothing was checked yet
		return nil
	}
	page.Diff = *found.Changes
	if page.Others, err = s.earlier(r.Context(), ledger.Batch{ID: page.Batch, Currency: page.Currency, CreatedAt: s.Clock()}); err != nil {
		return err
	}
	return s.changesPage(w, r, page)
}

// showChanges shows what a batch changes.
func (s *server) showChanges(w http.ResponseWriter, r *http.Request) error {
	id, against := batchOf(r), ledger.BatchID(r.URL.Query().Get("against"))
	page := changesPage{Path: batchPath(id, "/changes"), Back: batchPath(id, ""), Name: string(id), Chosen: against}
	b, err := s.Store.Batch(r.Context(), id)
	if err != nil {
		return err
	}
	if page.Others, err = s.earlier(r.Context(), b); err != nil {
		return err
	}
	page.Diff, err = s.Service().Changed(r.Context(), id, against)
	_, other := isA[*service.CurrencyError](err)
	if page.Wrong = other || errors.Is(err, ledger.ErrNotFound); err != nil && !page.Wrong {
		return err
	}
	return s.changesPage(w, r, page)
}

// earlier are the batches that one can be compared with, the latest first: those of before, in its
// currency, and not more than a person would choose from.
func (s *server) earlier(ctx context.Context, than ledger.Batch) ([]ledger.Batch, error) {
	batches, err := s.Store.Batches(ctx)
	if err != nil {
		return nil, err
	}
	var all []ledger.Batch
	for _, b := range slices.Backward(batches) {
		if b.ID != than.ID && b.Sealed && b.Currency == than.Currency && b.CreatedAt.Before(than.CreatedAt) && len(all) < comparedMost {
			all = append(all, b)
		}
	}
	return all, nil
}

func (s *server) changesPage(w http.ResponseWriter, r *http.Request, page changesPage) error {
	d := page.Diff
	more := d.Now.Total - d.Before.Total
	page.More, page.Difference = more >= 0, d.Currency.Of(max(more, -more))
	page.Kinds = []changeKind{
		alone("console.changes.new", d.Currency, d.New), alone("console.changes.gone", d.Currency, d.Gone),
		both("console.changes.numbers", d.Currency, d.Numbers), both("console.changes.names", d.Currency, d.Names),
		both("console.changes.amounts", d.Currency, d.Amounts),
	}
	return s.render(w, r, "changes", page)
}

// alone are people who are on one of the lists.
func alone(words string, in money.Currency, people []changes.Person) changeKind {
	kind := changeKind{Words: words, Count: len(people), Hidden: max(0, len(people)-changesShown)}
	for _, p := range people[:min(len(people), changesShown)] {
		kind.Lines = append(kind.Lines, changeLine{IDs: p.IDs, Name: p.Name, Number: p.Number.String(), Amount: in.Of(p.Amount)})
	}
	return kind
}

// both are people who are on both lists.
func both(words string, in money.Currency, people []changes.Pair) changeKind {
	kind := changeKind{Words: words, Count: len(people), Hidden: max(0, len(people)-changesShown)}
	for _, p := range people[:min(len(people), changesShown)] {
		kind.Lines = append(kind.Lines, changeLine{
			IDs: p.Now.IDs, Name: p.Now.Name, NameBefore: p.Before.Name, Number: p.Now.Number.String(), NumberBefore: p.Before.Number.String(),
			Amount: in.Of(p.Now.Amount), AmountBefore: in.Of(p.Before.Amount),
			Renamed: p.Now.Name != p.Before.Name, Renumbered: p.Now.Number != p.Before.Number, Paid: p.Now.Amount != p.Before.Amount,
		})
	}
	return kind
}
