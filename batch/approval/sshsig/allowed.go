package sshsig

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// ErrAllowedSigners is the kind of every complaint about a list of allowed signers.
var ErrAllowedSigners = errors.New("not a list of allowed signers that payrun takes")

// ErrNotAllowed is returned where no line allows a signature.
var ErrNotAllowed = errors.New("no allowed signer")

// AllowedSigner is a line of the file that `ssh-keygen -Y verify -f` takes
// (ALLOWED SIGNERS in ssh-keygen(1)). Zero times are no bounds; both bounds are
// inside.
type AllowedSigner struct {
	Principal   string
	Namespaces  []string // empty: every purpose
	ValidAfter  time.Time
	ValidBefore time.Time
	Key         ssh.PublicKey
}

// timeLayout is OpenSSH's, of which Z is UTC (OpenSSH 9.1 and later); without it the
// time would depend on where it is read.
const timeLayout = "20060102150405Z"

// nameBytes are the bytes of a principal's or a purpose's name: nothing that
// OpenSSH takes for a pattern, a list or a quotation.
const nameBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@._+-"

func plainName(name string) bool {
	return name != "" && strings.Trim(name, nameBytes) == ""
}

// FormatAllowedSigners writes a list, a line each.
func FormatAllowedSigners(signers []AllowedSigner) ([]byte, error) {
	var b bytes.Buffer
	for _, s := range signers {
		line, err := s.line()
		if err != nil {
			return nil, err
		}
		b.WriteString(line + "\n")
	}
	return b.Bytes(), nil
}

func (s AllowedSigner) line() (string, error) {
	if !plainName(s.Principal) || slices.ContainsFunc(s.Namespaces, func(n string) bool { return !plainName(n) }) {
		return "", fmt.Errorf("%w: %q for %q: letters, digits and %q only", ErrAllowedSigners, s.Principal, s.Namespaces, "@._+-")
	}
	if !s.ValidAfter.IsZero() && !s.ValidBefore.IsZero() && !s.ValidAfter.Before(s.ValidBefore) {
		return "", fmt.Errorf("%w: %s is valid never", ErrAllowedSigners, s.Principal)
	}
	var options []string
	if len(s.Namespaces) > 0 {
		options = append(options, `namespaces="`+strings.Join(s.Namespaces, ",")+`"`)
	}
	for _, bound := range []struct {
		name string
		at   time.Time
	}{{"valid-after", s.ValidAfter}, {"valid-before", s.ValidBefore}} {
		if !bound.at.IsZero() {
			options = append(options, bound.name+`="`+bound.at.UTC().Format(timeLayout)+`"`)
		}
	}
	fields := []string{s.Principal}
	if len(options) > 0 {
		fields = append(fields, strings.Join(options, ","))
	}
	fields = append(fields, s.Key.Type(), base64.StdEncoding.EncodeToString(s.Key.Marshal()))
	return strings.Join(fields, " "), nil
}

// ParseAllowedSigners reads such a list. What OpenSSH knows beyond AllowedSigner, such as
// certificates, patterns and times of an unknown zone, is an error with its line.
func ParseAllowedSigners(text []byte) ([]AllowedSigner, error) {
	var signers []AllowedSigner
	var number int
	for line := range strings.Lines(string(text)) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		s, err := parseAllowed(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		signers = append(signers, s)
	}
	return signers, nil
}

func parseAllowed(line string) (AllowedSigner, error) {
	fields := strings.Fields(line)
	if len(fields) < 3 || !plainName(fields[0]) {
		return AllowedSigner{}, fmt.Errorf("%w: it has a name, perhaps options, and a key", ErrAllowedSigners)
	}
	s := AllowedSigner{Principal: fields[0]}
	keyed := fields[1:]
	if strings.Contains(fields[1], "=") || strings.Contains(fields[1], "cert-authority") {
		if err := s.parseOptions(fields[1]); err != nil {
			return AllowedSigner{}, err
		}
		keyed = fields[2:]
	}
	if len(keyed) < 2 {
		return AllowedSigner{}, fmt.Errorf("%w: no key", ErrAllowedSigners)
	}
	blob, err := base64.StdEncoding.Strict().DecodeString(keyed[1])
	if err != nil {
		return AllowedSigner{}, fmt.Errorf("%w: key: %w", ErrAllowedSigners, err)
	}
	key, err := ParseKey(blob)
	if err != nil {
		return AllowedSigner{}, fmt.Errorf("%w: %w", ErrAllowedSigners, err)
	}
	if key.Type() != keyed[0] {
		return AllowedSigner{}, fmt.Errorf("%w: a key %s under the name %q", ErrAllowedSigners, key.Type(), keyed[0])
	}
	s.Key = key
	return s, nil
}

// parseOptions reads name="value",name="value".
func (s *AllowedSigner) parseOptions(text string) error {
	seen := map[string]bool{}
	for text != "" {
		name, rest, quoted := strings.Cut(text, `="`)
		value, rest, closed := strings.Cut(rest, `"`)
		if !quoted || !closed || seen[name] {
			return fmt.Errorf("%w: options %q", ErrAllowedSigners, text)
		}
		seen[name] = true
		if err := s.setOption(name, value); err != nil {
			return err
		}
		after, more := strings.CutPrefix(rest, ",")
		if rest != "" && (!more || after == "") {
			return fmt.Errorf("%w: options %q", ErrAllowedSigners, text)
		}
		text = after
	}
	return nil
}

func (s *AllowedSigner) setOption(name, value string) error {
	var err error
	switch name {
	case "namespaces":
		s.Namespaces = strings.Split(value, ",")
		if slices.ContainsFunc(s.Namespaces, func(n string) bool { return !plainName(n) }) {
			return fmt.Errorf("%w: namespaces %q", ErrAllowedSigners, value)
		}
	case "valid-after":
		s.ValidAfter, err = time.Parse(timeLayout, value)
	case "valid-before":
		s.ValidBefore, err = time.Parse(timeLayout, value)
	default:
		return fmt.Errorf("%w: option %q", ErrAllowedSigners, name)
	}
	if err != nil {
		return fmt.Errorf("%w: %s: %q is not a time such as 20261130080000Z", ErrAllowedSigners, name, value)
	}
	return nil
}

// Allowed returns ErrNotAllowed unless a line allows this key to sign as this principal
// for this purpose at this time. It decides as ssh-keygen -Y verify does.
func Allowed(signers []AllowedSigner, principal, namespace string, key ssh.PublicKey, at time.Time) error {
	at = at.Truncate(time.Second)
	for _, s := range signers {
		if s.Principal == principal && bytes.Equal(s.Key.Marshal(), key.Marshal()) &&
			(len(s.Namespaces) == 0 || slices.Contains(s.Namespaces, namespace)) &&
			(s.ValidAfter.IsZero() || !at.Before(s.ValidAfter)) && (s.ValidBefore.IsZero() || !at.After(s.ValidBefore)) {
			return nil
		}
	}
	return fmt.Errorf("%w: %s with %s for %s", ErrNotAllowed, principal, Fingerprint(key), namespace)
}
