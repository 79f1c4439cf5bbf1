package console

import (
	"net/http"
	"slices"
	"time"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/batch/clearance"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/money"
)

// approvalPage is where an approval stands, for one visitor.
type approvalPage struct {
	Batch   ledger.Batch
	Verdict approval.Verdict
	// Standing is the word for it: that of the verdict, not_submitted where what would be sent was
	// never asked for, or none where no policy asks.
	Standing  string
	Uncovered int
	Content   *contentView
	// Signed are the decisions that count, Ignored those that do not.
	Signed  []signed
	Ignored []approval.Ignored
	// Mine are the ways in which the visitor can sign.
	Mine []voice
	// MayApprove is set where the visitor's approval would count, MayReject where they may object.
	MayApprove, MayReject bool
	Person                string
}

// signed is somebody's decision.
type signed struct {
	By, Key string
	Event   uint64
	At      time.Time
}

// voice is a key of the visitor's.
type voice struct {
	Key string
	// Passkey is the question to it, nil for a key of ssh-keygen.
	Passkey *ceremony
}

// contentView is the content that is to be approved.
type contentView struct {
	approval.Content

	Digest, Text string
	Total        money.Amount
	Highest      money.Amount
	MakerDay     money.Amount
	Operators    []sum
	Against      *against
}

// sum is the part of one operator.
type sum struct {
	Operator string
	Count    int
	Amount   money.Amount
}

// against is the comparison with an earlier batch.
type against struct {
	Batch      string
	Count      int
	Total      money.Amount
	Difference string
	Kinds      []changedKind
}

// changedKind is one way to change, and who did.
type changedKind struct {
	// Word is the key of its title: console.changed.WORD.
	Word   string
	Count  int
	Amount string
	People []changedPerson
	More   int
}

type changedPerson struct{ Name, Number, Was, Is string }

func (s *server) approvalPage(r *http.Request, standing clearance.Standing) (approvalPage, error) {
	v := visitorOf(r)
	page := approvalPage{
		Batch: standing.Batch, Verdict: standing.Verdict, Uncovered: standing.Uncovered, Person: v.Person,
		Standing: standing.Verdict.State.String(), Signed: signedOf(standing),
	}
	for _, ignored := range standing.Verdict.Ignored {
		if ignored.Reason != approval.ReasonSubject { // about an earlier submission
			page.Ignored = append(page.Ignored, ignored)
		}
	}
	switch {
	case !standing.Governed:
		page.Standing = "none"
		return page, nil
	case standing.Content == nil:
		page.Standing = "not_submitted"
		return page, nil
	case standing.Uncovered > 0:
		page.Standing = "not_submitted"
	}
	page.Content = contentOf(standing)
	return page, s.offer(r, standing, &page)
}

// offer shows the visitor how they can sign, if their signature would change anything.
func (s *server) offer(r *http.Request, standing clearance.Standing, page *approvalPage) error {
	v := visitorOf(r)
	person, listed := standing.People.Find(v.Person)
	maker := slices.Contains(standing.Content.Makers, v.Person)
	signs := maker && standing.Policy != nil && standing.Policy.Makers == approval.Signed
	open := standing.Uncovered == 0 && (standing.Verdict.State == approval.Waiting || standing.Verdict.State == approval.Approved)
	page.MayApprove = listed && open && (slices.Contains(standing.Verdict.May, v.Person) || signs)
	page.MayReject = listed && open && v.Is(Maker, Approver)
	if !page.MayApprove && !page.MayReject {
		return nil
	}
	statement, err := s.Service().Statement(standing, service.Ballot{Word: approval.Approve, Name: v.Person})
	if err != nil {
		return err
	}
	for _, key := range person.Keys {
		one := voice{Key: sshsig.Fingerprint(key.Public)}
		if key.Origin != "" {
			statement.Nonce = approval.NewNonce()
			if one.Passkey, err = s.ceremony(r.Context(), key, statement); err != nil {
				return err
			}
		}
		page.Mine = append(page.Mine, one)
	}
	return nil
}

// signedOf lists the decisions that count, with when they were recorded.
func signedOf(standing clearance.Standing) []signed {
	at := map[uint64]time.Time{}
	for _, d := range standing.Decisions {
		at[d.Event] = d.At
	}
	var all []signed
	for _, c := range standing.Verdict.Counted {
		all = append(all, signed{By: c.By, Key: c.Key, Event: c.Event, At: at[c.Event]})
	}
	return all
}

func contentOf(standing clearance.Standing) *contentView {
	c := *standing.Content
	currency := money.Currency(c.Currency.Code)
	view := &contentView{
		Content: c, Text: string(standing.Text), Total: currency.Of(c.Total), Highest: currency.Of(c.Highest.Amount), MakerDay: currency.Of(c.MakerDay),
	}
	if standing.Batch.Submitted != nil {
		view.Digest = standing.Batch.Submitted.Digest
	}
	for _, o := range c.Operators {
		view.Operators = append(view.Operators, sum{o.Scheme, o.Payouts, currency.Of(o.Amount)})
	}
	if c.Against != nil {
		view.Against = againstOf(*c.Against, c.Total, currency)
	}
	return view
}

// plus writes a difference with its sign.
func plus(a money.Amount) string {
	if a.Minor > 0 {
		return "+" + a.Grouped()
	}
	return a.Grouped()
}

func againstOf(a approval.Comparison, total int64, currency money.Currency) *against {
	of := currency.Of
	view := &against{Batch: a.Batch, Count: a.Payouts, Total: of(a.Total), Difference: plus(of(total - a.Total))}
	view.Kinds = slices.DeleteFunc([]changedKind{
		changedKindOf("new", a.New, plus(of(a.New.Amount)), func(p approval.PersonLine) changedPerson {
			return changedPerson{Name: p.Name, Number: p.Number.Reveal(), Is: of(p.Amount).Grouped()}
		}),
		changedKindOf("gone", a.Gone, plus(of(-a.Gone.Amount)), func(p approval.PersonLine) changedPerson {
			return changedPerson{Name: p.Name, Number: p.Number.Reveal(), Was: of(p.Amount).Grouped()}
		}),
		changedKindOf("numbers", a.Numbers, of(a.Numbers.Amount).Grouped(), func(p approval.NumberLine) changedPerson {
			return changedPerson{Name: p.Name, Number: of(p.Amount).Grouped(), Was: p.Before.Reveal(), Is: p.Now.Reveal()}
		}),
		changedKindOf("names", a.Names, of(a.Names.Amount).Grouped(), func(p approval.NameLine) changedPerson {
			return changedPerson{Name: p.Number.Reveal(), Number: "", Was: p.Before, Is: p.Now}
		}),
		changedKindOf("amounts", a.Amounts, plus(of(a.Amounts.Amount)), func(p approval.AmountLine) changedPerson {
			return changedPerson{Name: p.Name, Number: p.Number.Reveal(), Was: of(p.Before).Grouped(), Is: of(p.Now).Grouped()}
		}),
	}, func(k changedKind) bool { return k.Count == 0 })
	return view
}

func changedKindOf[Line any](word string, l approval.Listing[Line], amount string, show func(Line) changedPerson) changedKind {
	k := changedKind{Word: word, Count: l.Count, Amount: amount, More: l.Count - len(l.Lines)}
	for _, one := range l.Lines {
		k.People = append(k.People, show(one))
	}
	return k
}
