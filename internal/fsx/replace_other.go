//go:build !windows

package fsx

import (
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// replacement is a file that will take the place of another.
type replacement = renameio.PendingFile

// newReplacement begins one beside the path whose file it is to replace.
func newReplacement(path string, mode fs.FileMode) (*replacement, error) {
	return renameio.NewPendingFile(path, renameio.WithPermissions(mode), renameio.WithTempDir(filepath.Dir(path)))
}

// Replace gives a file another's name in one step, whoever has that other open.
func Replace(from, to string) error { return os.Rename(from, to) }
