package inbox

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode"

	"payrun/internal/fsx"
)

// ErrEmpty is returned for a file without a byte, ErrTooLarge for one above the bound.
var (
	ErrEmpty    = errors.New("no file was sent")
	ErrTooLarge = errors.New("the file is larger than is taken")
)

// ReadError is a body that could not be read to its end.
type ReadError struct{ Err error }

func (e *ReadError) Error() string { return "the body could not be read: " + e.Err.Error() }

// Unwrap returns why.
func (e *ReadError) Unwrap() error { return e.Err }

// Received is a file as it was sent, under a name that only this server knows.
type Received struct {
	// Path is where it lies, Size how many bytes it has, SHA256 their digest in hex.
	Path   string
	Size   int64
	SHA256 string
}

// Receive writes a body into a folder as it comes, at most so many bytes. The error is ErrEmpty,
// ErrTooLarge, a *ReadError, or the system's.
func Receive(folder string, body io.Reader, most int64) (Received, error) {
	file, err := os.CreateTemp(folder, "incoming-*")
	if err != nil {
		return Received{}, fmt.Errorf("keep the upload: %w", err)
	}
	read := &reading{body: io.LimitReader(body, most+1)}
	sum := sha256.New()
	got := Received{Path: file.Name()}
	got.Size, err = io.Copy(io.MultiWriter(file, sum), read)
	got.SHA256 = hex.EncodeToString(sum.Sum(nil))
	switch {
	case read.failed != nil:
		err = &ReadError{read.failed}
	case err != nil:
		err = fmt.Errorf("keep the upload: %w", err)
	case got.Size > most:
		err = fmt.Errorf("%w: at most %d bytes", ErrTooLarge, most)
	case got.Size == 0:
		err = ErrEmpty
	}
	if err = errors.Join(err, file.Close()); err != nil {
		got.Discard()
		return Received{}, err
	}
	return got, nil
}

// reading tells a body that fails from a disk that does.
type reading struct {
	body   io.Reader
	failed error
}

func (r *reading) Read(p []byte) (int, error) {
	n, err := r.body.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.failed = err
	}
	return n, err
}

// Keep gives the file its lasting name in a folder of the same disk, which is the digest of its
// bytes, and makes it durable: evidence may ask for it in years.
func (r Received) Keep(folder string) error {
	if err := fsx.Sync(r.Path); err != nil {
		return fmt.Errorf("keep the upload: %w", err)
	}
	return os.Rename(r.Path, filepath.Join(folder, r.SHA256))
}

// Discard removes the file, unless it was kept.
func (r Received) Discard() { _ = os.Remove(r.Path) } // it is in nobody's way

// BaseName is a file's name, as a sender gives it, without whatever could lead elsewhere.
func BaseName(name string) string {
	const longest = 128
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || c == unicode.ReplacementChar {
			return -1
		}
		return c
	}, name)
	if name == "" || name == "." || name == ".." || name == "/" {
		return "upload"
	}
	if characters := []rune(name); len(characters) > longest {
		// The ending says to a person what it is.
		ending := []rune(path.Ext(name))
		if len(ending) > longest/2 {
			ending = nil
		}
		name = string(characters[:longest-len(ending)]) + string(ending)
	}
	return name
}
