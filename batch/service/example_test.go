package service_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/memledger"
	"payrun/provider"
	"payrun/provider/digitalpaye"
	"payrun/provider/sandbox"
)

const november = `transaction_id,beneficiary_name,customer_id,operator,amount
NOV-001,Awa Koné,0701020304,ORANGE,45000
NOV-002,Yao Kra,0501020304,MTN,150000
NOV-003,Fatou Bamba,0101020304,MOOV,80500
`

// A file is checked, shown to whoever pays, submitted and paid. The simulated provider
// and a ledger in memory stand for the real ones.
func Example() {
	if err := payNovember(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// to pay: 3 payouts, 275500 XOF
	// paid: 3 payouts, 275500 XOF; left to do: nothing
}

func payNovember(ctx context.Context) error {
	payroll, err := rehearsal(memledger.New())
	if err != nil {
		return err
	}
	file, err := table.Open("-", table.Options{Stdin: strings.NewReader(november)})
	if err != nil {
		return err
	}
	defer file.Close()

	checked, err := payroll.Check(ctx, file, service.CheckOptions{Batch: "november"})
	if err != nil {
		return err
	}
	toPay := checked.ToPay()
	fmt.Printf("to pay: %d payouts, %s XOF\n", toPay.Count, toPay.Amount.Plain())

	// Here the caller asks a person, who confirms what they were shown.
	awa := service.Actor{Person: "awa", Host: "caisse", Confirmed: service.Typed}
	batch, err := payroll.Submit(ctx, awa, checked.Submission(ctx, "november.csv", nil))
	if err != nil {
		return err
	}
	paid, err := payroll.Pay(ctx, awa, service.Payment{Batch: batch})
	if err != nil {
		return err
	}
	ending := service.Ending{Stopped: paid.Stopped, Open: paid.Tally.Open().Count}
	if step, _ := ending.Next(); step == service.Nothing {
		done := paid.Tally.In(ledger.Successful)
		fmt.Printf("paid: %d payouts, %s XOF; left to do: nothing\n", done.Count, done.Amount.Plain())
	}
	return nil
}

// rehearsal is a service before a simulated provider.
func rehearsal(store ledger.Store) (*service.Service, error) {
	set, err := rules.Default()
	if err != nil {
		return nil, err
	}
	simulated, err := sandbox.New(sandbox.Options{})
	if err != nil {
		return nil, err
	}
	client, err := digitalpaye.New(digitalpaye.Config{
		BaseURL: "http://127.0.0.1", Environment: "Sandbox", Simulated: true, Transport: sandbox.InProcess(simulated),
		Credentials: provider.Credentials{Key: sandbox.DefaultAPIKey, Secret: sandbox.DefaultAPISecret},
	})
	if err != nil {
		return nil, err
	}
	return service.New(service.Config{
		Ledger: store, Provider: client, Account: client.Account(), Rules: set,
		Pace: service.Pace{Wait: time.Minute, PollMin: 10 * time.Millisecond, PollMax: 50 * time.Millisecond},
	}), nil
}
