package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/ledger/anchor"
)

func (a *app) ledgerVerifyCommand(path func() string) *cobra.Command {
	var expected, report string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Prove that the ledger holds together",
		Long: `Walks the audit log from its first event, checks the chain of digests, derives
every payout's state again and compares it with what is recorded, the indexes too.

Somebody who can write to the file can recompute the chain. Hold it against what
was handed out before: --report takes the JSON report of any batch, whose signed
checkpoint the log must contain, and --expect-head a number of events and the hash
of the last, "1234:9f86d0…", as reports and an earlier verify show them.`,
		Example: "  payrun ledger verify --ledger payrun.db --report payrun-report/payroll.json",
		Args:    settings.Args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var past []service.PastHead
			if expected != "" {
				head, err := parseHead(expected)
				if err != nil {
					return err
				}
				past = append(past, service.PastHead{Source: "--expect-head", Head: head})
			}
			if report != "" {
				head, err := readReportHead(report)
				if err != nil {
					return err
				}
				past = append(past, head)
			}
			return a.ledgerVerify(cmd.Context(), path(), past)
		},
	}
	cmd.Flags().StringVar(&expected, "expect-head", "", "the log must contain this: `EVENTS:HASH`")
	cmd.Flags().StringVar(&report, "report", "", "the log must contain what this JSON report says of it: `FILE`")
	// Elsewhere it is the folder that reports go to.
	cmd.Flags().Lookup("report").Annotations = map[string][]string{settings.TypedOnly: {}}
	return cmd
}

func (a *app) ledgerVerify(ctx context.Context, path string, past []service.PastHead) error {
	store, done, err := a.ReadLedger(ctx, path)
	if err != nil {
		return err
	}
	defer done()
	verification, err := a.Books(store, nil).Verify(ctx, past...)
	if known, is := errors.AsType[*service.RewrittenError](err); is {
		return ui.Advise(ui.Worded(a.Text("ledger.rewritten", "source", known.Source,
			"events", strconv.FormatUint(known.Head.Events, 10), "hash", known.Head.Hash), err), a.Text("ledger.rewritten_hint"))
	}
	if err != nil {
		return err
	}
	if a.JSON() {
		return a.PrintJSON(verification)
	}
	for _, known := range past {
		args := []string{"source", known.Source, "events", strconv.FormatUint(known.Head.Events, 10), "key", known.Key}
		words := a.Text("ledger.contains", args...)
		if known.Key != "" {
			words = a.Text("ledger.contains_signed", args...)
		}
		if err := a.Say("%s", words); err != nil {
			return err
		}
	}
	return a.Say("%s", a.Text("ledger.verified", "events", strconv.FormatUint(verification.Events, 10),
		"payouts", strconv.Itoa(verification.Payouts), "batches", strconv.Itoa(verification.Batches), "head", verification.Head))
}

func parseHead(text string) (anchor.Head, error) {
	count, hash, found := strings.Cut(text, ":")
	events, err := strconv.ParseUint(count, 10, 64)
	const hashDigits = 64
	if err != nil || !found || events == 0 || len(hash) != hashDigits {
		return anchor.Head{}, ui.Mistaken("expect_head", "given", text)
	}
	return anchor.Head{Events: events, Hash: strings.ToLower(hash)}, nil
}

// readReportHead takes from a JSON report what it says of the ledger's log. A report
// of a million rows is not kept: all but its summary is passed over.
func readReportHead(path string) (service.PastHead, error) {
	file, err := os.Open(path) //nolint:gosec // the person names the file
	if err != nil {
		return service.PastHead{}, ui.UsageOf(fmt.Errorf("read the report: %w", err))
	}
	defer file.Close() //nolint:errcheck // only read
	var summary struct {
		Events     uint64 `json:"ledger_events"`
		Hash       string `json:"ledger_head"`
		Checkpoint string `json:"ledger_checkpoint"`
		Key        string `json:"ledger_checkpoint_key"`
	}
	text, err := readMember(bufio.NewReader(file), "summary")
	if err == nil {
		err = json.Unmarshal(text, &summary)
	}
	if err != nil || summary.Events == 0 {
		return service.PastHead{}, ui.Mistaken("no_json_report", "file", path)
	}
	known := service.PastHead{Source: path, Head: anchor.Head{Events: summary.Events, Hash: summary.Hash}}
	if summary.Checkpoint == "" {
		return known, nil
	}
	known.Key = summary.Key
	if known.Ledger, known.Head, err = anchor.Verify(summary.Checkpoint, summary.Key); err != nil {
		return service.PastHead{}, fmt.Errorf("report %q: %w", path, err)
	}
	if known.Head.Events != summary.Events || known.Head.Hash != summary.Hash {
		return service.PastHead{}, fmt.Errorf("report %q: %w: it names another head than its checkpoint", path, anchor.ErrCheckpoint)
	}
	return known, nil
}

// readMember returns the value of a member of the JSON object that a reader holds.
func readMember(r io.Reader, name string) ([]byte, error) {
	decoder := jsontext.NewDecoder(r)
	if _, err := decoder.ReadToken(); err != nil {
		return nil, err
	}
	for decoder.PeekKind() == '"' {
		key, err := decoder.ReadToken()
		if err != nil {
			return nil, err
		}
		if key.String() == name {
			return decoder.ReadValue()
		}
		if err := decoder.SkipValue(); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("no member %q", name)
}
