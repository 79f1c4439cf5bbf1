// Package servertest has what the tests of the server's API and of its pages share.
package servertest

import (
	"context"
	"net/http/httptest"
	"testing"

	"payrun/batch/worker"
	"payrun/provider"
	"payrun/provider/digitalpaye"
	"payrun/provider/sandbox"
)

// November is a file of three payments.
const November = `transaction_id,beneficiary_name,customer_id,operator,amount
NOV-001,Awa Koné,0701020304,ORANGE,45000
NOV-002,Yao Kra,0501020304,MTN,150000
NOV-003,Fatou Bamba,0101020304,MOOV,80500
`

// Provider returns Digitalpaye's client before a simulator in the test's own process.
func Provider(tb testing.TB, simulated sandbox.Options) *digitalpaye.Client {
	tb.Helper()
	provides, err := sandbox.New(simulated)
	if err != nil {
		tb.Fatal(err)
	}
	client, err := digitalpaye.New(digitalpaye.Config{
		BaseURL: "http://127.0.0.1", Environment: "Sandbox", Simulated: true, Transport: sandbox.InProcess(provides),
		Credentials: provider.Credentials{Key: sandbox.DefaultAPIKey, Secret: sandbox.DefaultAPISecret},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return client
}

// Run has a worker pay until the test ends, if it is to, and ends the server then as serve
// does: nothing new is begun, streams are told by closing, and what is under way ends.
func Run(tb testing.TB, server *httptest.Server, pays *worker.Worker, paying bool, closing chan struct{}) {
	tb.Helper()
	accepting, stop := context.WithCancel(tb.Context())
	done := make(chan error, 1)
	if paying {
		go func() { done <- pays.Run(context.WithoutCancel(tb.Context()), accepting) }()
	} else {
		done <- nil
	}
	tb.Cleanup(func() {
		stop()
		close(closing)
		server.Close()
		if err := <-done; err != nil {
			tb.Errorf("the worker ended with %v", err)
		}
	})
}
