package digitalpaye

import (
	"encoding/base64"
	"slices"
	"strings"

	"payrun/provider"
)

const basicScheme = "Basic "

// basic returns credentials as RFC 7617 does.
func basic(c provider.Credentials) string {
	return basicScheme + base64.StdEncoding.EncodeToString([]byte(string(c.Key)+":"+string(c.Secret)))
}

// secretMin is the length below which a credential is no secret but a word that
// ordinary messages contain.
const secretMin = 4

// secrets returns what must never be shown, in each form in which it travels.
func secrets(c provider.Credentials) []string {
	forms := []string{strings.TrimPrefix(basic(c), basicScheme), string(c.Secret), string(c.Key)}
	return slices.DeleteFunc(forms, func(form string) bool { return len(form) < secretMin })
}
