package audit_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"payrun/batch/audit"
)

// packed is the archive of a folder that holds.
func packed(t *testing.T) ([]byte, string) {
	t.Helper()
	folder, _ := exported(t)
	var archive bytes.Buffer
	if err := audit.Pack(&archive, folder, "november-evidence"); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes(), folder
}

// TestAnArchiveIsTheFolder: unpacked it has the same files, and is verified again.
func TestAnArchiveIsTheFolder(t *testing.T) {
	archive, folder := packed(t)
	to := filepath.Join(t.TempDir(), "new", "folder")
	result, err := audit.Unpack(t.Context(), bytes.NewReader(archive), int64(len(archive)), to)
	if err != nil || result.Index.Batch != "november" {
		t.Fatalf("%+v, %v", result, err)
	}
	for _, name := range names(t, folder) {
		before, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if after, err := os.ReadFile(filepath.Join(to, name)); err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s is another one: %v", name, err)
		}
	}
	if info, err := os.Stat(filepath.Join(to, "SHA256SUMS")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v, want it for its owner alone", info, err)
	}
	if _, err := audit.Unpack(t.Context(), bytes.NewReader(archive), int64(len(archive)), to); !errors.Is(err, audit.ErrTaken) {
		t.Errorf("%v, want it to replace nothing", err)
	}
}

// TestAnArchiveLeadsNowhereElse, whatever its names are, and half of one leaves nothing.
func TestAnArchiveLeadsNowhereElse(t *testing.T) {
	whole, _ := packed(t)
	archives := map[string][]byte{"half of it": whole[:len(whole)/2], "no archive": []byte("evidence"), "nothing": nil}
	for what, header := range map[string]zip.FileHeader{
		"up":         {Name: "november-evidence/../../outside"},
		"from root":  {Name: "/etc/outside"},
		"no folder":  {Name: "outside"},
		"a link":     {Name: "november-evidence/outside"},
		"a doubling": {Name: "november-evidence/SHA256SUMS"},
	} {
		if what == "a link" {
			header.SetMode(fs.ModeSymlink | 0o777)
		}
		archives[what] = with(t, whole, header)
	}
	for what, archive := range archives {
		place := t.TempDir()
		_, err := audit.Unpack(t.Context(), bytes.NewReader(archive), int64(len(archive)), filepath.Join(place, "in", "folder"))
		if err == nil || (what != "a doubling" && !errors.Is(err, audit.ErrArchive)) {
			t.Errorf("%s: %v, want it refused", what, err)
		}
		err = filepath.WalkDir(place, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				t.Errorf("%s left %s", what, path)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// with is an archive with one more file.
func with(t *testing.T, archive []byte, header zip.FileHeader) []byte {
	t.Helper()
	from, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	to := zip.NewWriter(&out)
	for _, file := range from.File {
		if err := to.Copy(file); err != nil {
			t.Fatal(err)
		}
	}
	file, err := to.CreateHeader(&header)
	if err == nil {
		_, err = file.Write([]byte("/etc/passwd"))
	}
	if err := errors.Join(err, to.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
