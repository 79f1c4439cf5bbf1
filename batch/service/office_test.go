package service_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"payrun/batch/approval"
	"payrun/batch/clearance"
	"payrun/batch/retry"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
	"payrun/provider"
	"payrun/provider/providertest"
)

// twoPeople asks for a checker, and for a director too from a sum on, all in one batch or
// to one number.
const twoPeople = `currency: XOF
tiers:
  - name: every batch
    approvals:
      - count: 1
        from: [checker, director]
  - name: large
    batch_total: 5000
    one_number: 2000
    approvals:
      - count: 1
        from: [checker]
      - count: 1
        from: [director]
`

// office is a service over a ledger in memory, people with keys, and a provider that
// notes whom it pays.
type office struct {
	tb testing.TB
	*service.Service
	store *memledger.Store
	purse *purse
}

// newOffice has an admin, makers, checkers and a director, all with keys that follow from
// their names, and a policy, unless it is empty.
func newOffice(tb testing.TB, policy string) *office {
	tb.Helper()
	o := &office{tb: tb, store: memledger.New(), purse: &purse{fails: map[phone.E164]bool{}, books: map[string]provider.Outcome{}}}
	o.Service = o.over(o.store)
	if policy == "" {
		return o
	}
	o.add("root", "admin")
	o.add("awa", "maker")
	o.add("ibou@firm", "checker", "maker")
	o.add("koffi", "checker")
	o.add("fanta", "director")
	o.decidePolicy(policy, "root")
	return o
}

// defaultRules are read once, as an office is made often.
var defaultRules = sync.OnceValues(rules.Default)

// over is the office's service over its ledger, or what stands before that.
func (o *office) over(store ledger.Store) *service.Service {
	return o.with(store, provider.Account{Simulated: true})
}

// with is over for an account.
func (o *office) with(store ledger.Store, account provider.Account) *service.Service {
	o.tb.Helper()
	set, err := defaultRules()
	if err != nil {
		o.tb.Fatal(err)
	}
	return service.New(service.Config{
		Ledger: store, Provider: o.purse, Account: account, Rules: set,
		Pace: service.Pace{Workers: 2, Wait: time.Second, PollMin: time.Millisecond, PollMax: time.Millisecond},
	})
}

func signer(tb testing.TB, name string) ssh.Signer {
	tb.Helper()
	seed := sha256.Sum256([]byte(name))
	key, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(seed[:]))
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

func at(name string) service.Actor { return service.Actor{Person: name, Host: "caisse"} }

func (o *office) add(name string, roles ...string) {
	o.tb.Helper()
	slices.Sort(roles)
	o.change(approval.Act{Kind: approval.Add, Person: approval.Person{
		Name: name, FullName: name + " of the firm", Roles: roles, Keys: []approval.Key{{Public: signer(o.tb, name).PublicKey()}},
	}})
}

func (o *office) remove(name string) {
	o.tb.Helper()
	o.change(approval.Act{Kind: approval.Remove, Person: approval.Person{Name: name}})
}

// change has the admin sign a change of people.
func (o *office) change(a approval.Act) {
	o.tb.Helper()
	g, err := o.Governance(o.tb.Context())
	if err != nil {
		o.tb.Fatal(err)
	}
	a.By, a.Previous, a.Nonce = "root", g.People.Head(), approval.NewNonce()
	signed, err := approval.SignAct(a, signer(o.tb, "root"))
	if err != nil {
		o.tb.Fatal(err)
	}
	if _, err := o.ChangePeople(o.tb.Context(), at("root"), signed); err != nil {
		o.tb.Fatal(err)
	}
}

// decidePolicy has root propose a policy and others approve it.
func (o *office) decidePolicy(text string, approvers ...string) service.PolicyCase {
	o.tb.Helper()
	proposed, err := o.ProposePolicy(o.tb.Context(), at("root"), []byte(text))
	if err != nil {
		o.tb.Fatal(err)
	}
	for _, name := range approvers {
		d, err := approval.Sign(proposed.Statement(service.Ballot{Word: approval.Approve, Name: name}, time.Now()), signer(o.tb, name))
		if err != nil {
			o.tb.Fatal(err)
		}
		if proposed, err = o.DecidePolicy(o.tb.Context(), at(name), proposed, d); err != nil {
			o.tb.Fatal(err)
		}
	}
	return proposed
}

