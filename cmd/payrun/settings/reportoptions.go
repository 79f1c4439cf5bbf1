package settings

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"payrun/batch/service"
	"payrun/cmd/payrun/ui"
	"payrun/internal/catalogue"
	"payrun/ledger"
	"payrun/reports"
)

// ReportOptions say where reports go.
type ReportOptions struct {
	Dir       string
	CsvLocale string
	// Formats are those to write; none means all but the journal.
	Formats []string
	Journal reports.Journal
	// Company and the file of Logo are who they are from.
	Company, Logo string
	// Payees lists everybody on the page, Numbers shows numbers in full where people read
	// them on paper, and Receipt is the only payout to write a receipt of; empty is all.
	Payees, Numbers bool
	Receipt         ledger.TransactionID
	// Anchors is the folder for anchors and the key that signs, empty for the usual ones.
	Anchors string
}

// Validate refuses what makes no sense.
func (o *ReportOptions) Validate() error {
	switch {
	case o.Dir == "":
		return ui.Mistaken("report_empty")
	case o.CsvLocale != "" && o.CsvLocale != "fr":
		return ui.Mistaken("one_of", "flag", "--csv-locale", "choices", "fr", "given", o.CsvLocale)
	}
	for _, name := range o.Formats {
		if !slices.Contains(reports.Formats(), name) {
			return ui.Mistaken("one_of", "flag", "--format", "choices", strings.Join(reports.Formats(), ", "), "given", name)
		}
	}
	if slices.Contains(o.Formats, reports.FormatJournal) {
		if err := o.Journal.Validate(); err != nil {
			return ui.UsageOf(err, "--account-beneficiaries, --account-wallet, --account-fees")
		}
	}
	return nil
}

// JournalFlags say how a journal books.
//
//nolint:gochecknoglobals // a table that nothing writes to
var JournalFlags = []string{
	"journal-code", "journal-detail", "account-beneficiaries", "account-wallet", "account-fees",
}

// AddFormatFlags adds what only the command that writes reports again offers.
func (o *ReportOptions) AddFormatFlags(flags *pflag.FlagSet) {
	flags.StringSliceVar(&o.Formats, "format", nil, "write these `FORMATS` only: csv, xlsx, json, html, journal, receipts")
	flags.BoolVar(&o.Payees, "payees", false, "list everybody at the end of the page")
	o.addNumbersFlag(flags)
	flags.StringVar(&o.Journal.Code, "journal-code", o.Journal.Code, "the journal's `CODE` in the books")
	flags.BoolVar(&o.Journal.Detail, "journal-detail", false, "book every payout and every fee by itself")
	flags.StringVar(&o.Journal.Beneficiaries, "account-beneficiaries", o.Journal.Beneficiaries, "the `ACCOUNT` that owed the payments")
	flags.StringVar(&o.Journal.Wallet, "account-wallet", o.Journal.Wallet, "the `ACCOUNT` of the mobile-money wallet")
	flags.StringVar(&o.Journal.Fees, "account-fees", o.Journal.Fees, "the `ACCOUNT` of the fees")
}

// AddReceiptFlags adds those of the command that writes receipts.
func (o *ReportOptions) AddReceiptFlags(flags *pflag.FlagSet) {
	o.addFolderFlag(flags)
	o.AddLetterheadFlags(flags)
	o.addNumbersFlag(flags)
	o.AddAnchorsFlag(flags)
}

func (o *ReportOptions) addNumbersFlag(flags *pflag.FlagSet) {
	flags.BoolVar(&o.Numbers, "numbers", false, "show numbers in full where people read them on paper: in the list and on receipts")
}

func (o *ReportOptions) addFolderFlag(flags *pflag.FlagSet) {
	flags.StringVar(&o.Dir, "report", "payrun-report", "write the reports into `DIR`")
}

// AddFlags adds those of every command that writes reports.
func (o *ReportOptions) AddFlags(flags *pflag.FlagSet) {
	o.addFolderFlag(flags)
	o.AddLetterheadFlags(flags)
	flags.StringVar(&o.CsvLocale, "csv-locale", "", "write the CSV for a spreadsheet in `fr` (semicolons, BOM)")
	o.AddAnchorsFlag(flags)
}

// AddAnchorsFlag adds the one that says where the key lies that signs.
func (o *ReportOptions) AddAnchorsFlag(flags *pflag.FlagSet) {
	flags.StringVar(&o.Anchors, "anchors", "",
		"keep in `DIR` what tells that the ledger is the newest, and the key that signs reports (default: one for the whole machine, or your own)")
}

// CheckReports finds out whether the reports of a batch can be written.
func (s *Settings) CheckReports(o ReportOptions, id ledger.BatchID, environment string) error {
	if err := s.ReadLetterhead(o); err != nil {
		return err
	}
	if err := reports.Check(o.Dir, reports.Header{Batch: id, Environment: environment}); err != nil {
		if errors.Is(err, reports.ErrOtherBatch) {
			return err
		}
		return ui.UsageOf(err, s.Text("advice.other_report"))
	}
	return nil
}

// Reporting says where reports go and how they are written, from whom ReadLetterhead last
// read, in the person's language and
// with the commands that lead to the ledger that was named.
func (s *Settings) Reporting(o ReportOptions) service.Reporting {
	named := ""
	if s.Ledger != "" {
		named = ui.ShellWord(s.Ledger)
	}
	return service.Reporting{Folder: o.Dir, Options: reports.Options{
		French: s.Language == catalogue.French, FrenchCSV: o.CsvLocale == "fr",
		Formats: o.Formats, Journal: o.Journal, Ledger: named,
		Letterhead: s.letterhead, Payees: o.Payees, Numbers: o.Numbers, Receipt: o.Receipt,
	}}
}
