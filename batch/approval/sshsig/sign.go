package sshsig

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// ErrPassphrase is returned where a key file is encrypted and the passphrase is missing
// or wrong.
var ErrPassphrase = errors.New("the key file is encrypted with another passphrase")

// Sign signs a message for a purpose. What it returns has been verified, whatever the
// signer is.
func Sign(signer ssh.Signer, namespace string, message io.Reader) (*Signature, error) {
	key := signer.PublicKey()
	if err := CheckKey(key); err != nil {
		return nil, err
	}
	data, err := signedData(namespace, "sha512", message)
	if err != nil {
		return nil, err
	}
	value, err := signWith(signer, data)
	if err != nil {
		return nil, fmt.Errorf("sign with %s: %w", Fingerprint(key), err)
	}
	made, err := ParseBlob((&Signature{Key: key, Namespace: namespace, Hash: "sha512", Value: value}).Blob())
	if err != nil {
		return nil, fmt.Errorf("sign with %s: %w", Fingerprint(key), err)
	}
	if _, err := made.check(data); err != nil {
		return nil, fmt.Errorf("sign with %s: %w", Fingerprint(key), err)
	}
	return made, nil
}

func signWith(signer ssh.Signer, data []byte) (*ssh.Signature, error) {
	if signer.PublicKey().Type() != ssh.KeyAlgoRSA {
		return signer.Sign(rand.Reader, data)
	}
	// Left to itself, an RSA key signs with SHA-1.
	chooses, ok := signer.(ssh.AlgorithmSigner)
	if !ok {
		return nil, fmt.Errorf("%w: RSA without SHA-512", ErrKeyType)
	}
	return chooses.SignWithAlgorithm(rand.Reader, data, ssh.KeyAlgoRSASHA512)
}

// ReadKey reads a private key as ssh-keygen writes it. Only if it is encrypted is the
// passphrase asked for. A key of a hardware device is not in its file: such keys sign
// by the agent, or with ssh-keygen -Y sign.
func ReadKey(pem []byte, passphrase func() ([]byte, error)) (ssh.Signer, error) {
	signer, err := ssh.ParsePrivateKey(pem)
	if encrypted := new(ssh.PassphraseMissingError); errors.As(err, &encrypted) {
		secret, asked := passphrase()
		if asked != nil {
			return nil, asked
		}
		signer, err = ssh.ParsePrivateKeyWithPassphrase(pem, secret)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrPassphrase, err)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%w: private key: %w", ErrFormat, err)
	}
	return signer, CheckKey(signer.PublicKey())
}

// Agent is a connection to ssh-agent. It is to be closed; signers of a closed one fail.
type Agent struct {
	conn net.Conn
}

// DialAgent connects to the agent at a socket, usually that of SSH_AUTH_SOCK.
func DialAgent(ctx context.Context, socket string) (*Agent, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, fmt.Errorf("ssh-agent: %w", err)
	}
	return &Agent{conn: conn}, nil
}

// Signers lists the agent's keys that count. Signing may wait for a person who touches a
// device.
func (a *Agent) Signers() ([]ssh.Signer, error) {
	all, err := agent.NewClient(a.conn).Signers()
	if err != nil {
		return nil, fmt.Errorf("ssh-agent: %w", err)
	}
	var usable []ssh.Signer
	for _, signer := range all {
		// The agent's own keys cannot verify, and its certificates do not count.
		key, err := ParseKey(signer.PublicKey().Marshal())
		if chooses, ok := signer.(ssh.AlgorithmSigner); ok && err == nil {
			usable = append(usable, keyed{chooses, key})
		}
	}
	return usable, nil
}

// Close ends the connection.
func (a *Agent) Close() error { return a.conn.Close() }

// keyed is an agent's signer with its public key in full.
type keyed struct {
	ssh.AlgorithmSigner
	key ssh.PublicKey
}

// PublicKey returns the key with which the agent signs.
func (k keyed) PublicKey() ssh.PublicKey { return k.key }
