package console

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"payrun/batch/inbox"
	"payrun/batch/intake"
	"payrun/ledger"
)

// uploadsPage is the form that takes a file, and the files that wait.
type uploadsPage struct {
	Waiting []inbox.Upload
	// MaxMB bounds a file, Days is how long one waits.
	MaxMB, Days int64
	// Name is the batch's as the form has it; Wrong is the key of what is wrong, empty for nothing.
	Name, Wrong string
}

// showUploads shows the form.
func (s *server) showUploads(w http.ResponseWriter, r *http.Request) error {
	return s.uploadsPage(w, r, http.StatusOK, "", "")
}

func (s *server) uploadsPage(w http.ResponseWriter, r *http.Request, status int, name, wrong string) error {
	waiting, err := s.inbox.List(visitorOf(r).Person)
	if err != nil {
		return err
	}
	return s.renderAs(w, r, status, "uploads", uploadsPage{
		Waiting: waiting, MaxMB: s.UploadMax >> 20, Days: int64(inbox.KeptFor.Hours()) / 24, Name: name, Wrong: wrong,
	})
}

// upload takes a file in, and leads to what was understood of it.
func (s *server) upload(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	got, err := s.receive(form)
	if err != nil {
		return s.notTaken(w, r, form.name, err)
	}
	id := ledger.BatchID(form.name)
	if form.name == "" {
		id = intake.IDFromFile(inbox.BaseName(form.file))
	} else if !intake.ValidID(form.name) {
		got.Discard()
		return s.uploadsPage(w, r, http.StatusUnprocessableEntity, form.name, "console.upload.bad_name")
	}
	up, err := s.inbox.Add(got, form.file, id, visitorOf(r).Person)
	if err != nil {
		got.Discard()
		return s.notTaken(w, r, form.name, err)
	}
	s.redirect(w, r, uploadPath(up, ""))
	return nil
}

// notTaken says on the form why a file was not taken.
func (s *server) notTaken(w http.ResponseWriter, r *http.Request, name string, err error) error {
	_, broken := isA[*inbox.ReadError](err)
	_, tooLarge := isA[*http.MaxBytesError](err)
	switch {
	case tooLarge, errors.Is(err, inbox.ErrTooLarge):
		w.Header().Set("Connection", "close") // what is still under way is no request
		return s.uploadsPage(w, r, http.StatusRequestEntityTooLarge, name, "console.upload.too_large")
	case errors.Is(err, inbox.ErrEmpty):
		return s.uploadsPage(w, r, http.StatusUnprocessableEntity, name, "console.upload.no_file")
	case errors.Is(err, inbox.ErrFull):
		return s.uploadsPage(w, r, http.StatusConflict, name, "console.upload.full")
	case broken:
		return errRequest
	}
	return err
}

// uploadPath is the address of an upload's page, or of a part of it.
func uploadPath(up inbox.Upload, part string) string { return "/uploads/" + up.ID + part }

// fileForm is a form with a file, as it comes: its fields stand before the file.
type fileForm struct {
	parts *multipart.Reader
	// name is the field "batch", file what the sender calls the file.
	name, file string
}

// formOf begins to read a form of a file.
func formOf(r *http.Request) (*fileForm, error) {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || parameters["boundary"] == "" {
		return nil, errRequest
	}
	return &fileForm{parts: multipart.NewReader(r.Body, parameters["boundary"])}, nil
}

// receive reads the form to the file, and writes that down as it comes.
func (s *server) receive(form *fileForm) (inbox.Received, error) {
	const partsMax, fieldMax = 16, 1 << 10
	for range partsMax {
		part, err := form.parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return inbox.Received{}, &inbox.ReadError{Err: err}
		}
		switch part.FormName() {
		case "batch":
			text, err := io.ReadAll(io.LimitReader(part, fieldMax))
			if err != nil {
				return inbox.Received{}, &inbox.ReadError{Err: err}
			}
			form.name = strings.TrimSpace(string(text))
		case "file":
			form.file = cmp.Or(part.FileName(), "upload")
			got, err := inbox.Receive(s.Files, part, s.UploadMax)
			if err != nil {
				return got, fmt.Errorf("take the file: %w", err)
			}
			return got, nil
		}
	}
	return inbox.Received{}, inbox.ErrEmpty
}

// removeUpload takes a file back that was not submitted.
func (s *server) removeUpload(w http.ResponseWriter, r *http.Request) error {
	up, err := s.uploadOf(r)
	if err != nil {
		return err
	}
	if err := s.submits.apart(up.ID, func() error { return s.inbox.Remove(up) }); err != nil {
		return err
	}
	s.checks.forget(up.ID)
	s.done(w, r, "/uploads", "removed")
	return nil
}

// uploadOf is the visitor's upload that a request's path names.
func (s *server) uploadOf(r *http.Request) (inbox.Upload, error) {
	up, err := s.inbox.Get(r.PathValue("upload"), visitorOf(r).Person)
	if errors.Is(err, inbox.ErrUnknown) {
		err = errNowhere
	}
	return up, err
}
