package digitalpaye

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"payrun/provider"
)

func TestCredentialsPrintAsStars(t *testing.T) {
	credentials := provider.Credentials{Key: "the-key", Secret: "the-secret"}
	client, err := New(Config{BaseURL: "https://api.example", Credentials: credentials})
	if err != nil {
		t.Fatal(err)
	}
	client.tokens.keep(&token{text: "the-token"})

	var printed bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%10s", "%T"} {
		for _, value := range []any{
			credentials.Secret, &credentials.Secret, credentials, &credentials, client.config, &client.config, client,
			struct{ Client *Client }{client},
			[]provider.Secret{"the-secret"},
			map[provider.Secret]provider.Secret{"the-key": "the-secret"},
		} {
			fmt.Fprintf(&printed, verb+"\n", value)
		}
	}
	for _, value := range []any{credentials, credentials.Secret, map[string]any{"c": credentials}} {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		printed.Write(text)
	}
	log := zerolog.New(&printed)
	log.Info().
		Stringer("a", credentials.Secret).Interface("b", credentials).Object("c", credentials.Secret).
		Any("d", credentials.Key).Str("e", credentials.Secret.String()).Msg(credentials.Secret.GoString())

	for _, secret := range []string{"the-key", "the-secret", "the-token", fmt.Sprintf("%x", "the-secret")} {
		if strings.Contains(printed.String(), secret) {
			t.Errorf("printed %q", secret)
		}
	}
	if !strings.Contains(printed.String(), credentials.Key.String()) {
		t.Error("printed no stars: the test looks at nothing")
	}
	short, err := New(Config{BaseURL: "https://api.example", Credentials: provider.Credentials{Key: "k4y!", Secret: "abc"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := short.maskSecrets("k4y! of abc"); strings.Contains(got, "k4y!") || !strings.Contains(got, "abc") {
		t.Errorf("shows %q, want four characters hidden, and none of fewer, which ordinary words contain", got)
	}
	if got, want := fmt.Sprint(client), "digitalpaye v2 at https://api.example"; got != want {
		t.Errorf("the client prints as %q, want %q", got, want)
	}
}
