package fsx

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"
)

// replacement is a file that will take the place of another.
type replacement struct {
	*os.File

	path   string
	closed bool
	done   bool
}

// newReplacement begins one beside the path whose file it is to replace. Who may read it
// is left to the folder, as Windows has it; a mode without writing makes it read-only.
func newReplacement(path string, mode fs.FileMode) (*replacement, error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"*")
	if err != nil {
		return nil, err
	}
	r := &replacement{File: file, path: path}
	if err := file.Chmod(mode); err != nil {
		return nil, errors.Join(err, r.Cleanup())
	}
	return r, nil
}

// CloseAtomicallyReplace has the file on the disk and gives it the other's name.
func (r *replacement) CloseAtomicallyReplace() error {
	if err := r.Sync(); err != nil {
		return err
	}
	r.closed = true
	if err := r.Close(); err != nil {
		return err
	}
	if err := Replace(r.Name(), r.path); err != nil {
		return err
	}
	r.done = true
	return nil
}

// Cleanup removes the file, unless it has its name.
func (r *replacement) Cleanup() error {
	if r.done {
		return nil
	}
	var err error
	if !r.closed {
		r.closed = true
		err = r.Close()
	}
	if removed := os.Remove(r.Name()); removed != nil {
		return errors.Join(err, removed)
	}
	r.done = true
	return err
}

// Replace gives a file another's name in one step, even if somebody who shares its
// deletion, as Open does, has that other open. Where the file system knows no such step,
// it is a rename on disk when Replace returns.
func Replace(from, to string) error {
	err := replaceOpen(from, to)
	if err == nil {
		return nil
	}
	source, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	target, err := windows.UTF16PtrFromString(to)
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	if err := windows.MoveFileEx(source, target, windows.MOVEFILE_REPLACE_EXISTING|windows.MOVEFILE_WRITE_THROUGH); err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}

// renameInfo is FILE_RENAME_INFO with room for a path.
type renameInfo struct {
	flags    uint32
	root     windows.Handle
	length   uint32
	fileName [windows.MAX_LONG_PATH]uint16
}

// replaceOpen renames as POSIX has it: who has the replaced file open keeps it.
func replaceOpen(from, to string) (err error) {
	absolute, err := filepath.Abs(to)
	if err != nil {
		return err
	}
	name, err := windows.UTF16FromString(absolute)
	if err != nil {
		return err
	}
	source, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return err
	}
	const shared = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE
	handle, err := windows.CreateFile(source, windows.DELETE|windows.SYNCHRONIZE, shared, nil,
		windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL|windows.FILE_FLAG_WRITE_THROUGH, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, windows.CloseHandle(handle)) }()
	info := renameInfo{flags: windows.FILE_RENAME_REPLACE_IF_EXISTS | windows.FILE_RENAME_POSIX_SEMANTICS}
	if len(name) > len(info.fileName) {
		return windows.ERROR_FILENAME_EXCED_RANGE
	}
	copy(info.fileName[:], name)
	const bytesPerUnit = 2
	info.length = uint32(len(name)-1) * bytesPerUnit
	return windows.SetFileInformationByHandle(handle, windows.FileRenameInfoEx,
		(*byte)(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
}
