package httpapi

import (
	"cmp"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"payrun/batch/inbox"
)

// uploaded is a file as it was sent, with what the sender calls it.
type uploaded struct {
	inbox.Received

	Name string
}

// describeUpload describes the body of the call that brings a file, once it is registered:
// if the library knew of the body it would read it, and keep all of it.
func describeUpload(op *huma.Operation) {
	op.Responses["200"] = &huma.Response{Description: "The file was only checked.", Content: op.Responses["201"].Content}
	binary := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	op.RequestBody = &huma.RequestBody{
		Required: true, Description: "The file: CSV, XLSX or ODS, told by its contents.",
		Content: map[string]*huma.MediaType{
			"application/octet-stream": binary, "text/csv": binary,
			"multipart/form-data": {Schema: &huma.Schema{
				Type: huma.TypeObject, Required: []string{"file"},
				Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary"}},
			}},
		},
	}
}

// receive writes the file of a call into the folder of files, as it comes. Its name is the
// first of those that are given, that which was sent with it, and another.
func (s *server) receive(ctx context.Context, given, other string) (uploaded, error) {
	r := requestOf(ctx)
	body, sent, err := fileOf(r)
	if err != nil {
		return uploaded{}, badBody(ctx, err)
	}
	got, err := inbox.Receive(s.Files, body, s.UploadMax)
	if err != nil {
		return uploaded{}, badBody(ctx, err)
	}
	return uploaded{got, inbox.BaseName(cmp.Or(given, sent, other))}, nil
}

// badBody tells a body that is too large, or none, from a defect of ours.
func badBody(ctx context.Context, err error) error {
	switch {
	case is[*http.MaxBytesError](err), errors.Is(err, inbox.ErrTooLarge):
		return problemOf(ctx, codeTooLarge, err.Error())
	case is[*inbox.ReadError](err), errors.Is(err, inbox.ErrEmpty), errors.Is(err, errNoPart):
		return problemOf(ctx, codeRequest, err.Error())
	default:
		return err
	}
}

// errNoPart is returned for a form without a file.
var errNoPart = errors.New("the form has no part \"file\" among its first ones")

// fileOf is the file of a request: its body, or the part "file" of a form.
func fileOf(r *http.Request) (body io.Reader, name string, err error) {
	kind, parameters, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // of anything else nothing is believed
	if kind != "multipart/form-data" {
		_, disposition, _ := mime.ParseMediaType(r.Header.Get("Content-Disposition"))
		return r.Body, disposition["filename"], nil
	}
	form := multipart.NewReader(r.Body, parameters["boundary"])
	for range 16 { // parts before the file, at most
		part, err := form.NextPart()
		if err != nil {
			return nil, "", &inbox.ReadError{Err: err}
		}
		if part.FormName() == "file" {
			return part, part.FileName(), nil
		}
	}
	return nil, "", errNoPart
}
