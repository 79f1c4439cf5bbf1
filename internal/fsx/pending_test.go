package fsx_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"payrun/internal/fsx"
)

func TestAPendingFileAppearsWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "copy.csv")
	for _, step := range []struct {
		content string
		want    error
	}{{"a", nil}, {"a", nil}, {"b", fsx.ErrTaken}} {
		file, err := fsx.NewPendingFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteString(step.content); err != nil {
			t.Fatal(err)
		}
		if err := file.CompleteNew(); !errors.Is(err, step.want) {
			t.Errorf("%q: %v, want %v", step.content, err, step.want)
		}
		if err := file.Discard(); err != nil {
			t.Error(err)
		}
		if content, err := os.ReadFile(path); err != nil || string(content) != "a" {
			t.Errorf("after %q the file has %q, %v", step.content, content, err)
		}
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("%v, %v are left, want the one file", left, err)
	}
}
