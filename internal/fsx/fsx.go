// Package fsx answers what package os leaves to each system: whether opening a file
// waits for somebody, whose it is, who else may write it, and when it is on the disk.
package fsx

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
)

// Open opens a file for reading and waits for nobody: a FIFO whose other end is not
// open reads as an empty file, where os.Open would wait for ever.
//
// The file may be replaced and removed meanwhile, on every system.
func Open(path string) (*os.File, error) { return open(path) }

// ReadFile is os.ReadFile by means of Open.
func ReadFile(path string) (text []byte, err error) {
	file, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return io.ReadAll(file)
}

// SHA256 returns the digest of a file's bytes in hex.
func SHA256(path string) (_ string, err error) {
	file, err := Open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return SHA256Of(file)
}

// SHA256Of returns, in hex, the digest of what is left to be read.
func SHA256Of(r io.Reader) (string, error) {
	sum := sha256.New()
	if _, err := io.Copy(sum, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Sync has a file's content, or a folder's list of names, on the disk. Where the
// system writes folders by itself and refuses to be asked, as Windows does, a folder is
// left to it.
func Sync(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.IsDir() && !foldersSync {
		return nil
	}
	file, err := os.OpenFile(path, syncAccess, 0) //nolint:gosec // the caller knows whose path it is
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// AnybodyMayWrite reports whether a file's permissions let every user of the machine
// write it. It is false where permissions do not tell.
func AnybodyMayWrite(info fs.FileInfo) bool {
	const anybody fs.FileMode = 0o002
	return permissionsTell && info.Mode().Perm()&anybody != 0
}

// othersWrite are the permissions of everybody but the owner to write.
const othersWrite fs.FileMode = 0o022

// OthersMayWrite reports whether a file's permissions let anybody but its owner write
// it. It is false where permissions do not tell.
func OthersMayWrite(info fs.FileInfo) bool {
	return permissionsTell && info.Mode().Perm()&othersWrite != 0
}
