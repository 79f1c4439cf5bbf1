package sshsig_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"payrun/batch/approval/sshsig"
	"payrun/batch/approval/sshsig/sshsigtest"
)

func TestAllowedSignersAreReadAsWritten(t *testing.T) {
	key := sshsigtest.NewDevice(t, "ssh:", true).PublicKey()
	day := time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)
	list := allowed(t,
		sshsig.AllowedSigner{Principal: "awa@firm", Key: key},
		sshsig.AllowedSigner{Principal: "koffi", Namespaces: []string{"git", purpose}, ValidAfter: day, ValidBefore: day.AddDate(0, 1, 0), Key: key},
		sshsig.AllowedSigner{Principal: "ibou", ValidBefore: day, Key: key})
	encoded := base64.StdEncoding.EncodeToString(key.Marshal())
	want := "awa@firm sk-ssh-ed25519@openssh.com " + encoded + "\n" +
		`koffi namespaces="git,approval@payrun",valid-after="20261130080000Z",valid-before="20261230080000Z" sk-ssh-ed25519@openssh.com ` + encoded + "\n" +
		`ibou valid-before="20261130080000Z" sk-ssh-ed25519@openssh.com ` + encoded + "\n"
	if string(list) != want {
		t.Errorf("written as\n%s\nwant\n%s", list, want)
	}
	signers, err := sshsig.ParseAllowedSigners(append([]byte("# a comment\n\n"), list...))
	if err != nil {
		t.Fatal(err)
	}
	if again := allowed(t, signers...); !bytes.Equal(again, list) {
		t.Errorf("read and written again:\n%s", again)
	}
}

// TestWhatIsNotCertainIsNotAllowed refuses lines that OpenSSH would read, but by rules
// that are not ours.
func TestWhatIsNotCertainIsNotAllowed(t *testing.T) {
	key := sshsigtest.NewDevice(t, "ssh:", true).PublicKey()
	tail := key.Type() + " " + base64.StdEncoding.EncodeToString(key.Marshal()) + "\n"
	for name, line := range map[string]string{
		"a pattern":       "*@firm " + tail,
		"a list":          "awa,koffi " + tail,
		"an authority":    "awa cert-authority " + tail,
		"local time":      `awa valid-before="20261130" ` + tail,
		"unknown option":  `awa no-touch-required="x" ` + tail,
		"twice":           `awa namespaces="git",namespaces="file" ` + tail,
		"a pattern again": `awa namespaces="*" ` + tail,
		"unquoted":        "awa namespaces=git " + tail,
		"no end":          `awa namespaces="git", ` + tail,
		"no key":          "awa ssh-ed25519\n",
		"broken key":      "awa ssh-ed25519 AAAA\n",
		"another key":     "awa ssh-ed25519 " + base64.StdEncoding.EncodeToString(key.Marshal()) + "\n",
	} {
		if signers, err := sshsig.ParseAllowedSigners([]byte(line)); !errors.Is(err, sshsig.ErrAllowedSigners) {
			t.Errorf("%s: %v, %v", name, signers, err)
		}
	}
	for _, s := range []sshsig.AllowedSigner{
		{Principal: "", Key: key},
		{Principal: "awa koné", Key: key},
		{Principal: "awa", Namespaces: []string{`"`}, Key: key},
		{Principal: "awa", ValidAfter: time.Unix(10, 0), ValidBefore: time.Unix(5, 0), Key: key},
	} {
		if list, err := sshsig.FormatAllowedSigners([]sshsig.AllowedSigner{s}); !errors.Is(err, sshsig.ErrAllowedSigners) {
			t.Errorf("written: %s", list)
		}
	}
}
