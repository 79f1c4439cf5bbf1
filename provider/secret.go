package provider

import (
	"fmt"
	"io"

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

// Credentials are the merchant's, from the provider's dashboard. One without a secret
// has a key alone.
type Credentials struct {
	Key, Secret Secret
}
