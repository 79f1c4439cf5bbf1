package sshsig_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"payrun/batch/approval/sshsig"
	"payrun/batch/approval/sshsig/sshsigtest"
)

const purpose = "approval@payrun"

var text = []byte("payouts: 58\ntotal: 12 500 000 XOF\n")

// kinds are the keys that ssh-keygen makes without a device.
var kinds = map[string][]string{
	"ed25519":   {"-t", "ed25519"},
	"ecdsa 256": {"-t", "ecdsa", "-b", "256"},
	"ecdsa 384": {"-t", "ecdsa", "-b", "384"},
	"ecdsa 521": {"-t", "ecdsa", "-b", "521"},
	"rsa":       {"-t", "rsa", "-b", "2048"},
}

func read(tb testing.TB, path string) []byte {
	tb.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

func allowed(t *testing.T, signers ...sshsig.AllowedSigner) []byte {
	t.Helper()
	list, err := sshsig.FormatAllowedSigners(signers)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func verify(message []byte, s *sshsig.Signature, origin string) (sshsig.Proof, error) {
	return sshsig.Verify(bytes.NewReader(message), s, sshsig.Expect{Namespace: purpose, Origin: origin})
}

// TestSSHKeygenAcceptsOurSignatures signs with key files, encrypted ones too, and has
// the real ssh-keygen check.
func TestSSHKeygenAcceptsOurSignatures(t *testing.T) {
	for name, options := range kinds {
		for _, passphrase := range []string{"", "correct horse"} {
			t.Run(name+" "+passphrase, func(t *testing.T) {
				t.Parallel()
				path, key := sshsigtest.KeyFile(t, passphrase, options...)
				asked := false
				signer, err := sshsig.ReadKey(read(t, path), func() ([]byte, error) {
					asked = true
					return []byte(passphrase), nil
				})
				if err != nil || asked != (passphrase != "") {
					t.Fatalf("asked for the passphrase: %t: %v", asked, err)
				}
				made, err := sshsig.Sign(signer, purpose, bytes.NewReader(text))
				if err != nil {
					t.Fatal(err)
				}
				list := allowed(t, sshsig.AllowedSigner{Principal: "awa@firm", Namespaces: []string{purpose}, Key: key})
				if err := sshsigtest.Verifies(t, list, "awa@firm", purpose, text, made.Armour()); err != nil {
					t.Error(err)
				}
				if err := sshsigtest.Verifies(t, list, "awa@firm", purpose, append(text, ' '), made.Armour()); err == nil {
					t.Error("ssh-keygen accepts it for another text")
				}
			})
		}
	}
}

// TestSSHKeygensSignaturesAreAccepted has the real ssh-keygen sign.
func TestSSHKeygensSignaturesAreAccepted(t *testing.T) {
	for name, options := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, key := sshsigtest.KeyFile(t, "", options...)
			for _, hash := range []string{"sha256", "sha512"} {
				file := sshsigtest.File(t, "approval.txt", text)
				if output, err := sshsigtest.Keygen(t, nil, "-Y", "sign", "-O", "hashalg="+hash, "-f", path, "-n", purpose, file); err != nil {
					t.Fatal(output)
				}
				armoured := read(t, file+".sig")
				s, err := sshsig.Parse(armoured)
				if err != nil {
					t.Fatal(err)
				}
				if got := s.Armour(); !bytes.Equal(got, armoured) {
					t.Errorf("written again it is\n%s\nnot\n%s", got, armoured)
				}
				proof, err := verify(text, s, "")
				if err != nil || sshsig.Fingerprint(proof.Key) != sshsig.Fingerprint(key) || proof.Hardware {
					t.Errorf("%s: %+v, %v", hash, proof, err)
				}
			}
		})
	}
}