// submit enters rows as a batch and releases what may be paid of it.
func (o *office) submit(id ledger.BatchID, by string, entries ...ledger.Entry) (ledger.Batch, error) {
	o.tb.Helper()
	released := ledger.Total{}
	for _, e := range entries {
		if p, err := o.store.Payout(o.tb.Context(), e.ID); err != nil || slices.Contains([]ledger.State{ledger.Queued, ledger.Submitting, ledger.Unknown}, p.State) {
			released.Add(e.Amount)
		}
	}
	digest := sha256.Sum256([]byte(id))
	return o.Submit(o.tb.Context(), at(by), service.Submission{
		Batch: id, File: string(id) + ".csv", SHA256: approval.Digest(digest).String(), Currency: money.XOF,
		Entries: ledgertest.Each(entries), Released: released,
	})
}

// sign has somebody decide about what was submitted last.
func (o *office) sign(id ledger.BatchID, word approval.Word, name string) (clearance.Standing, error) {
	o.tb.Helper()
	key := signer(o.tb, name)
	ballot := service.Ballot{Word: word, Name: name}
	if word == approval.Reject {
		ballot.Reason = "Awa is paid twice"
	}
	standing, statement, err := o.PrepareDecision(o.tb.Context(), id, ballot)
	if err != nil {
		return standing, err
	}
	d, err := approval.Sign(statement, key)
	if err != nil {
		return standing, err
	}
	return o.Decide(o.tb.Context(), at(name), id, d)
}

// resume releases what may be sent and pays.
func (o *office) resume(id ledger.BatchID, by string) (service.Paid, error) {
	o.tb.Helper()
	if err := o.Clear(o.tb.Context(), at(by), id); err != nil {
		return service.Paid{}, err
	}
	found, err := o.Prepare(o.tb.Context(), id)
	if err != nil {
		return service.Paid{}, err
	}
	if err := o.Release(o.tb.Context(), at(by), id, found.Total()); err != nil {
		return service.Paid{}, err
	}
	return o.pay(id, by)
}

func (o *office) pay(id ledger.BatchID, by string) (service.Paid, error) {
	o.tb.Helper()
	b, err := o.store.Batch(o.tb.Context(), id)
	if err != nil {
		return service.Paid{}, err
	}
	return o.Pay(o.tb.Context(), at(by), service.Payment{Batch: b})
}

// retry begins a new attempt of all that failed in a batch.
func (o *office) retry(id ledger.BatchID, by string) {
	o.tb.Helper()
	b, err := o.store.Batch(o.tb.Context(), id)
	if err != nil {
		o.tb.Fatal(err)
	}
	prepared, err := o.PrepareRetry(o.tb.Context(), b, retry.Choice{})
	if err != nil {
		o.tb.Fatal(err)
	}
	if _, err := o.Retry(o.tb.Context(), at(by), prepared); err != nil {
		o.tb.Fatal(err)
	}
}

// payroll is so many rows of the same amount.
func payroll(prefix string, count int, amount int64) []ledger.Entry {
	entries := ledgertest.Entries(prefix, count)
	for i := range entries {
		entries[i].Amount = money.XOF.Of(amount)
	}
	return entries
}

// purse is a provider that pays at once, but for numbers that fail.
type purse struct {
	mu    sync.Mutex
	fails map[phone.E164]bool
	books map[string]provider.Outcome
	sent  []provider.Request
	// poor is set if there is next to nothing to pay from.
	poor bool
	// asked is called before a request is taken.
	asked func(provider.Request)
}

func (p *purse) Send(_ context.Context, r provider.Request) provider.Outcome {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.asked != nil {
		p.asked(r)
	}
	o := provider.Outcome{
		Class: provider.Successful, Code: "SUCCESSFUL", Documented: true, ProviderRef: "P-" + r.Reference, Received: time.Now().UTC(), Clock: time.Now().UTC(),
		Described: provider.Described{Ours: true, Number: r.Number, Amount: r.Amount, AmountKnown: true, At: time.Now().UTC()},
	}
	if p.fails[r.Number] {
		o.Class, o.Code = provider.Failed, "FAILED"
	}
	p.sent, p.books[r.Reference] = append(p.sent, r), o
	return o
}

func (p *purse) LookUp(_ context.Context, q provider.Query) provider.Outcome {
	p.mu.Lock()
	defer p.mu.Unlock()
	if o, known := p.books[q.Reference]; known {
		return o
	}
	return provider.Outcome{Class: provider.NotFound, Documented: true}
}

func (p *purse) Balance(context.Context) (money.Amount, error) {
	if p.poor {
		return money.XOF.Of(1), nil
	}
	return money.XOF.Of(1_000_000), nil
}

func (p *purse) Capabilities() provider.Capabilities {
	can := providertest.Capabilities()
	can.List = false
	return can
}
