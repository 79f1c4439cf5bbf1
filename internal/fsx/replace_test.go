package fsx_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"payrun/internal/fsx"
)

// TestAFileThatSomebodyReadsIsReplaced, and whoever reads it keeps what it had.
func TestAFileThatSomebodyReadsIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.html")
	if err := fsx.WriteFile(path, []byte("yesterday's"), 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := fsx.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if err := fsx.WriteFile(path, []byte("today's"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := fsx.ReadFile(path); err != nil || string(text) != "today's" {
		t.Errorf("the name has %q, %v", text, err)
	}
	if text, err := io.ReadAll(reader); err != nil || string(text) != "yesterday's" {
		t.Errorf("the reader has %q, %v", text, err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestAFileThatCannotBeReplacedStays as it was, and nothing lies beside it.
func TestAFileThatCannotBeReplacedStays(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "taken")
	if err := os.MkdirAll(filepath.Join(path, "by a folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := fsx.WriteFile(path, nil, 0o600); err == nil {
		t.Error("a folder was replaced")
	}
	names, err := os.ReadDir(folder)
	if err != nil || len(names) != 1 {
		t.Errorf("%v, %v", names, err)
	}
}

// TestFilesAndFoldersAreSynced on every system, whether it can or does so by itself.
func TestFilesAndFoldersAreSynced(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "file")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{path, folder} {
		if err := fsx.Sync(path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}
