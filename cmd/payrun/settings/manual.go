package settings

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
)

// WriteManual writes a manual page for every command below root into a folder, and returns
// their paths. Version is payrun's.
func (s *Settings) WriteManual(root *cobra.Command, folder, version string) ([]string, error) {
	date, err := s.manualDate()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // manual pages are for everybody
		return nil, ui.UsageOf(fmt.Errorf("make the folder for manual pages: %w", err))
	}
	var pages []string
	for _, cmd := range append([]*cobra.Command{root}, Descendants(root)...) {
		if cmd.HasParent() && !cmd.IsAvailableCommand() {
			continue
		}
		page := filepath.Join(folder, ManualName(cmd))
		if err := s.writeManualPage(cmd, date, page, version); err != nil {
			return nil, ui.UsageOf(fmt.Errorf("write the manual page of %s: %w", cmd.CommandPath(), err))
		}
		pages = append(pages, page)
	}
	return pages, nil
}

// ManualName is the name by which man finds the page: payrun-ledger-verify.1.
func ManualName(cmd *cobra.Command) string {
	return strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
}

func (s *Settings) writeManualPage(cmd *cobra.Command, date time.Time, path, version string) error {
	header := &doc.GenManHeader{Section: "1", Source: "payrun " + version, Manual: "payrun", Date: &date}
	var page bytes.Buffer
	if err := doc.GenMan(cmd, header, &page); err != nil {
		return err
	}
	return fsx.WriteFile(path, []byte(s.Help.Manual(page.String())), 0o644)
}

// manualDate is the date on the pages, UTC. A build that knows neither date nor
// commit dates them 1970, rather than with a day that nobody could reproduce.
func (s *Settings) manualDate() (time.Time, error) {
	if text, ok := s.Env("SOURCE_DATE_EPOCH"); ok && text != "" {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return time.Time{}, ui.UsageOf(fmt.Errorf("SOURCE_DATE_EPOCH is seconds since 1970, not %q", text))
		}
		return time.Unix(seconds, 0).UTC(), nil
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return time.Unix(0, 0).UTC(), nil
	}
	for _, setting := range info.Settings {
		if setting.Key != "vcs.time" {
			continue
		}
		date, err := time.Parse(time.RFC3339, setting.Value)
		if err != nil {
			return time.Time{}, fmt.Errorf("read the commit's date: %w", err)
		}
		return date, nil
	}
	return time.Unix(0, 0).UTC(), nil
}
