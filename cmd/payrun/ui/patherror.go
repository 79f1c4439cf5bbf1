package ui

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// wordPath says what is wrong with the file or folder that an error of the system is about,
// and what mends it. Is is false of other errors.
func (u *UI) wordPath(err error) (sentence string, hints []string, is bool) {
	wrong, is := errors.AsType[*fs.PathError](err)
	if !is {
		return "", nil, false
	}
	path := wrong.Path
	info, found := os.Stat(path)
	above := filepath.Dir(path)
	over, noFolder := os.Stat(above)
	var kind string
	switch {
	case errors.Is(wrong.Err, fs.ErrPermission):
		kind = "permission"
	case errors.Is(noFolder, fs.ErrNotExist):
		path, kind = above, "no_folder"
	case noFolder == nil && !over.IsDir():
		path, kind = above, "file"
	case errors.Is(wrong.Err, fs.ErrNotExist):
		kind = "missing"
	case found == nil && info.IsDir():
		kind = "folder"
	case found == nil && wrong.Op == "mkdir":
		kind = "file"
	default:
		return "", nil, false
	}
	return u.Text("path."+kind, "path", path), []string{u.Text("path." + kind + "_hint")}, true
}
