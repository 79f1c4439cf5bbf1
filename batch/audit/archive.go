package audit

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"payrun/internal/fsx"
)

// Pack writes a folder as a zip archive that has it under a name, with the times of now. What was
// written is an archive only if the error is nil.
func Pack(w io.Writer, folder, name string) error {
	archived := zip.NewWriter(w)
	now := time.Now()
	err := fs.WalkDir(os.DirFS(folder), ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		to, err := archived.CreateHeader(&zip.FileHeader{Name: path.Join(name, file), Method: zip.Deflate, Modified: now})
		if err != nil {
			return err
		}
		from, err := open(at(folder, file))
		if err != nil {
			return err
		}
		_, err = io.Copy(to, from)
		return errors.Join(err, from.Close())
	})
	return errors.Join(err, archived.Close())
}

// ErrArchive is returned for an archive that Pack did not write.
var ErrArchive = errors.New("it is no archive of evidence")

// Unpack writes the folder that an archive of Pack has, of so many bytes, and verifies it. As with
// Export the folder appears whole, and for its owner alone to read, or not at all.
func Unpack(ctx context.Context, archive io.ReaderAt, size int64, folder string) (Result, error) {
	reader, err := zip.NewReader(archive, size)
	if err != nil {
		return Result{}, fmt.Errorf("%w: %w", ErrArchive, err)
	}
	return draw(folder, func(d draft) (Result, error) {
		for _, file := range reader.File {
			if err := d.unpack(file); err != nil {
				return Result{}, fmt.Errorf("unpack %q: %w", file.Name, err)
			}
		}
		return Verify(ctx, d.folder, Known{})
	})
}

// unpack writes a file of an archive. Its name begins with the folder's, and leads nowhere else.
func (d draft) unpack(file *zip.File) error {
	root, name, within := strings.Cut(file.Name, "/")
	if !within || root == "" || !file.Mode().IsRegular() || !filepath.IsLocal(filepath.FromSlash(name)) {
		return ErrArchive
	}
	content, err := file.Open()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrArchive, err)
	}
	to, err := d.create(name)
	if err != nil {
		return errors.Join(err, content.Close())
	}
	_, err = io.Copy(to, content) //nolint:gosec // as large as the server that is trusted with payments has it
	return errors.Join(err, to.close(), content.Close())
}

// draw makes a folder under another name and gives it its own once it is done.
func draw(folder string, do func(draft) (Result, error)) (Result, error) {
	folder = filepath.Clean(folder)
	if !fsx.Missing(folder) {
		return Result{}, fmt.Errorf("%s: %w", folder, ErrTaken)
	}
	parent := filepath.Dir(folder)
	if err := os.MkdirAll(parent, folderMode); err != nil {
		return Result{}, err
	}
	drawn, err := os.MkdirTemp(parent, ".payrun-evidence-*")
	if err != nil {
		return Result{}, err
	}
	defer os.RemoveAll(drawn) //nolint:errcheck // under its own name nothing is left of it
	result, err := do(draft{drawn})
	if err != nil {
		return result, err
	}
	return result, publish(drawn, folder)
}
