package reports

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"os"
	"strings"

	"payrun/internal/sheet"
	"payrun/ledger"
	"payrun/reports/page"
)

// ErrOtherBatch is returned when a file of the report's name belongs to
// something else.
var ErrOtherBatch = errors.New("the file is the report of something else")

// generator is a report's name for its maker, in the formats that can tell it.
const generator = "payrun"

// Check says whether Write may write the reports of the header's batch into a
// folder. It returns ErrOtherBatch for a file of the same name that is not a
// report of this batch, the beneficiaries' own file for one, or that reports a
// payment where this is a rehearsal. Only the header's Batch and Environment are
// looked at. The folder is made if need be, and an error tells if nothing can be
// written there. Ask before anything is paid.
func Check(folder string, h Header) error { return check(folder, h, Options{}) }

func check(folder string, h Header, o Options) error {
	if err := writable(folder); err != nil {
		return err
	}
	for _, kind := range o.chosen() {
		path := o.Place(folder, h.Batch, kind.name)
		if err := checkFile(path, h, kind.owns); err != nil {
			return err
		}
	}
	return nil
}

// writable makes the folder and writes a file there that nobody will see.
func writable(folder string) error {
	if err := os.MkdirAll(folder, folderMode); err != nil {
		return fmt.Errorf("make the folder for reports: %w", err)
	}
	probe, err := os.CreateTemp(folder, ".payrun-*")
	if err != nil {
		return fmt.Errorf("write into the folder for reports: %w", err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

func checkFile(path string, h Header, owns func(*os.File, Header) error) (err error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at the report that is there: %w", err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: %w", path, ErrOtherBatch)
	}
	file, err := os.Open(path) //nolint:gosec // G304: a report's own name in the folder that the caller chose
	if err != nil {
		return fmt.Errorf("look at the report that is there: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := owns(file, h); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// headMax and tailMax are how much of a file is looked at, however long it is.
const (
	headMax = 4 << 10
	tailMax = 1 << 20
)

// oursCSV knows a report by its columns; a CSV has no place for more.
func oursCSV(file *os.File, _ Header) error {
	head, err := io.ReadAll(io.LimitReader(file, headMax))
	if err != nil {
		return err
	}
	first, _, _ := bytes.Cut(bytes.TrimPrefix(head, []byte(sheet.ByteOrderMark)), []byte("\n"))
	names := strings.TrimRight(string(first), "\r")
	if names != strings.Join(columns(), ",") && names != strings.Join(columns(), ";") {
		return ErrOtherBatch
	}
	return nil
}

// oursJSON reads the summary, which stands at the end of the file.
func oursJSON(file *os.File, h Header) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	tail, err := io.ReadAll(io.NewSectionReader(file, max(0, info.Size()-tailMax), tailMax))
	if err != nil {
		return err
	}
	if at := bytes.LastIndex(tail, []byte(jsonBeforeSummary)); at >= 0 {
		tail = append([]byte("{"), tail[at+len(jsonBeforeSummary)-len(`"summary":`):]...)
	}
	var report struct {
		Summary struct {
			Batch       ledger.BatchID `json:"batch"`
			Environment string         `json:"environment"`
		} `json:"summary"`
	}
	if err := json.Unmarshal(tail, &report); err != nil || report.Summary.Batch != h.Batch {
		return ErrOtherBatch
	}
	if page.Simulated(h.Environment) && !page.Simulated(report.Summary.Environment) {
		return ErrOtherBatch
	}
	return nil
}

// oursHTML reads the page's own description of itself.
func oursHTML(file *os.File, h Header) error {
	head, err := io.ReadAll(io.LimitReader(file, headMax))
	if err != nil {
		return err
	}
	_, named, found := strings.Cut(string(head), `<meta name="payrun-batch" content="`)
	name, _, closed := strings.Cut(named, `"`)
	if !found || !closed || html.UnescapeString(name) != string(h.Batch) {
		return ErrOtherBatch
	}
	return nil
}

// oursXLSX reads the workbook's document properties.
func oursXLSX(file *os.File, h Header) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	archive, err := zip.NewReader(file, info.Size())
	if err != nil {
		return ErrOtherBatch
	}
	part, err := archive.Open("docProps/core.xml")
	if err != nil {
		return ErrOtherBatch
	}
	var properties struct {
		Title   string `xml:"title"`
		Creator string `xml:"creator"`
	}
	err = xml.NewDecoder(io.LimitReader(part, tailMax)).Decode(&properties)
	if closeErr := part.Close(); closeErr != nil {
		return closeErr
	}
	if err != nil || properties.Creator != generator || properties.Title != string(h.Batch) {
		return ErrOtherBatch
	}
	return nil
}
