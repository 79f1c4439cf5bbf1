package audit_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"payrun/batch/audit"
	"payrun/batch/audit/audittest"
)

// TestAnAuditorNeedsNoPayrun does what the instructions of a folder say, in both languages,
// with public tools only.
func TestAnAuditorNeedsNoPayrun(t *testing.T) {
	a := audittest.New(t)
	folder, _ := exported(t)
	store := world(t)
	plain := options(t, store, nil)
	plain.Files = nil
	if _, err := audit.Export(t.Context(), store, plain); err != nil {
		t.Fatal(err)
	}
	for name, folder := range map[string]string{"signed": folder, "not signed": plain.Folder} {
		english, french := audittest.Commands(t, folder, "VERIFY.md"), audittest.Commands(t, folder, "VERIFIER.md")
		if strings.Join(english, "") != strings.Join(french, "") {
			t.Errorf("%s: the commands are others in French", name)
		}
		if _, err := a.Audit(t, folder, english); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// everyByte is the variable that has the auditor's programs, of which each look takes a
// dozen, look for every byte that is changed.
const everyByte = "PAYRUNTEST_EVERY_BYTE"

// TestOneByteChangedAnywhereIsNoticed, by the auditor's commands and by Verify: in every
// file, at its ends and in between, and at every place of the sums and their signature. Of
// those places the auditor looks at one in eight, others each time.
func TestOneByteChangedAnywhereIsNoticed(t *testing.T) {
	a := audittest.New(t)
	folder, _ := exported(t)
	steps := audittest.Commands(t, folder, "VERIFY.md")
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	const few = 6 // places of a file that is not the sums or their signature
	share := 8
	switch {
	case os.Getenv(everyByte) != "":
		share = 1
	case testing.Short():
		share = 16
	}
	offset := random.IntN(share)
	for _, name := range names(t, folder) {
		path := filepath.Join(folder, name)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		places := map[int]bool{0: true, len(text) - 1: true, len(text) / 2: true}
		for range 3 {
			places[random.IntN(len(text))] = true
		}
		if strings.HasPrefix(name, "SHA256SUMS") {
			for place := range text {
				places[place] = true
			}
		}
		for place := range places {
			altered := append([]byte(nil), text...)
			for altered[place] == text[place] {
				altered[place] = " \nA=+/0"[random.IntN(7)]
			}
			if err := os.WriteFile(path, altered, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := verify(t, folder); !errors.Is(err, audit.ErrWrong) {
				t.Errorf("%s: byte %d is %q instead of %q: Verify says %v", name, place, altered[place], text[place], err)
			}
			if (len(places) > few || testing.Short()) && (place+offset)%share != 0 {
				continue
			}
			if _, err := a.Audit(t, folder, steps); err == nil {
				t.Errorf("%s: byte %d is %q instead of %q, and the auditor saw nothing", name, place, altered[place], text[place])
			}
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.Audit(t, folder, steps); err != nil {
		t.Errorf("put back as it was: %v", err)
	}
}

// TestNoOtherVersionOfASignatureIsTaken: ssh-keygen takes an older one for the same, and no
// signature covers its own version.
func TestNoOtherVersionOfASignatureIsTaken(t *testing.T) {
	a := audittest.New(t)
	folder, _ := exported(t)
	steps := audittest.Commands(t, folder, "VERIFY.md")
	path := filepath.Join(folder, "SHA256SUMS.sig")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	altered := strings.Replace(string(text), "\nU1NIU0lHAAAAAQ", "\nU1NIU0lHAAAAAA", 1)
	if altered == string(text) {
		t.Fatal("the signature does not begin with its version")
	}
	if err := os.WriteFile(path, []byte(altered), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := verify(t, folder); !errors.Is(err, audit.ErrWrong) {
		t.Errorf("Verify says %v", err)
	}
	if _, err := a.Audit(t, folder, steps); err == nil {
		t.Error("the auditor saw nothing")
	}
}

// TestAFileMoreOrLessIsNoticed, and what is no file.
func TestAFileMoreOrLessIsNoticed(t *testing.T) {
	a := audittest.New(t)
	folder, _ := exported(t)
	steps := audittest.Commands(t, folder, "VERIFY.md")
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(folder string) error{
		"a file more":      func(folder string) error { return os.WriteFile(filepath.Join(folder, "log", "more"), nil, 0o600) },
		"a hidden file":    func(folder string) error { return os.WriteFile(filepath.Join(folder, ".more"), nil, 0o600) },
		"a name to excuse": func(folder string) error { return os.WriteFile(filepath.Join(folder, "log", "SHA256SUMS"), nil, 0o600) },
		"a link":           func(folder string) error { return os.Symlink(outside, filepath.Join(folder, "link")) },
		"a file less":      func(folder string) error { return os.Remove(filepath.Join(folder, "reports", "report.html")) },
		"no signature":     func(folder string) error { return os.Remove(filepath.Join(folder, "SHA256SUMS.sig")) },
		"no sums":          func(folder string) error { return os.Remove(filepath.Join(folder, "SHA256SUMS")) },
		"a link instead": func(folder string) error {
			name := filepath.Join(folder, "list.jsonl")
			return errors.Join(os.Rename(name, outside), os.Symlink(outside, name))
		},
	} {
		altered := copyOf(t, folder)
		if err := change(altered); err != nil {
			t.Fatal(err)
		}
		if _, err := verify(t, altered); !errors.Is(err, audit.ErrWrong) {
			t.Errorf("%s: Verify says %v", name, err)
		}
		// A link to the same bytes is the same evidence to whoever reads it.
		if _, err := a.Audit(t, altered, steps); err == nil && name != "a link instead" {
			t.Errorf("%s: the auditor saw nothing", name)
		}
	}
	if _, err := verify(t, t.TempDir()); !errors.Is(err, audit.ErrNoEvidence) {
		t.Errorf("%v, want ErrNoEvidence", err)
	}
}
