package reports

import (
	"bufio"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// annex lists everybody at the end of the page. Its rows wait in a temporary file until
// the page before them is written, so memory does not grow with them.
type annex struct {
	options Options
	words   words
	file    *os.File
	rows    *bufio.Writer
	err     error
}

// newAnnex keeps what does not fit into memory beside the report that is written to w, if
// that is a file.
func newAnnex(w io.Writer, o Options, words words) (*annex, error) {
	folder := ""
	if file, ok := w.(interface{ Name() string }); ok {
		folder = filepath.Dir(file.Name())
	}
	file, err := os.CreateTemp(folder, ".annex-")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(file.Name()) // where a file can be used without a name, none is left of a killed process
	return &annex{options: o, words: words, file: file, rows: bufio.NewWriterSize(file, bufferSize)}, nil
}

// line writes a row.
func (a *annex) line(l line) error {
	a.put(`<tr><td class="row" data-label="`, a.words.Row, `">`, strconv.Itoa(l.row), `</td><td class="who">`, l.name,
		`<small>`, a.options.number(l.number)+" · "+string(l.id), `</small></td><td class="why">`,
		a.words.shownState(l), `<small>`, string(l.operator), `</small></td><td class="n sum">`, shownAmount(a.words, l), "</td></tr>\n")
	return a.err
}

// put writes HTML and texts in turn; the first is HTML.
func (a *annex) put(parts ...string) {
	for i, part := range parts {
		if i%2 == 1 {
			part = html.EscapeString(part)
		}
		if _, err := a.rows.WriteString(part); err != nil && a.err == nil {
			a.err = err
		}
	}
}

// write appends the list to the page.
func (a *annex) write(w io.Writer) error {
	if err := a.rows.Flush(); err != nil {
		return err
	}
	if _, err := a.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	esc := html.EscapeString
	masked := ""
	if !a.options.Numbers {
		masked = "<p class=\"more\">" + esc(a.words.Masked) + "</p>\n"
	}
	_, err := fmt.Fprintf(w, "\n<section class=\"annex\">\n<h2>%s</h2>\n%s<table class=\"list\" id=\"payees\">\n"+
		"<thead><tr><th class=\"row\">%s</th><th class=\"who\">%s</th><th>%s</th><th class=\"n sum\">%s</th></tr></thead>\n<tbody>\n",
		esc(a.words.Annex), masked, esc(a.words.Row), esc(a.words.Beneficiary), esc(a.words.State), esc(a.words.Amount))
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, a.file); err != nil {
		return err
	}
	_, err = io.WriteString(w, "</tbody>\n</table>\n</section>")
	return err
}

// close removes what waited.
func (a *annex) close() error {
	err := a.file.Close()
	if removed := os.Remove(a.file.Name()); !errors.Is(removed, fs.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	return err
}
