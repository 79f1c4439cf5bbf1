package settings

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
	"payrun/provider"
)

// Access is the place of a provider, and the files with its credentials.
type Access struct {
	URL string
	// Host is the host that the credentials are for, empty for the provider's own.
	Host                string
	KeyFile, SecretFile string
}

// MayReceive refuses to hand credentials to a host that nobody named together with
// them: whoever changes the address in a file would otherwise be sent the key. A
// provider on this machine receives any.
func (s *Settings) MayReceive(o Access) error {
	address, err := url.Parse(o.URL)
	if err != nil {
		return nil //nolint:nilerr // what is wrong with it is told when connecting
	}
	driver, err := s.Driver()
	if err != nil {
		return err
	}
	host := strings.ToLower(address.Hostname())
	named := strings.ToLower(o.Host)
	switch {
	case provider.IsLoopback(host):
		return nil
	case named != "" && named != host && named != strings.ToLower(address.Host):
		return ui.Usage(s.Text("credential.other_host", "host", host, "named", named), s.Text("credential.host_hint", "host", host))
	case named != "":
		return nil
	}
	from := "api-url"
	if slices.Contains(driver.Hosts, host) {
		if s.origins[providerFlag].kind == fromDefault {
			return nil
		}
		from = providerFlag
	}
	if s.saidWithCredentials(from) {
		return nil
	}
	return ui.Usage(s.Text("credential.unbound", "host", host, "origin", s.origins[from].name),
		s.Text("credential.host_hint", "host", host))
}

// saidWithCredentials reports whether a setting that leads to a host came from where a
// person speaks for themselves, or from the very file that names the credentials.
func (s *Settings) saidWithCredentials(setting string) bool {
	switch address := s.origins[setting]; address.kind {
	case fromCommandLine, fromEnvironment:
		return true
	case fromNamedFile:
		for variable, flag := range credentialNames {
			if value, _ := s.Env(EnvPrefix + variable); value != "" || s.origins[flag] != address {
				return false
			}
		}
		return true
	case fromDefault, fromFoundFile:
		return false
	}
	return false
}

// Credentials come from the environment or from a file that nobody else can
// read, never from the command line, where other users of the machine see them.
func (s *Settings) Credentials(o Access) (provider.Credentials, error) {
	if err := s.MayReceive(o); err != nil {
		return provider.Credentials{}, err
	}
	key, err := s.secret("API_KEY", s.Text("credential.key"), o.KeyFile)
	if err != nil {
		return provider.Credentials{}, err
	}
	secret, err := s.secret("API_SECRET", s.Text("credential.secret"), o.SecretFile)
	if err != nil {
		return provider.Credentials{}, err
	}
	return provider.Credentials{Key: provider.Secret(key), Secret: provider.Secret(secret)}, nil
}

// NamesCredentials reports whether any are named, which may be wrong ones.
func (s *Settings) NamesCredentials() bool {
	for variable, flag := range credentialNames {
		if value, _ := s.Env(EnvPrefix + variable); value == "" && s.settingOf(flag, "") == "" {
			return false
		}
	}
	return true
}

// Secret is one that the environment has, or a file that nobody else can read; empty for none.
func (s *Settings) Secret(variable, file string) (string, error) {
	if value, ok := s.Env(EnvPrefix + variable); ok && value != "" {
		return value, nil
	}
	if file == "" {
		return "", nil
	}
	return s.readSecret(file)
}

func (s *Settings) secret(variable, name, file string) (string, error) {
	if value, ok := s.Env(EnvPrefix + variable); ok && value != "" {
		return value, nil
	}
	if file == "" {
		return "", ui.Usage(s.Text("credential.missing", "name", name),
			s.Text("credential.set", "variable", EnvPrefix+variable, "flag", "--"+flagName(variable)+"-file"),
			s.Text("credential.rehearse"))
	}
	return s.readSecret(file)
}

func flagName(variable string) string {
	return strings.ToLower(strings.ReplaceAll(variable, "_", "-"))
}

// othersMask are the permission bits of everybody but the owner.
const othersMask fs.FileMode = 0o077

// groupRead is the bit that stands for an access list where there is one.
const groupRead fs.FileMode = 0o040

func (s *Settings) readSecret(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", ui.UsageOf(fmt.Errorf("read the secret: %w", err))
	}
	mask := othersMask
	// systemd lets a unit's user read the unit's credentials by an access list, and nobody else.
	if folder, given := s.Env("CREDENTIALS_DIRECTORY"); given && filepath.IsAbs(folder) && filepath.Dir(path) == filepath.Clean(folder) {
		mask &^= groupRead
	}
	if info.Mode().Perm()&mask != 0 {
		return "", ui.Mistaken("secret_open", "file", path)
	}
	text, err := fsx.ReadFile(path)
	if err != nil {
		return "", ui.UsageOf(fmt.Errorf("read the secret: %w", err))
	}
	value := strings.TrimSpace(string(text))
	if value == "" {
		return "", ui.Mistaken("secret_empty", "file", path)
	}
	return value, nil
}

// WithoutCredentials is the environment for a program of the person's, which needs no key.
func (s *Settings) WithoutCredentials() []string {
	if s.Environ == nil {
		return nil
	}
	return slices.DeleteFunc(s.Environ(), func(line string) bool {
		name, _, _ := strings.Cut(line, "=")
		bare, own := strings.CutPrefix(name, EnvPrefix)
		_, secret := credentialNames[bare]
		return own && (secret || slices.Contains(secretVariables, bare))
	})
}
