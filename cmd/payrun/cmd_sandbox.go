package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"payrun/cmd/payrun/session"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/provider/sandbox"
)

type sandboxOptions struct {
	address  string
	scenario string
	books    string
}

func (a *app) sandboxCommand() *cobra.Command {
	var o sandboxOptions
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Run the simulated provider on this machine",
		Long: `A provider to rehearse against, on loopback only: it answers as the real one
does, in both dialects, keeps its own books (GET /_sandbox/books), and has bad
days if a scenario says so. It runs until it is interrupted.

Its credentials are PAYRUN_API_KEY=` + sandbox.DefaultAPIKey + ` and
PAYRUN_API_SECRET=` + sandbox.DefaultAPISecret + `.`,
		Example: `  payrun sandbox --addr 127.0.0.1:8080 --scenario rough-day.yaml
  payrun run november.xlsx --api-url http://127.0.0.1:8080 --yes`,
		Args: settings.Args(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error { return a.runSandbox(o) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.address, "addr", "127.0.0.1:0", "listen on `HOST:PORT`, port 0 being any free one")
	flags.StringVar(&o.scenario, "scenario", "", "the faults in `FILE`")
	flags.StringVar(&o.books, "books", "", "keep the books in `FILE` across restarts")
	return cmd
}

func (a *app) runSandbox(o sandboxOptions) error {
	scenario, err := session.Scenario(o.scenario)
	if err != nil {
		return err
	}
	simulated, err := sandbox.New(sandbox.Options{Scenario: scenario, BooksFile: o.books})
	if err != nil {
		return ui.UsageOf(fmt.Errorf("start the sandbox: %w", err))
	}
	defer simulated.Close() //nolint:errcheck // every line of the books is on disk already
	server, err := sandbox.Listen(simulated, o.address)
	if err != nil {
		return ui.Mistaken("sandbox_address", "addr", o.address, "reason", err.Error())
	}
	if a.JSON() {
		err = a.PrintObject("sandbox", struct {
			URL string `json:"url"`
		}{server.URL()})
	} else {
		err = a.Say("%s", server.URL())
	}
	if err != nil {
		return err
	}
	if err := server.Serve(a.Accepting); err != nil {
		return fmt.Errorf("run the sandbox: %w", err)
	}
	return nil
}
