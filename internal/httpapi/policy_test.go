package httpapi_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"payrun/batch/access"
	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/batch/service"
	"payrun/internal/httpapi"
	"payrun/ledger"
)

func signer(t *testing.T, name string) ssh.Signer {
	t.Helper()
	seed := sha256.Sum256([]byte(name))
	key, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(seed[:]))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// govern has an admin, a maker and a checker, and a policy that wants one checker.
func govern(t *testing.T, to *service.Service) {
	t.Helper()
	root := service.Actor{Person: "root", Host: "caisse"}
	for _, person := range []struct{ name, role string }{{"root", "admin"}, {"awa", "maker"}, {"koffi", "checker"}} {
		g, err := to.Governance(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		act := approval.Act{Kind: approval.Add, By: "root", Previous: g.People.Head(), Nonce: approval.NewNonce(), Person: approval.Person{
			Name: person.name, FullName: person.name, Roles: []string{person.role}, Keys: []approval.Key{{Public: signer(t, person.name).PublicKey()}},
		}}
		signed, err := approval.SignAct(act, signer(t, "root"))
		if err == nil {
			_, err = to.ChangePeople(t.Context(), root, signed)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	const policy = "currency: XOF\ntiers:\n  - name: every batch\n    approvals:\n      - count: 1\n        from: [checker]\n"
	proposed, err := to.ProposePolicy(t.Context(), root, []byte(policy))
	if err != nil {
		t.Fatal(err)
	}
	d, err := approval.Sign(proposed.Statement(service.Ballot{Word: approval.Approve, Name: "root"}, time.Now()), signer(t, "root"))
	if err == nil {
		_, err = to.DecidePolicy(t.Context(), root, proposed, d)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestUnderAPolicyNothingIsPaidBeforeSomebodySigned, who is not the maker, whatever the token.
func TestUnderAPolicyNothingIsPaidBeforeSomebodySigned(t *testing.T) {
	var to func() *service.Service
	o := open(t, true, func(c *httpapi.Config) { to = c.Service })
	govern(t, to())
	stranger := o.token("nobody", access.Scopes()...)
	o.wants("brought in by somebody unknown", o.as(stranger, http.MethodPost, "/v1/batches?batch=november", november), http.StatusForbidden, "maker")
	o.wants("bring in", o.call(http.MethodPost, "/v1/batches?batch=november", november), http.StatusCreated, "")
	const pay = `{"count":3,"total":275500}`
	var refused httpapi.Problem
	o.wants("pay", o.call(http.MethodPost, "/v1/batches/november/pay", pay), http.StatusConflict, "unapproved").into(t, &refused)
	if len(refused.Missing) != 1 || refused.Missing[0].Count != 1 || refused.Missing[0].From[0] != "checker" {
		t.Errorf("missing %+v", refused.Missing)
	}
	sign := func(name string) string {
		t.Helper()
		key := signer(t, name)
		var asked httpapi.Approval
		query := url.Values{"name": {name}, "key": {sshsig.Fingerprint(key.PublicKey())}}
		o.wants("to sign", o.call(http.MethodGet, "/v1/batches/november/approval?"+query.Encode(), ""), http.StatusOK, "").into(t, &asked)
		if !strings.Contains(asked.Content, "total: 275\u202f500") || asked.State != "waiting" {
			t.Errorf("koffi is shown %+v", asked)
		}
		statement, err := approval.ParseStatement([]byte(asked.ToSign))
		if err != nil {
			t.Fatal(err)
		}
		d, err := approval.Sign(statement, key)
		if err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(httpapi.Signed{Text: string(d.Text), Signature: string(d.Signature)})
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	if got := o.call(http.MethodPost, "/v1/batches/november/decisions", strings.Replace(sign("koffi"), "approve", "Approve", 1)); got.status < 400 || got.status >= 500 {
		t.Errorf("a changed text: %d %s", got.status, got.body)
	}
	o.wants("still", o.call(http.MethodPost, "/v1/batches/november/pay", pay), http.StatusConflict, "unapproved")
	o.wants("koffi signs", o.call(http.MethodPost, "/v1/batches/november/decisions", sign("koffi")), http.StatusOK, "")
	if b, err := o.store.Batch(t.Context(), "november"); err != nil || b.Release != nil {
		t.Errorf("released %+v, %v, and nobody asked to pay", b.Release, err)
	}
	o.wants("pay", o.call(http.MethodPost, "/v1/batches/november/pay", pay), http.StatusOK, "")
	o.until("0", "batch.closed")
}

// TestATokenOfSomebodyWhoLeftPaysNothing, nor brings anything in: there are people, and theirs is no
// name of them. What they may read they go on reading until the token is revoked.
func TestATokenOfSomebodyWhoLeftPaysNothing(t *testing.T) {
	var to func() *service.Service
	o := open(t, false, func(c *httpapi.Config) { to = c.Service })
	o.wants("before there are people", o.call(http.MethodPost, "/v1/batches?batch=november", november), http.StatusCreated, "")
	root := service.Actor{Person: "root", Host: "caisse"}
	for _, act := range []approval.Act{
		{Kind: approval.Add, Person: approval.Person{Name: "root", FullName: "root", Roles: []string{"admin"}, Keys: []approval.Key{{Public: signer(t, "root").PublicKey()}}}},
		{Kind: approval.Add, Person: approval.Person{Name: "awa", FullName: "awa", Roles: []string{"maker"}, Keys: []approval.Key{{Public: signer(t, "awa").PublicKey()}}}},
		{Kind: approval.Remove, Person: approval.Person{Name: "awa"}},
	} {
		g, err := to().Governance(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		act.By, act.Previous, act.Nonce = "root", g.People.Head(), approval.NewNonce()
		signed, err := approval.SignAct(act, signer(t, "root"))
		if err == nil {
			_, err = to().ChangePeople(t.Context(), root, signed)
		}
		if err != nil {
			t.Fatal(err)
		}
		if act.Kind == approval.Add && act.Person.Name == "awa" {
			o.wants("while she is one of them", o.call(http.MethodPost, "/v1/batches?batch=november&check=true", november), http.StatusOK, "")
		}
	}
	for _, c := range calls {
		if c.path == "/v1/events" {
			continue // it never ends for who may
		}
		got := o.call(c.method, c.path, c.body)
		changes := c.scope == access.Submit || c.scope == access.Pay || c.scope == access.Resolve
		if refused := got.status == http.StatusForbidden && got.code() == "maker"; refused != changes {
			t.Errorf("%s %s: %d %s", c.method, c.path, got.status, got.body)
		}
	}
	queued := 0
	for _, err := range o.store.Payouts(t.Context(), "november", ledger.Queued) {
		if err != nil {
			t.Fatal(err)
		}
		queued++
	}
	if queued != 3 {
		t.Errorf("%d payouts are queued still, want 3", queued)
	}
}
