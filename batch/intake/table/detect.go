package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// separators are the ones looked for; the first wins where nothing tells them
// apart.
const separators = ",;\t|"

// decodedSample returns the beginning of the text in UTF-8, cut after a line.
func decodedSample(encoding string, s *source) ([]byte, error) {
	sample := make([]byte, sampleSize)
	n, err := io.ReadFull(decode(encoding, s.reader()), sample)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return sample[:n], nil
	case err != nil:
		return nil, fmt.Errorf("read the beginning of the file: %w", err)
	}
	if end := bytes.LastIndexAny(sample, "\r\n"); end >= 0 {
		sample = sample[:end+1]
	}
	return sample, nil
}

// detect finds the separator under which the text has the best header, and that
// header. Lines may be quoted whole.
func detect(d dialect, sample []byte, m *matcher) (dialect, *layout, error) {
	d.crOnly = bytes.IndexByte(sample, '\r') >= 0 && bytes.IndexByte(sample, '\n') < 0
	candidates := separators
	if declared := declaredSeparator(sample); declared != "" {
		candidates, d.declared = declared, true
	}
	best, failure := bestSearch(d, candidates, sample, m)
	if errors.Is(failure, ErrEmpty) {
		return d, nil, ErrEmpty
	}
	if best == nil || !best.best.isHeader() || best.whole {
		wrapped := d
		wrapped.wrapped = true
		if unwrapped, _ := bestSearch(wrapped, candidates, sample, m); unwrapped != nil && unwrapped.best.isHeader() {
			best, failure = unwrapped, nil
		}
	}
	if failure == nil && best == nil {
		failure = fmt.Errorf("%w: the quotes in its first rows do not match", ErrNotTable)
	}
	if failure != nil && (best == nil || !best.best.isHeader()) {
		return d, nil, failure
	}
	l, err := best.result("")
	if best.forgives(err) {
		err = nil
	}
	return best.dialect, l, err
}

// bestSearch cuts the text by each separator and returns the search that found most,
// nil for none, and why one failed.
func bestSearch(d dialect, candidates string, sample []byte, m *matcher) (best *headerSearch, failure error) {
	for _, separator := range candidates {
		d.separator = separator
		search, err := searchText(d, sample, m)
		if err != nil {
			failure = err
			continue
		}
		switch {
		case search.best == nil && search.malformed:
			// Quotes that end before this separator belong to another one.
			continue
		case search.best == nil:
			// Nothing but this separator and white space.
			return nil, ErrEmpty
		}
		if best == nil || search.beats(best) {
			best = search
		}
	}
	return best, failure
}

// declaredSeparator reads Excel's first line "sep=;".
func declaredSeparator(sample []byte) string {
	first, _, _ := bytes.Cut(bytes.ReplaceAll(sample[:min(len(sample), len("\"sep=\t\"\r\n"))], []byte("\r"), []byte("\n")), []byte("\n"))
	line := strings.ToLower(strings.Trim(string(first), `"`))
	separator, found := strings.CutPrefix(line, "sep=")
	if !found || len(separator) != 1 || !strings.Contains(separators, separator) {
		return ""
	}
	return separator
}

func searchText(d dialect, sample []byte, m *matcher) (*headerSearch, error) {
	search := &headerSearch{matcher: m, dialect: d}
	cut, err := newRowReader(d, bytes.NewReader(sample))
	if err != nil {
		return nil, err
	}
	for {
		next, err := cut.read()
		if errors.Is(err, io.EOF) {
			return search, nil
		}
		if err != nil {
			// The rows before are known, and the rest is for the pass to tell.
			if search.best.isHeader() {
				return search, nil
			}
			return nil, err
		}
		search.malformed = search.malformed || next.problem != ""
		titles, blank, err := titlesOf(next)
		if err != nil {
			return nil, err
		}
		search.whole = search.whole || search.isWhole(titles)
		if !blank && !search.offer(next.number, titles) {
			// The rows below may still be quoted whole.
			if search.best.isHeader() && next.number <= headerRowsMax {
				continue
			}
			return search, nil
		}
	}
}

func titlesOf(r cutRow) (titles []string, blank bool, err error) {
	if len(r.fields) > columnsMax {
		return nil, false, fmt.Errorf("%w: row %d has %d columns, at most %d are read", ErrTooLarge, r.number, len(r.fields), columnsMax)
	}
	titles, blank = make([]string, len(r.fields)), true
	for i, field := range r.fields {
		titles[i] = textCell(field).Text
		blank = blank && titles[i] == ""
	}
	return titles, blank, nil
}
