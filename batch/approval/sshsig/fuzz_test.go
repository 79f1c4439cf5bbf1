package sshsig_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"payrun/batch/approval/sshsig"
)

// FuzzParse holds that whatever is read as a signature is written again as the same
// bytes, and that nothing but what was signed is ever verified.
func FuzzParse(f *testing.F) {
	signatures, err := filepath.Glob(filepath.Join("testdata", "openssh", "*.sig"))
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range signatures {
		s, err := sshsig.Parse(read(f, path))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(s.Blob())
	}
	f.Fuzz(func(t *testing.T, blob []byte) {
		s, err := sshsig.ParseBlob(blob)
		if err != nil {
			return
		}
		if !bytes.Equal(s.Blob(), blob) {
			t.Fatalf("%x is written again as %x", blob, s.Blob())
		}
		again, err := sshsig.Parse(s.Armour())
		if err != nil && len(blob) < 32<<10 || err == nil && !bytes.Equal(again.Blob(), blob) {
			t.Fatalf("%x in armour: %v", blob, err)
		}
		if _, err := verify(text, s, origin); err == nil {
			t.Fatalf("%x passes for a text that nobody signed", blob)
		}
	})
}

// FuzzParseAllowedSigners holds that a list that is read says the same when it is
// written again.
func FuzzParseAllowedSigners(f *testing.F) {
	f.Add([]byte(`awa namespaces="git,file",valid-after="20261130080000Z" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICSsaCwSQYr1DzU1CVErJUE7doQ46Myrx2qynjfLmBao comment` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		signers, err := sshsig.ParseAllowedSigners(text)
		if err != nil {
			return
		}
		written, err := sshsig.FormatAllowedSigners(signers)
		if err != nil {
			return // valid never
		}
		again, err := sshsig.ParseAllowedSigners(written)
		if err != nil || len(again) != len(signers) {
			t.Fatalf("%q is written as %q: %v", text, written, err)
		}
		if twice, _ := sshsig.FormatAllowedSigners(again); !bytes.Equal(twice, written) {
			t.Fatalf("%q and then %q", written, twice)
		}
	})
}
