//go:build unix

package fsx_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"payrun/internal/fsx"
)

// TestAFIFOWithoutAWriterIsEmpty and holds nobody up.
func TestAFIFOWithoutAWriterIsEmpty(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := fsx.ReadFile(path); err != nil || len(text) > 0 {
		t.Errorf("%q, %v", text, err)
	}
}

// TestAPipeIsReadToItsEnd as a shell's <(command) is.
func TestAPipeIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	writer, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := fsx.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	read := make(chan string)
	go func() {
		text := make([]byte, len("later"))
		n, _ := reader.Read(text)
		read <- string(text[:n])
	}()
	if _, err := writer.WriteString("later"); err != nil {
		t.Fatal(err)
	}
	if text := <-read; text != "later" {
		t.Errorf("read %q", text)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestWhoElseMayWrite(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for mode, want := range map[fs.FileMode]bool{0o600: false, 0o644: false, 0o664: true, 0o666: true, 0o602: true} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || fsx.OthersMayWrite(info) != want || !fsx.OwnedByUser(info) {
			t.Errorf("%o: others may write %t, own %t, %v", mode, fsx.OthersMayWrite(info), fsx.OwnedByUser(info), err)
		}
	}
}
