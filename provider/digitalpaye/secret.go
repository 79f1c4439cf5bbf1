package digitalpaye

import (
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rs/zerolog"
)

// Secret is a credential. It prints as stars, whatever prints it; converting it
// to a string is the only way to its text.
type Secret string

const stars = "*****"

// Format writes stars for every verb of package fmt: with String alone, %d would
// print the text beside its complaint.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, stars) }

// String returns stars.
func (Secret) String() string { return stars }

// GoString returns stars.
func (Secret) GoString() string { return stars }

// MarshalText returns stars, for JSON, YAML and XML alike.
func (Secret) MarshalText() ([]byte, error) { return []byte(stars), nil }

// MarshalZerologObject logs stars.
func (Secret) MarshalZerologObject(e *zerolog.Event) { e.Str("secret", stars) }

// Credentials are the merchant's, from the provider's dashboard.
type Credentials struct {
	Key, Secret Secret
}

const basicScheme = "Basic "

// basic returns them as RFC 7617 does.
func (c Credentials) basic() string {
	return basicScheme + base64.StdEncoding.EncodeToString([]byte(string(c.Key)+":"+string(c.Secret)))
}

// secretMin is the length below which a credential is no secret but a word that
// ordinary messages contain.
const secretMin = 4

// secrets returns what must never be shown, in each form in which it travels.
func (c Credentials) secrets() []string {
	forms := []string{strings.TrimPrefix(c.basic(), basicScheme), string(c.Secret), string(c.Key)}
	return slices.DeleteFunc(forms, func(form string) bool { return len(form) < secretMin })
}
