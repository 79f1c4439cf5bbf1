package anchor_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"payrun/ledger/anchor"
)

func someHead() anchor.Head {
	return anchor.Head{Events: 42, Hash: strings.Repeat("ab", 32)}
}

func keyIn(t *testing.T, folder string) *anchor.Key {
	t.Helper()
	key, err := anchor.Open(folder).Key()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestACheckpointSaysWhatWasSigned(t *testing.T) {
	key := keyIn(t, t.TempDir())
	text, err := key.Sign("0123abcd", someHead())
	if err != nil {
		t.Fatal(err)
	}
	id, head, err := anchor.Verify(text, key.Public())
	if err != nil || id != "0123abcd" || head != someHead() {
		t.Errorf("ledger %q, head %+v, %v, want what was signed", id, head, err)
	}
	if lines := strings.Split(text, "\n"); lines[0] != "payrun-ledger/0123abcd" || lines[1] != "42" || lines[3] != "" {
		t.Errorf("the checkpoint is not of the published form:\n%s", text)
	}
}

func TestAnAlteredCheckpointIsNoCheckpoint(t *testing.T) {
	key := keyIn(t, t.TempDir())
	text, err := key.Sign("0123abcd", someHead())
	if err != nil {
		t.Fatal(err)
	}
	for name, altered := range map[string]string{
		"another ledger":   strings.Replace(text, "0123", "0124", 1),
		"another count":    strings.Replace(text, "42", "43", 1),
		"another hash":     strings.Replace(text, "q6ur", "q6us", 1),
		"no signature":     text[:strings.Index(text, "\n\n")+2],
		"nothing":          "",
		"a line too few":   strings.Replace(text, "42\n", "", 1),
		"one bit of proof": text[:len(text)-5] + "AAA" + text[len(text)-2:],
	} {
		if altered == text {
			t.Fatalf("%s: nothing was altered", name)
		}
		if _, _, err := anchor.Verify(altered, key.Public()); !errors.Is(err, anchor.ErrCheckpoint) {
			t.Errorf("%s: %v, want ErrCheckpoint", name, err)
		}
	}
	if _, _, err := anchor.Verify(text, keyIn(t, t.TempDir()).Public()); !errors.Is(err, anchor.ErrCheckpoint) {
		t.Errorf("another key: %v, want ErrCheckpoint", err)
	}
	if _, err := key.Sign("0123abcd", anchor.Head{}); err == nil {
		t.Error("an empty log was signed")
	}
}

func TestTheKeyIsMadeOnceAndIsItsOwnersAlone(t *testing.T) {
	folder := t.TempDir()
	if first, second := keyIn(t, folder), keyIn(t, folder); first.Public() != second.Public() {
		t.Error("the second call made another key")
	}
	info, err := os.Stat(filepath.Join(folder, "checkpoint.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
	if left, err := filepath.Glob(filepath.Join(folder, ".*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := os.WriteFile(filepath.Join(folder, "checkpoint.key"), []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := anchor.Open(folder).Key(); err == nil {
		t.Error("rubbish was taken for a key")
	}
}

// TestTheKeySignsInOtherFormsToo with the private half of what is public.
func TestTheKeySignsInOtherFormsToo(t *testing.T) {
	key := keyIn(t, t.TempDir())
	public, err := anchor.PublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	message := []byte("sums")
	signature, err := key.Signer().Sign(rand.Reader, message, crypto.Hash(0))
	if err != nil || !ed25519.Verify(public, message, signature) {
		t.Errorf("the signature does not hold under %s: %v", key.Public(), err)
	}
	for _, other := range []string{"", "payrun-checkpoint", key.Public() + "A", "PRIVATE+KEY+" + key.Public()} {
		if _, err := anchor.PublicKey(other); !errors.Is(err, anchor.ErrCheckpoint) {
			t.Errorf("%q: %v, want ErrCheckpoint", other, err)
		}
	}
}
