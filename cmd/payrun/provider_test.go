package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"payrun/ledger/boltledger"
	"payrun/ledger/money"
	"payrun/provider"
	"payrun/provider/digitalpaye"
	"payrun/provider/providertest"
)

// TestEachInstalledProviderIsFit: what a name leads to can be relied on. That clients
// keep a provider's promises is tried in their own packages.
func TestEachInstalledProviderIsFit(t *testing.T) {
	t.Parallel()
	for _, driver := range installed() {
		t.Run(driver.Name, func(t *testing.T) {
			t.Parallel()
			providertest.RunDriver(t, driver)
		})
	}
}

// tiny is a second provider, of other limits than the first: references of up to 12
// digits, names of up to 10 characters, and no balance. It pays at once and keeps books in
// memory.
type tiny struct {
	*providertest.Double
	account provider.Account
}

func (tiny) Capabilities() provider.Capabilities {
	return provider.Capabilities{
		ReferenceLength: 12, ReferenceAlphabet: provider.Digits, NameLength: 10,
		Countries: []string{"CI"}, Currencies: []money.Currency{money.XOF},
		LookUp: provider.LookUpFields{Reference: true, Number: true, Amount: true},
		List:   true,
	}
}

func (c tiny) Account() provider.Account { return c.account }

func (tiny) Balance(context.Context) (money.Amount, error) {
	return money.Amount{}, errors.New("asked for a balance that it does not tell")
}

// besideTiny are the installed providers and tiny, whose books are a double's.
func besideTiny(books *providertest.Double) provider.Registry {
	return append(installed(), provider.Driver{
		Name: "tiny", Title: "Tiny", URL: "http://127.0.0.1:9", Hosts: []string{"127.0.0.1"},
		Settings:     []provider.Setting{{Name: "shop", Usage: "Tiny's `SHOP`", Choices: []string{"north", "south"}, OfAccount: true}},
		Capabilities: tiny{}.Capabilities(),
		Open: func(c provider.Config) (provider.Client, error) {
			account := provider.Account{Scheme: "http", Host: "localhost", Port: "9", Environment: c.Settings["shop"]}
			account.Key = provider.Fingerprint(account.Host, string(c.Credentials.Key))
			return tiny{books, account}, nil
		},
	})
}

// typed is payrun as it is typed beside tiny, in a home of its own.
func typed(t *testing.T, books *providertest.Double, args ...string) (code int, out string) {
	t.Helper()
	home := own(t)
	home["PAYRUN_API_KEY"], home["PAYRUN_API_SECRET"] = "the-key", "the-secret"
	shown := &screen{}
	code = run(args, environment{
		stdin: strings.NewReader(""), stdout: shown, stderr: shown, lookup: home.env, providers: besideTiny(books),
	})
	return code, shown.String()
}

