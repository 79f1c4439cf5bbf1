package approvals

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"golang.org/x/crypto/ssh"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
)

// withSigner calls do with the key that a person signs with. Of an agent it is the first
// that is wanted.
func (c Commands) withSigner(ctx context.Context, key string, wanted func(ssh.PublicKey) bool, do func(ssh.Signer) error) error {
	socket, running := c.Env("SSH_AUTH_SOCK")
	switch {
	case key == "" && (!running || socket == ""):
		return ui.Mistaken("no_key")
	case key == "", key == settings.KeyOfAgent:
		return c.withAgent(ctx, socket, wanted, do)
	}
	signer, err := c.readKey(key)
	if err != nil {
		return err
	}
	return do(signer)
}

func (c Commands) withAgent(ctx context.Context, socket string, wanted func(ssh.PublicKey) bool, do func(ssh.Signer) error) error {
	agent, err := sshsig.DialAgent(ctx, socket)
	if err != nil {
		return ui.UsageOf(err, c.Text("sign.agent_hint"))
	}
	defer agent.Close() //nolint:errcheck // nothing is written that would be lost
	signers, err := agent.Signers()
	if err != nil {
		return ui.UsageOf(err)
	}
	for _, signer := range signers {
		if wanted(signer.PublicKey()) {
			return do(signer)
		}
	}
	return ui.Mistaken("agent_keys")
}

// readKey reads a private key, and asks for its passphrase if it has one.
func (c Commands) readKey(path string) (ssh.Signer, error) {
	text, err := fsx.ReadFile(path)
	if err != nil {
		return nil, ui.UsageOf(fmt.Errorf("read the key: %w", err))
	}
	signer, err := sshsig.ReadKey(text, func() ([]byte, error) { return c.AskSecret(c.Text("sign.passphrase", "file", path)) })
	switch {
	case errors.Is(err, ui.ErrNoTerminal):
		return nil, ui.UsageOf(fmt.Errorf("read the key %s: %w", path, err), c.Text("sign.agent_hint"))
	case err != nil:
		return nil, ui.UsageOf(fmt.Errorf("read the key %s: %w", path, err), c.Text("sign.key_hint"))
	}
	return signer, nil
}

// readPublicKeys reads the lines of a .pub file.
func readPublicKeys(path string) ([]ssh.PublicKey, error) {
	text, err := fsx.ReadFile(path)
	if err != nil {
		return nil, ui.UsageOf(fmt.Errorf("read the public key: %w", err))
	}
	var keys []ssh.PublicKey
	for rest := text; len(bytes.TrimSpace(rest)) > 0; {
		var key ssh.PublicKey
		if key, _, _, rest, err = ssh.ParseAuthorizedKey(rest); err == nil {
			err = sshsig.CheckKey(key)
		}
		if err != nil {
			return nil, ui.UsageOf(fmt.Errorf("read the public key %s: %w", path, err))
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, ui.Mistaken("no_public_key", "file", path)
	}
	return keys, nil
}

// publicKey reads the public half of a key's file, or a .pub file.
func (c Commands) publicKey(path string) (ssh.PublicKey, error) {
	if keys, err := readPublicKeys(path); err == nil {
		return keys[0], nil
	}
	signer, err := c.readKey(path)
	if err != nil {
		return nil, err
	}
	return signer.PublicKey(), nil
}

// owner is the person on the list whose key it is.
func owner(people approval.People, key ssh.PublicKey) (approval.Person, error) {
	fingerprint := sshsig.Fingerprint(key)
	person, found := people.Owner(fingerprint)
	if !found {
		return person, ui.Mistaken("nobodys_key", "key", fingerprint)
	}
	return person, nil
}

// directory names the person whose key it is.
type directory func(key ssh.PublicKey) (name string, err error)

// listed is the directory of a list.
func listed(people approval.People) directory {
	return func(key ssh.PublicKey) (string, error) {
		person, err := owner(people, key)
		return person.Name, err
	}
}

// knows reports whether a key is somebody's.
func (d directory) knows(key ssh.PublicKey) bool {
	_, err := d(key)
	return err == nil
}
