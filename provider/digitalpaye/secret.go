package digitalpaye

import (
	"encoding/base64"

	"github.com/rs/zerolog"
)

// Secret is a credential. It prints as stars, whatever prints it.
type Secret string

const stars = "*****"

// String returns stars.
func (s Secret) String() string { return stars }

// GoString returns stars.
func (s Secret) GoString() string { return stars }

// MarshalText returns stars, for JSON, YAML and XML alike.
func (s Secret) MarshalText() ([]byte, error) { return []byte(stars), nil }

// MarshalZerologObject logs stars.
func (s Secret) MarshalZerologObject(e *zerolog.Event) { e.Str("secret", stars) }

// Credentials are the merchant's, from the provider's dashboard.
type Credentials struct {
	Key, Secret Secret
}

// basic returns them as RFC 7617 does.
func (c Credentials) basic() string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(string(c.Key)+":"+string(c.Secret)))
}
