package browsertest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/batch/approval/sshsig/sshsigtest"
	"payrun/internal/browsertest"
)

// encoded are bytes as these scripts hand them over.
type encoded []byte

func (e *encoded) UnmarshalJSON(text []byte) error {
	var word string
	err := json.Unmarshal(text, &word)
	if err == nil {
		*e, err = base64.StdEncoding.DecodeString(word)
	}
	return err
}

const toBase64 = `const b64 = b => btoa(String.fromCharCode(...new Uint8Array(b)));`

// TestOpenSSHAcceptsABrowsersPasskey makes a passkey in a real browser, has it sign a text, and asks
// the stock ssh-keygen.
func TestOpenSSHAcceptsABrowsersPasskey(t *testing.T) {
	p := browsertest.Open(t, browsertest.Options{}).Page(t)
	p.Passkeys()
	origin := strings.Replace(page(t, "", ""), "127.0.0.1", "localhost", 1)
	p.Go(origin + "/")
	var made struct{ ID, Key encoded }
	read(t, p, &made, `navigator.credentials.create({publicKey: {rp: {id: "localhost", name: "payrun"},
		user: {id: new Uint8Array([1]), name: "koffi", displayName: "Koffi"}, challenge: new Uint8Array([1]),
		pubKeyCredParams: [{type: "public-key", alg: -7}], authenticatorSelection: {userVerification: "required"}}})
		.then(c => JSON.stringify({ID: b64(c.rawId), Key: b64(c.response.getPublicKey())}))`)
	key, err := sshsig.PasskeyKey(made.Key, "localhost")
	if err != nil {
		t.Fatal(err)
	}
	text := []byte("payrun decision 1\ndecision: approve\n")
	challenge, err := sshsig.Challenge(approval.Namespace, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var answer struct{ Data, Client, Signature encoded }
	read(t, p, &answer, fmt.Sprintf(`(() => { const bytes = s => Uint8Array.from(atob(s), c => c.charCodeAt(0));
		return navigator.credentials.get({publicKey: {rpId: "localhost", challenge: bytes(%q), userVerification: "required",
		allowCredentials: [{type: "public-key", id: bytes(%q)}]}})})()
		.then(c => JSON.stringify({Data: b64(c.response.authenticatorData), Client: b64(c.response.clientDataJSON), Signature: b64(c.response.signature)}))`,
		base64.StdEncoding.EncodeToString(challenge), base64.StdEncoding.EncodeToString(made.ID)))
	s, err := sshsig.FromAssertion(key, approval.Namespace, sshsig.Assertion{AuthenticatorData: answer.Data, ClientDataJSON: answer.Client, Signature: answer.Signature})
	if err != nil {
		t.Fatal(err)
	}
	proof, err := sshsig.Verify(bytes.NewReader(text), s, sshsig.Expect{Namespace: approval.Namespace, Origin: origin})
	if err != nil || !proof.UserVerified {
		t.Errorf("%+v, %v", proof, err)
	}
	list, err := sshsig.FormatAllowedSigners([]sshsig.AllowedSigner{{Principal: "koffi", Namespaces: []string{approval.Namespace}, Key: key}})
	if err != nil {
		t.Fatal(err)
	}
	if err := sshsigtest.Verifies(t, list, "koffi", approval.Namespace, text, s.Armour()); err != nil {
		t.Error(err)
	}
	if sshsigtest.Verifies(t, list, "koffi", approval.Namespace, text[1:], s.Armour()) == nil {
		t.Error("ssh-keygen accepts it for another text")
	}
}

// read has a script's promise of JSON kept.
func read(t *testing.T, p *browsertest.Page, into any, script string) {
	t.Helper()
	if err := json.Unmarshal([]byte(browsertest.Value[string](p, "(() => {"+toBase64+" return "+script+" })()")), into); err != nil {
		t.Fatal(err)
	}
}
