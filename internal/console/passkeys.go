package console

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"
	"golang.org/x/crypto/ssh"

	"payrun/batch/approval/sshsig"
	"payrun/batch/signin"
	"payrun/ledger"
)

// RelyingParty is the name for which browsers make passkeys here: that of the origin.
func RelyingParty(origin string) string {
	at, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return strings.ToLower(at.Hostname())
}

// readsPasskeys checks what browsers answer. Passkeys sign batches too, so that they are of
// the one kind that OpenSSH verifies, and always ask who holds them.
func readsPasskeys(origin string) (*webauthn.WebAuthn, error) {
	return webauthn.New(&webauthn.Config{
		RPID: RelyingParty(origin), RPDisplayName: "payrun", RPOrigins: []string{origin},
		AttestationPreference: protocol.PreferNoAttestation,
	})
}

// es256 are the keys that are asked for.
func es256() []protocol.CredentialParameter {
	return []protocol.CredentialParameter{{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgES256}}
}

const ceremonyMilliseconds = 120_000

// creation are the options of navigator.credentials.create, as JSON.
func (s *server) creation(c challenge, name string) (string, error) {
	if name == "" {
		name = "payrun"
	}
	options, err := json.Marshal(map[string]any{
		"rp":        map[string]string{"id": RelyingParty(s.Origin), "name": "payrun"},
		"user":      map[string]string{"id": base64.RawURLEncoding.EncodeToString(handle(c)), "name": name, "displayName": name},
		"challenge": base64.RawURLEncoding.EncodeToString(c.digest()), "pubKeyCredParams": es256(), "attestation": "none",
		"authenticatorSelection": map[string]any{"residentKey": "required", "requireResidentKey": true, "userVerification": "required"},
		"timeout":                ceremonyMilliseconds,
	})
	return string(options), err
}

// handle is the name by which a passkey knows its owner that is made for a challenge: no name of anybody.
func handle(c challenge) []byte { return c.digest()[:16] }

// created reads the answer to creation: a new passkey, and its key as OpenSSH has it.
func (s *server) created(c challenge, answer string) (*signin.Passkey, ssh.PublicKey, error) {
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return nil, nil, errPasskey
	}
	made, err := s.passkeys.CreateCredential(owner{id: handle(c)}, webauthn.SessionData{
		Challenge: base64.RawURLEncoding.EncodeToString(c.digest()), RelyingPartyID: RelyingParty(s.Origin), UserID: handle(c),
		UserVerification: protocol.VerificationRequired, CredParams: es256(),
	}, parsed)
	if err != nil {
		s.Log.Warn().Err(err).Msg("a passkey was not taken")
		return nil, nil, errPasskey
	}
	key, err := openSSH(made.PublicKey, RelyingParty(s.Origin))
	if err != nil {
		return nil, nil, errPasskey
	}
	return &signin.Passkey{
		ID: made.ID, User: handle(c), Public: made.PublicKey, Eligible: made.Flags.BackupEligible,
		RelyingParty: RelyingParty(s.Origin), Origin: s.Origin,
	}, key, nil
}

// openSSH writes a COSE key over P-256 as OpenSSH has it.
func openSSH(cose []byte, party string) (ssh.PublicKey, error) {
	parsed, err := webauthncose.ParsePublicKey(cose)
	if err != nil {
		return nil, err
	}
	point, is := parsed.(webauthncose.EC2PublicKeyData)
	if !is {
		return nil, errPasskey
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, point.XCoord, point.YCoord))
	if err != nil {
		return nil, err
	}
	spki, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, err
	}
	return sshsig.PasskeyKey(spki, party)
}

// request are the options of navigator.credentials.get, as JSON: for some passkeys only, by their
// ids, or for any of this server.
func (s *server) request(challenge []byte, only ...[]byte) (string, error) {
	asked := map[string]any{
		"challenge": base64.RawURLEncoding.EncodeToString(challenge), "rpId": RelyingParty(s.Origin),
		"userVerification": "required", "timeout": ceremonyMilliseconds,
	}
	var allowed []map[string]string
	for _, id := range only {
		allowed = append(allowed, map[string]string{"type": string(protocol.PublicKeyCredentialType), "id": base64.RawURLEncoding.EncodeToString(id)})
	}
	if len(allowed) > 0 {
		asked["allowCredentials"] = allowed
	}
	options, err := json.Marshal(asked)
	return string(options), err
}

// asserted finds whose passkey answered a request for a challenge, among the keys that were left,
// and how many signatures it says to have made.
func (s *server) asserted(c challenge, answer string, left []signin.Enrolment) (signin.Enrolment, uint32, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return signin.Enrolment{}, 0, errPasskey
	}
	at := slices.IndexFunc(left, func(e signin.Enrolment) bool { return e.Passkey != nil && bytes.Equal(e.Passkey.ID, parsed.RawID) })
	if at < 0 {
		return signin.Enrolment{}, 0, errUnknownKey
	}
	known := *left[at].Passkey
	find := func([]byte, []byte) (webauthn.User, error) { return owner{known.User, &known}, nil }
	_, _, err = s.passkeys.ValidatePasskeyLogin(find, webauthn.SessionData{
		Challenge: base64.RawURLEncoding.EncodeToString(c.digest()), RelyingPartyID: RelyingParty(s.Origin),
		UserVerification: protocol.VerificationRequired,
	}, parsed)
	if err != nil {
		s.Log.Warn().Err(err).Msg("a passkey's answer was not taken")
		return signin.Enrolment{}, 0, errPasskey
	}
	return left[at], parsed.Response.AuthenticatorData.Counter, nil
}

// counted takes the count of a passkey that signed something, and refuses one that went back.
func (s *server) counted(r *http.Request, by ledger.Person, key string, count uint32, repeated bool) error {
	err := s.SignIn.Counted(r.Context(), by, key, count, repeated)
	if errors.Is(err, signin.ErrCopied) {
		s.Log.Warn().Str("person", by.Name).Str("key", key).Uint32("count", count).Msg("a passkey counted backwards: there may be a copy of it")
		return errCopied
	}
	return err
}

// owner is somebody as the library knows people.
type owner struct {
	id  []byte
	key *signin.Passkey
}

func (o owner) WebAuthnID() []byte          { return o.id }
func (o owner) WebAuthnName() string        { return "payrun" }
func (o owner) WebAuthnDisplayName() string { return "payrun" }

func (o owner) WebAuthnCredentials() []webauthn.Credential {
	if o.key == nil {
		return nil
	}
	return []webauthn.Credential{{
		ID: o.key.ID, PublicKey: o.key.Public, Flags: webauthn.CredentialFlags{UserPresent: true, UserVerified: true, BackupEligible: o.key.Eligible},
	}}
}
