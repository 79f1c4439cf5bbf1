package provider_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"payrun/ledger/money"
	"payrun/provider"
	"payrun/provider/providertest"
)

// acme is a provider in its smallest form: it decides, where the bytes are read, what
// an answer means for the money, and leaves everything that it does not know for
// certain at the zero class, Unknown. A real one passes providertest.Run.
type acme struct {
	url     string
	account provider.Account
}

var _ provider.Client = acme{}

// acmeDriver is acme as a registry has it: everything that can be known of it before
// somebody has an account there.
func acmeDriver() provider.Driver {
	return provider.Driver{
		Name: "acme", Title: "Acme", URL: "https://api.acme.example", Hosts: []string{"api.acme.example"},
		Settings:     []provider.Setting{{Name: "shop", Usage: "Acme's `SHOP`", OfAccount: true}},
		Capabilities: acme{}.Capabilities(),
		Open: func(c provider.Config) (provider.Client, error) {
			base, err := url.Parse(c.URL)
			if err != nil || base.Scheme != "https" && !provider.IsLoopback(base.Hostname()) && !c.AllowInsecureHTTP {
				return nil, fmt.Errorf("acme's address is not %q", c.URL)
			}
			return acme{c.URL, provider.NewAccount(base, c.Settings["shop"], string(c.Credentials.Key))}, nil
		},
	}
}

// Account is whose money it moves.
func (a acme) Account() provider.Account { return a.account }

// Send posts once. Whatever comes after the request may have left is at most Unknown.
func (a acme) Send(ctx context.Context, r provider.Request) provider.Outcome {
	body, err := json.Marshal(map[string]any{"reference": r.Reference, "to": r.Number.Reveal(), "amount": r.Amount})
	if err != nil {
		return provider.Outcome{Class: provider.Refused, Code: "UNENCODABLE", Unsent: true}
	}
	return a.call(ctx, http.MethodPost, "/transfers", body, r.Reference)
}

// LookUp asks what became of a transfer.
func (a acme) LookUp(ctx context.Context, q provider.Query) provider.Outcome {
	return a.call(ctx, http.MethodGet, "/transfers/"+q.Reference, nil, q.Reference)
}

// Capabilities state what its documents say, so that nothing is sent that it would
// refuse. What is left out it does not have.
func (a acme) Capabilities() provider.Capabilities {
	return provider.Capabilities{
		ReferenceLength: 36, ReferenceAlphabet: provider.ASCIILettersDigits + "-",
		Countries: []string{"CI"}, Currencies: []money.Currency{money.XOF},
		LookUp: provider.LookUpFields{Reference: true},
	}
}

// Balance has no use in this example.
func (a acme) Balance(context.Context) (money.Amount, error) {
	return money.Amount{}, errors.New("not asked")
}

func (a acme) call(ctx context.Context, method, path string, body []byte, reference string) provider.Outcome {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, a.url+path, bytes.NewReader(body))
	if err != nil {
		return provider.Outcome{Class: provider.NotSent, Code: provider.CodeUnreachable, Unsent: true}
	}
	response, err := http.DefaultClient.Do(request)
	dialled := (*net.OpError)(nil)
	switch {
	case errors.As(err, &dialled) && dialled.Op == "dial": // no connection was had
		return provider.Outcome{Class: provider.NotSent, Code: provider.CodeUnreachable, Unsent: true}
	case err != nil:
		return provider.Outcome{Code: provider.CodeBroken} // it may have arrived
	}
	defer response.Body.Close()
	var answer struct{ Reference, Status, Error string }
	switch err := json.NewDecoder(response.Body).Decode(&answer); {
	case err != nil:
		return provider.Outcome{Code: provider.CodeGarbage} // a page, not the provider
	case answer.Error == "no such transfer" && response.StatusCode == http.StatusNotFound && method == http.MethodGet:
		return provider.Outcome{Class: provider.NotFound, Code: provider.CodeNotFound, Documented: true}
	case answer.Reference != reference:
		return provider.Outcome{Mismatch: true, Code: provider.CodeMismatch}
	case answer.Status == "paid":
		return provider.Outcome{Class: provider.Successful, Code: answer.Status, Documented: true}
	default:
		return provider.Outcome{Code: answer.Status}
	}
}

// A provider is a client that turns answers into classes. What stands in front of the
// real one, a gateway or a maintenance page, is never believed about money.
func Example() {
	paid := map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reference := r.URL.Path[len("/transfers"):]
		if r.Method == http.MethodPost {
			var transfer struct{ Reference string }
			_ = json.NewDecoder(r.Body).Decode(&transfer)
			paid[transfer.Reference] = true
			w.WriteHeader(http.StatusServiceUnavailable) // paid, and a gateway says otherwise
			fmt.Fprint(w, "<html>Down for maintenance</html>")
			return
		}
		if reference = reference[1:]; !paid[reference] {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"error":"no such transfer"}`)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"reference": reference, "status": "paid"})
	}))
	defer server.Close()

	client := acme{url: server.URL}
	show := func(what string, o provider.Outcome) { fmt.Printf("%s: %s\n", what, o.Class) }
	show("look up before", client.LookUp(context.Background(), provider.Query{Reference: "NOV-1"}))
	show("send", client.Send(context.Background(), provider.Request{Reference: "NOV-1", Number: "+2250701020304", Amount: money.XOF.Of(5000)}))
	show("look up after", client.LookUp(context.Background(), provider.Query{Reference: "NOV-1"}))
	// Output:
	// look up before: not_found
	// send: unknown
	// look up after: successful
}

func TestAcmeIsFitForARegistry(t *testing.T) {
	t.Parallel()
	providertest.RunDriver(t, acmeDriver())
}

// A registry chooses a provider by its name, and opens a client with what a person set.
// What its capabilities take is known before anything is sent.
func ExampleRegistry() {
	registry := provider.Registry{acmeDriver()}
	driver, err := registry.Driver("acme")
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := driver.Open(provider.Config{
		URL: driver.URL, Credentials: provider.Credentials{Key: "the-key", Secret: "the-secret"},
		Settings: map[string]string{"shop": "north"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	can := client.Capabilities()
	fmt.Println("pays from", client.Account().Place())
	fmt.Println("takes NOV-1:", can.TakesReference("NOV-1"), "and NOV_1:", can.TakesReference("NOV_1"))
	fmt.Println("a second attempt is", can.Derive("NOV-1", 2, 0))

	_, err = registry.Driver("acne")
	fmt.Println(err)
	// Output:
	// pays from https://api.acme.example (north)
	// takes NOV-1: true and NOV_1: false
	// a second attempt is NOV-1-2
	// provider "acne": want one of [acme]
}
