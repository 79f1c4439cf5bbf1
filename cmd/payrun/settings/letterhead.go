package settings

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
	"payrun/reports/page"
)

// AddLetterheadFlags adds those that say who reports and receipts are from.
func (o *ReportOptions) AddLetterheadFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.Company, "company", "", "the company's `NAME` at the head of reports and receipts")
	flags.StringVar(&o.Logo, "logo", "", "its logo in `FILE`, a PNG or JPEG of at most 256 KiB")
}

// Letterhead is who reports are from, as ReadLetterhead last read it.
func (s *Settings) Letterhead() page.Letterhead { return s.letterhead }

// ReadLetterhead reads who reports are from, for Reporting. Ask before anything is paid:
// a report is no place to find out that a logo is none.
func (s *Settings) ReadLetterhead(o ReportOptions) error {
	s.letterhead = page.Letterhead{Company: o.Company}
	if o.Logo == "" {
		return nil
	}
	file, err := fsx.Open(o.Logo)
	if err != nil {
		return ui.UsageOf(fmt.Errorf("read the logo: %w", err))
	}
	defer file.Close() //nolint:errcheck // only read
	s.letterhead.Logo, err = page.ReadLogo(file)
	if errors.Is(err, page.ErrLogo) {
		return ui.Mistaken("logo", "file", o.Logo)
	}
	return err
}
