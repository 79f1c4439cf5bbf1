package audit

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"payrun/internal/fsx"
)

const (
	folderMode fs.FileMode = 0o700
	fileMode   fs.FileMode = 0o600
)

// draft is a folder that is being written under another name.
type draft struct{ folder string }

// output is a file of a draft.
type output struct {
	*bufio.Writer
	file *os.File
}

func (d draft) create(name string) (*output, error) {
	path := at(d.folder, name)
	if err := os.MkdirAll(filepath.Dir(path), folderMode); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, fileMode) //nolint:gosec // a name of ours in our own folder
	if err != nil {
		return nil, err
	}
	return &output{bufio.NewWriter(file), file}, nil
}

// restart forgets what was written so far.
func (o *output) restart() error {
	o.Reset(o.file)
	if err := o.file.Truncate(0); err != nil {
		return err
	}
	_, err := o.file.Seek(0, io.SeekStart)
	return err
}

// close has the file on the disk.
func (o *output) close() error { return errors.Join(o.Flush(), o.file.Sync(), o.file.Close()) }

func (d draft) write(name string, content []byte) error {
	file, err := d.create(name)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.close())
}

// sums lists every file of a folder but the sums and their signature, with its SHA-256,
// as sha256sum prints it: sorted by name as the C locale does. What is no file is an
// error, since no sum speaks of it.
func sums(folder string) ([]byte, error) {
	names, err := files(folder)
	if err != nil {
		return nil, err
	}
	var text []byte
	for _, name := range names {
		digest, err := digestFile(at(folder, name))
		if err != nil {
			return nil, err
		}
		text = fmt.Appendf(text, "%s  ./%s\n", digest, name)
	}
	return text, nil
}

// errNoFile is returned for something in a folder that is neither a file nor a folder.
var errNoFile = errors.New("it is no ordinary file")

// files are the names that sums lists, in its order.
func files(folder string) ([]string, error) {
	var names []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if !entry.Type().IsRegular() {
			return fmt.Errorf("%s: %w", name, errNoFile)
		}
		if name != fileSums && name != fileSignature {
			names = append(names, name)
		}
		return nil
	})
	slices.Sort(names)
	return names, err
}

func digestFile(path string) (_ string, err error) {
	file, err := open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return fsx.SHA256Of(file)
}

// open opens an ordinary file, and nothing that leads elsewhere or waits for somebody.
func open(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|fsx.NoWaiting|fsx.NoFollowing, 0) //nolint:gosec // in the folder that is verified
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, errNoFile, file.Close())
	}
	return file, nil
}

// smallMax bounds a file that is read in one piece.
const smallMax = 1 << 20

// read returns a small file of a folder.
func read(folder, name string) (_ []byte, err error) {
	file, err := open(at(folder, name))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	text, err := io.ReadAll(io.LimitReader(file, smallMax+1))
	if err == nil && len(text) > smallMax {
		err = fmt.Errorf("longer than %d bytes", smallMax)
	}
	return text, err
}
