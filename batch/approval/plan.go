package approval

import (
	"bytes"
	"errors"
	"time"
)

// Plan is the text that a person is shown before a file is paid, and that `run --plan` holds the
// file against: all of a content that is known before a batch is sealed. Nobody's policy
// is in it, so it approves nothing by itself.
type Plan struct {
	Summary

	Made time.Time // UTC, to the second
}

const titlePlan = "payrun plan 1"

// Text returns the plan's canonical text, or an error that says why it has none.
func (p Plan) Text() ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	var w writer
	w.title(titlePlan)
	p.writeSource(&w)
	w.line("made", formatTime(p.Made))
	p.writeFigures(&w)
	p.writeFindings(&w)
	p.writeDigests(&w)
	return w.b.Bytes(), nil
}

// Digest returns what names the plan: of its text, as sha256sum computes it.
func (p Plan) Digest() (Digest, error) {
	text, err := p.Text()
	if err != nil {
		return Digest{}, err
	}
	return digestOf(text), nil
}

func (p Plan) check() error {
	if !wholeSecond(p.Made) || p.Made.IsZero() {
		return complaint(errors.New("a plan is made at a time, to the second"))
	}
	return complaint(p.Summary.check(Submission))
}

// ParsePlan reads a plan's text. Whatever is not byte for byte what Text writes is an
// error that wraps ErrText.
func ParsePlan(text []byte) (Plan, error) {
	r := newReader(text, titlePlan)
	var p Plan
	r.source(&p.Summary)
	p.Made = r.time(r.field("made"))
	r.figures(&p.Summary)
	r.findings(&p.Summary)
	r.digests(&p.Summary)
	r.end()
	if r.err != nil {
		return Plan{}, r.err
	}
	written, err := p.Text()
	if err != nil {
		return Plan{}, err
	}
	return p, asWritten(text, written)
}

// LineChange is a line of a plan that is another one now. Before and Now are its fields
// as a text has them, empty for a line that is only in one.
type LineChange struct {
	Line        string // its key, of an operator with the name behind it
	Before, Now string
}

// Changed returns the lines of the plan that bind which are not those of a summary: batch,
// account, currency, figures and digests. What changed since an earlier batch and what the
// checks warn of bind nothing: they follow from the list and from what else the ledger
// knew when the plan was made.
func (p Plan) Changed(now Summary) []LineChange {
	before, after := binding(p.Summary), binding(now)
	var found []LineChange
	for _, line := range before {
		if other := after.of(line[0]); other != line[1] {
			found = append(found, LineChange{line[0], line[1], other})
		}
	}
	for _, line := range after {
		if before.of(line[0]) == "" {
			found = append(found, LineChange{Line: line[0], Now: line[1]})
		}
	}
	return found
}

// bindingLines are keys and fields.
type bindingLines [][2]string

func binding(s Summary) bindingLines {
	var w writer
	s.writeSource(&w)
	s.writeFigures(&w)
	s.writeDigests(&w)
	var lines bindingLines
	for line := range bytes.Lines(w.b.Bytes()) {
		key, fields, _ := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(": "))
		if string(key) == "operator" {
			name, sums, _ := bytes.Cut(fields, []byte(" "))
			key, fields = append([]byte("operator "), name...), sums
		}
		lines = append(lines, [2]string{string(key), string(fields)})
	}
	return lines
}

func (l bindingLines) of(key string) string {
	for _, line := range l {
		if line[0] == key {
			return line[1]
		}
	}
	return ""
}
