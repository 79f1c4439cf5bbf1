package httpapi

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// download is a file that a call answers with.
type download struct {
	// name is the file's name, for whoever keeps it.
	name, contentType string
	// more are further headers.
	more map[string]string
}

// described says what a call answers with, in place of JSON.
func (d download) described(what string, schema *huma.Schema) func(*huma.Operation) {
	return func(op *huma.Operation) {
		op.Responses["200"] = &huma.Response{Description: what, Content: map[string]*huma.MediaType{d.contentType: {Schema: schema}}}
	}
}

// binary is the schema of what is no JSON.
func binary() *huma.Schema { return &huma.Schema{Type: huma.TypeString, Format: "binary"} }

// whole answers with a file that is written to its end first: half of one would look like a whole
// one. Write may add headers to it.
func (s *server) whole(d download, write func(to io.Writer, d *download) error) (*huma.StreamResponse, error) {
	file, err := os.CreateTemp(s.Files, "report-*")
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", d.name, err)
	}
	_ = os.Remove(file.Name()) // it lives as long as it is open; where that cannot be, until the next start
	err = write(file, &d)
	var size int64
	if err == nil {
		size, err = file.Seek(0, io.SeekCurrent)
	}
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = file.Close() // of no use
		return nil, err
	}
	return &huma.StreamResponse{Body: func(to huma.Context) {
		defer file.Close() //nolint:errcheck // only read by now
		d.head(to)
		to.SetHeader("Content-Length", strconv.FormatInt(size, 10))
		_, _ = io.Copy(s.steady(to), file) // whoever asked may have gone
	}}, nil
}

// head writes what is known of the file.
func (d download) head(to huma.Context) {
	to.SetHeader("Content-Type", d.contentType)
	to.SetHeader("Content-Disposition", fmt.Sprintf("attachment; filename=%q", d.name))
	for name, value := range d.more {
		to.SetHeader(name, value)
	}
}

// steady is where a long answer goes. It has time for as long as it gets on.
func (s *server) steady(to huma.Context) io.Writer {
	_, w := humago.Unwrap(to)
	return steady{to.BodyWriter(), http.NewResponseController(w), s.Limits.Body}
}

type steady struct {
	io.Writer

	control *http.ResponseController
	within  time.Duration
}

// Write implements io.Writer.
func (w steady) Write(part []byte) (int, error) {
	_ = w.control.SetWriteDeadline(time.Now().Add(w.within)) // which a test's recorder cannot
	defer w.control.Flush()                                  //nolint:errcheck // the next write tells
	return w.Writer.Write(part)
}