// TestTheAgentSigns asks a real ssh-agent.
func TestTheAgentSigns(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	served := exec.CommandContext(t.Context(), sshsigtest.Tool(t, "ssh-agent"), "-D", "-a", socket)
	if err := served.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = served.Process.Kill()
		_ = served.Wait()
	})
	await(t, socket)
	keys := map[string]string{}
	for name, options := range kinds {
		path, key := sshsigtest.KeyFile(t, "", options...)
		keys[sshsig.Fingerprint(key)] = name
		add := exec.CommandContext(t.Context(), sshsigtest.Tool(t, "ssh-add"), "-q", path)
		add.Env = append(os.Environ(), "SSH_AUTH_SOCK="+socket)
		if output, err := add.CombinedOutput(); err != nil {
			t.Fatalf("ssh-add: %v: %s", err, output)
		}
	}
	agent, err := sshsig.DialAgent(t.Context(), socket)
	if err != nil {
		t.Fatal(err)
	}
	defer agent.Close()
	signers, err := agent.Signers()
	if err != nil || len(signers) != len(kinds) {
		t.Fatalf("%d signers: %v", len(signers), err)
	}
	for _, signer := range signers {
		name := keys[sshsig.Fingerprint(signer.PublicKey())]
		made, err := sshsig.Sign(signer, purpose, bytes.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		list := allowed(t, sshsig.AllowedSigner{Principal: "awa", Key: signer.PublicKey()})
		if err := sshsigtest.Verifies(t, list, "awa", purpose, text, made.Armour()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// await returns once somebody listens at a socket.
func await(t *testing.T, socket string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range 2000 {
		if agent, err := sshsig.DialAgent(t.Context(), socket); err == nil {
			agent.Close()
			return
		}
		<-tick.C
	}
	t.Fatal("ssh-agent does not listen")
}

// TestWeAndSSHKeygenAgree holds both verdicts about signatures that are wrong in
// one thing each against each other.
func TestWeAndSSHKeygenAgree(t *testing.T) {
	mine, key := sshsigtest.KeyFile(t, "", "-t", "ed25519")
	signer, err := sshsig.ReadKey(read(t, mine), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, another := sshsigtest.KeyFile(t, "", "-t", "ed25519")
	now := time.Now()
	hour := time.Hour
	sign := func(namespace string) []byte {
		made, err := sshsig.Sign(signer, namespace, bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return made.Armour()
	}
	ours := sign(purpose)
	for name, c := range map[string]struct {
		signer   sshsig.AllowedSigner
		as       string
		message  []byte
		armoured []byte
		want     bool
	}{
		"right":              {sshsig.AllowedSigner{Principal: "awa", Namespaces: []string{"git", purpose}, Key: key}, "awa", text, ours, true},
		"within its time":    {sshsig.AllowedSigner{Principal: "awa", ValidAfter: now.Add(-hour), ValidBefore: now.Add(hour), Key: key}, "awa", text, ours, true},
		"other text":         {sshsig.AllowedSigner{Principal: "awa", Key: key}, "awa", text[1:], ours, false},
		"another purpose":    {sshsig.AllowedSigner{Principal: "awa", Key: key}, "awa", text, sign("file"), false},
		"not for purpose":    {sshsig.AllowedSigner{Principal: "awa", Namespaces: []string{"git"}, Key: key}, "awa", text, ours, false},
		"another person":     {sshsig.AllowedSigner{Principal: "koffi", Key: key}, "awa", text, ours, false},
		"another key":        {sshsig.AllowedSigner{Principal: "awa", Key: another}, "awa", text, ours, false},
		"expired":            {sshsig.AllowedSigner{Principal: "awa", ValidBefore: now.Add(-hour), Key: key}, "awa", text, ours, false},
		"not yet":            {sshsig.AllowedSigner{Principal: "awa", ValidAfter: now.Add(hour), Key: key}, "awa", text, ours, false},
		"a byte changed":     {sshsig.AllowedSigner{Principal: "awa", Key: key}, "awa", text, bytes.Replace(ours, []byte("U1NIU0lH"), []byte("U1NIU0lI"), 1), false},
		"cut short":          {sshsig.AllowedSigner{Principal: "awa", Key: key}, "awa", text, ours[:len(ours)-30], false},
		"base64 end changed": {sshsig.AllowedSigner{Principal: "awa", Key: key}, "awa", text, bytes.Replace(ours, []byte("\n---"), []byte("A\n---"), 1), false},
	} {
		list := allowed(t, c.signer)
		theirs := sshsigtest.Verifies(t, list, c.as, purpose, c.message, c.armoured) == nil
		if got := allows(t, list, c.as, c.message, c.armoured, now); got != c.want || theirs != c.want {
			t.Errorf("%s: %t, ssh-keygen: %t, want %t", name, got, theirs, c.want)
		}
	}
}

// allows decides with this package alone.
func allows(t *testing.T, list []byte, as string, message, armoured []byte, at time.Time) bool {
	t.Helper()
	signers, err := sshsig.ParseAllowedSigners(list)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sshsig.Parse(armoured)
	if err != nil {
		return false
	}
	proof, err := verify(message, s, "")
	return err == nil && sshsig.Allowed(signers, as, purpose, proof.Key, at) == nil
}

var _ ssh.Signer = (*sshsigtest.Device)(nil)
