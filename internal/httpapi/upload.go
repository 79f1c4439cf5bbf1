package httpapi

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"payrun/internal/fsx"
)

// uploaded is a file as it was sent, kept under a name of its own.
type uploaded struct {
	// Path is where it lies, Name what the sender calls it.
	Path, Name string
	SHA256     string
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
	name := cmp.Or(given, sent, other)
	file, err := os.CreateTemp(s.Files, "incoming-*")
	if err != nil {
		return uploaded{}, fmt.Errorf("keep the upload: %w", err)
	}
	up := uploaded{Path: file.Name(), Name: baseName(name)}
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(file, sum), io.LimitReader(body, s.UploadMax+1))
	up.SHA256 = hex.EncodeToString(sum.Sum(nil))
	switch {
	case err != nil:
		err = badBody(ctx, err)
	case size > s.UploadMax:
		err = problemOf(ctx, codeTooLarge, fmt.Sprintf("a file has at most %d bytes", s.UploadMax))
	case size == 0:
		err = problemOf(ctx, codeRequest, "no file was sent")
	}
	if err = errors.Join(err, file.Close()); err != nil {
		up.discard()
		return uploaded{}, err
	}
	return up, nil
}

// badBody tells a body that is too large, or none, from a defect of ours.
func badBody(ctx context.Context, err error) error {
	if is[*http.MaxBytesError](err) {
		return problemOf(ctx, codeTooLarge, err.Error())
	}
	return problemOf(ctx, codeRequest, "the body could not be read: "+err.Error())
}

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
			return nil, "", fmt.Errorf("the form has no part \"file\": %w", err)
		}
		if part.FormName() == "file" {
			return part, part.FileName(), nil
		}
	}
	return nil, "", errors.New("the form has no part \"file\" among its first ones")
}

// baseName is a file's name without whatever could lead elsewhere.
func baseName(name string) string {
	const longest = 128
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || c == unicode.ReplacementChar {
			return -1
		}
		return c
	}, name)
	if name == "" || name == "." || name == ".." || name == "/" {
		return "upload"
	}
	if runes := []rune(name); len(runes) > longest {
		name = string(runes[:longest])
	}
	return name
}

// keep gives an accepted file its lasting name, which is the digest of its bytes, and makes it
// durable: evidence may ask for it in years.
func (u uploaded) keep() error {
	if err := fsx.Sync(u.Path); err != nil {
		return fmt.Errorf("keep the upload: %w", err)
	}
	return os.Rename(u.Path, filepath.Join(filepath.Dir(u.Path), u.SHA256))
}

func (u uploaded) discard() { _ = os.Remove(u.Path) } // it is in nobody's way