func fileOf(t *testing.T, rows string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "may.csv")
	if err := os.WriteFile(path, []byte("transaction_id,customer_id,name,amount,operator\n"+rows), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const (
	tinyRows = "260500000001,0701020304,Awa Koné,100,ORANGE\n2,0501020304,Yao Kouadi,200,MTN\n"
	longName = "260500000001,0701020304,Awa Koné-Touré,100,ORANGE\n"
	wordy    = "MAY-1,0701020304,Awa Koné,100,ORANGE\n"
	tooLong  = "2605000000001,0701020304,Awa Koné,100,ORANGE\n"
)

// TestAFileIsHeldAgainstTheLimitsOfTheChosenProvider, by each command that checks one.
func TestAFileIsHeldAgainstTheLimitsOfTheChosenProvider(t *testing.T) {
	t.Parallel()
	for _, command := range [][]string{
		{"validate"}, {"plan"}, {"run", "--yes", "--no-progress", "--report", "report"},
	} {
		for rows, says := range map[string]string{
			longName: "longer than 10 characters", wordy: "use only 0-9", tooLong: "longer than 12 characters",
		} {
			books := providertest.AlwaysPays()
			args := append(command[:1:1], fileOf(t, rows))
			args = append(args, command[1:]...)
			code, out := typed(t, books, append(args, "--ledger", filepath.Join(t.TempDir(), "l.db"), "--provider", "tiny")...)
			if code != exitFile || !strings.Contains(out, says) {
				t.Errorf("%s: exit %d, want %d and %q in\n%s", command[0], code, exitFile, says, out)
			}
			if times, _ := books.Credited(strings.SplitN(rows, ",", 2)[0]); times != 0 {
				t.Errorf("%s paid it", command[0])
			}
		}
		if code, out := typed(t, nil, "validate", fileOf(t, longName)); code != exitPaid {
			t.Errorf("the first provider's limits: exit %d\n%s", code, out)
		}
	}
}

// TestASecondProviderPays what its limits let through, under its own settings, and
// nobody else's batch.
func TestASecondProviderPays(t *testing.T) {
	t.Parallel()
	folder, books := t.TempDir(), providertest.AlwaysPays()
	ledgerPath, file := filepath.Join(folder, "l.db"), fileOf(t, tinyRows)
	pay := []string{
		"run", file, "--yes", "--no-progress", "--rate", "0", "--lookup-grace", "1s", "--poll-min", "10ms",
		"--ledger", ledgerPath, "--report", filepath.Join(folder, "report"),
	}
	code, out := typed(t, books, append(pay, "--provider", "tiny", "--shop", "north")...)
	if code != exitPaid || strings.Contains(out, "Balance") {
		t.Fatalf("exit %d\n%s", code, out)
	}
	for reference, amount := range map[string]int64{"260500000001": 100, "2": 200} {
		if times, total := books.Credited(reference); times != 1 || total.Minor != amount {
			t.Errorf("%s was paid %d times, %s", reference, times, total)
		}
	}
	store, err := boltledger.Open(ledgerPath, boltledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := store.Batch(t.Context(), "may")
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil || b.Account.Place != "http://localhost:9 (north)" {
		t.Errorf("paid from %+v (%v)", b.Account, err)
	}
	if code, out := typed(t, books, append(pay, "--provider", "tiny", "--shop", "south")...); code != exitUsage {
		t.Errorf("from another account: exit %d, want %d\n%s", code, exitUsage, out)
	}
}

func TestAProviderIsChosenByItsName(t *testing.T) {
	t.Parallel()
	file := fileOf(t, tinyRows)
	for _, test := range []struct{ args, says string }{
		{"plan " + file + " --provider tinny", `there is no provider "tinny"; there are: digitalpaye, tiny`},
		{"plan " + file + " --provider tinny", "did you mean tiny?"},
		{"plan " + file + " --provider tiny --dialect v1", "--dialect is no setting of the provider tiny"},
		{"plan " + file + " --shop north", "--shop is no setting of the provider digitalpaye"},
		{"plan " + file + " --provider tiny --shop east", "--shop is one of north, south"},
		{"plan " + file + " --provider tiny --sandbox", "the simulator speaks the API of digitalpaye"},
	} {
		if code, out := typed(t, nil, strings.Fields(test.args)...); code != exitUsage || !strings.Contains(out, test.says) {
			t.Errorf("%s: exit %d, want %d and %q in\n%s", test.args, code, exitUsage, test.says, out)
		}
	}
}

// TestACredentialGoesToTheChosenProvidersHostsOnly: a file that is named for the sake of
// the rate does not turn the key over to another company.
func TestACredentialGoesToTheChosenProvidersHostsOnly(t *testing.T) {
	t.Parallel()
	settings := filepath.Join(t.TempDir(), "payrun.yaml")
	if err := os.WriteFile(settings, []byte("provider: other\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	other := digitalpaye.Driver()
	other.Name, other.URL, other.Hosts = "other", "https://api.other.example", []string{"api.other.example"}
	home := own(t)
	home["PAYRUN_API_KEY"], home["PAYRUN_API_SECRET"] = "the-key", "the-secret"
	shown := &screen{}
	code := run([]string{"plan", fileOf(t, tinyRows), "--config", settings}, environment{
		stdin: strings.NewReader(""), stdout: io.Discard, stderr: shown, lookup: home.env,
		providers: append(installed(), other),
	})
	if code != exitUsage || !strings.Contains(shown.String(), "the credentials are not for api.other.example") {
		t.Errorf("exit %d\n%s", code, shown)
	}
}
