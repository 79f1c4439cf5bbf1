package sshsig_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"payrun/batch/approval/sshsig"
)

// TestOpenSSHsOwnVectors reads the signatures of OpenSSH's own tests (folder
// regress/unittests/sshsig/testdata of openssh-portable, BSD licence): made by its
// tools, by plugged in keys and, in ecdsa_sk_webauthn, by a real passkey in a browser,
// which did not ask for PIN or finger.
func TestOpenSSHsOwnVectors(t *testing.T) {
	folder := filepath.Join("testdata", "openssh")
	message := read(t, filepath.Join(folder, "signed-data"))
	signatures, err := filepath.Glob(filepath.Join(folder, "*.sig"))
	if err != nil || len(signatures) != 6 {
		t.Fatalf("%d vectors: %v", len(signatures), err)
	}
	for _, path := range signatures {
		name := strings.TrimSuffix(filepath.Base(path), ".sig")
		key, _, _, _, err := ssh.ParseAuthorizedKey(read(t, filepath.Join(folder, name+".pub")))
		if err != nil {
			t.Fatal(err)
		}
		s, err := sshsig.Parse(read(t, path))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := sshsig.Expect{Namespace: "unittest"}
		proof, err := sshsig.Verify(bytes.NewReader(message), s, want)
		if name == "ecdsa_sk_webauthn" {
			if !errors.Is(err, sshsig.ErrUserVerification) {
				t.Errorf("%s: %v", name, err)
			}
		} else if err != nil || !bytes.Equal(proof.Key.Marshal(), key.Marshal()) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := sshsig.Verify(bytes.NewReader(message[1:]), s, want); !errors.Is(err, sshsig.ErrSignature) {
			t.Errorf("%s, with another text: %v", name, err)
		}
	}
}

// TestUnusualSignaturesAreRefused reads what ssh-keygen would not write.
func TestUnusualSignaturesAreRefused(t *testing.T) {
	armoured := string(read(t, filepath.Join("testdata", "openssh", "ed25519.sig")))
	if _, err := sshsig.Parse([]byte("\n" + strings.ReplaceAll(armoured, "\n", "\r\n") + "\r\n")); err != nil {
		t.Errorf("with line ends of another system: %v", err)
	}
	for name, broken := range map[string]string{
		"empty":              "",
		"no header":          strings.Replace(armoured, "BEGIN", "BEGINS", 1),
		"something in front": "signed:\n" + armoured,
		"something behind":   armoured + "x",
		"a second one":       armoured + armoured,
		"spaces":             strings.Replace(armoured, "U1NI", "U1 NI", 1),
		"too long":           strings.Replace(armoured, "\n", "\n"+strings.Repeat("\n", 70_000), 1),
	} {
		if _, err := sshsig.Parse([]byte(broken)); !errors.Is(err, sshsig.ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
