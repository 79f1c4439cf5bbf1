package console

import (
	"bytes"
	"context"
	"net/http"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"golang.org/x/crypto/ssh"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/ledger"
)

// brought is the signature that a form brings, by the one of some keys that has a fingerprint.
// If none has, it is refused with the error that was given.
func (s *server) brought(r *http.Request, by string, keys []approval.Key, fingerprint string, refusal error) ([]byte, error) {
	key, known := keyWith(keys, fingerprint)
	if !known {
		return nil, refusal
	}
	armoured, err := signatureOf(r, key.Public)
	if err != nil || r.PostFormValue("credential") == "" {
		return armoured, err
	}
	signature, err := sshsig.Parse(armoured)
	if err != nil {
		return nil, errPasskey
	}
	want := sshsig.Expect{Namespace: approval.Namespace, Origin: s.Origin}
	proof, err := sshsig.Verify(bytes.NewReader(formLines(r, "text")), signature, want)
	if err != nil {
		return armoured, nil //nolint:nilerr // whoever judges the text says why; it counts for nothing
	}
	return armoured, s.counted(r, ledger.Person{Name: by, Host: s.Host}, fingerprint, proof.Counter, true)
}

// keyWith finds the one of some keys that has a fingerprint.
func keyWith(keys []approval.Key, fingerprint string) (approval.Key, bool) {
	for _, key := range keys {
		if sshsig.Fingerprint(key.Public) == fingerprint {
			return key, true
		}
	}
	return approval.Key{}, false
}

// requestFor are the options of navigator.credentials.get by which the passkey with a key signs a
// text: the challenge is what OpenSSH would have signed. The text names the key, so that another
// passkey of the same person would sign for nothing, and is not asked.
func (s *server) requestFor(ctx context.Context, key approval.Key, text []byte) (string, error) {
	challenge, err := sshsig.Challenge(approval.Namespace, bytes.NewReader(text))
	if err != nil {
		return "", err
	}
	left, err := s.SignIn.Enrolments(ctx)
	if err != nil {
		return "", err
	}
	var only [][]byte
	for _, e := range left {
		if fingerprint, err := fingerprintOf(e.Key); err == nil && fingerprint == sshsig.Fingerprint(key.Public) && e.Passkey != nil {
			only = append(only, e.Passkey.ID)
		}
	}
	return s.request(challenge, only...)
}

// broughtDecision is the decision that a form brings, and what it states. The signature says
// who decided, whoever brings it; a key that is not theirs is refused with the error that was given.
func (s *server) broughtDecision(r *http.Request, refusal error) (approval.Statement, approval.Decision, error) {
	text := formLines(r, "text")
	statement, err := approval.ParseStatement(text)
	if err != nil {
		return approval.Statement{}, approval.Decision{}, errRequest
	}
	g, err := s.Service().Governance(r.Context())
	if err != nil {
		return approval.Statement{}, approval.Decision{}, err
	}
	signer, _ := g.People.Find(statement.By)
	signature, err := s.brought(r, signer.Name, signer.Keys, statement.Key, refusal)
	if err != nil {
		return approval.Statement{}, approval.Decision{}, err
	}
	decision, err := approval.Receive(text, signature)
	if err != nil {
		return approval.Statement{}, approval.Decision{}, errSignature
	}
	return statement, decision, nil
}

// signatureOf is the signature over a text that a form brings: one of ssh-keygen, or the answer of a
// passkey with that key.
func signatureOf(r *http.Request, key ssh.PublicKey) ([]byte, error) {
	answer := r.PostFormValue("credential")
	if answer == "" {
		return pasted(r), nil
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return nil, errPasskey
	}
	raw := parsed.Raw.AssertionResponse
	signature, err := sshsig.FromAssertion(key, approval.Namespace, sshsig.Assertion{
		AuthenticatorData: raw.AuthenticatorData, ClientDataJSON: raw.ClientDataJSON, Signature: raw.Signature,
	})
	if err != nil {
		return nil, errPasskey
	}
	return signature.Armour(), nil
}

// pasted is the signature of ssh-keygen in a form: browsers send the end of a line as two bytes.
func pasted(r *http.Request) []byte {
	return []byte(strings.ReplaceAll(strings.TrimSpace(r.PostFormValue("signature")), "\r\n", "\n") + "\n")
}
