package settings

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
	"payrun/provider"
)

// The ledger's place must not depend on the folder a command is typed in: in another
// folder there would be another ledger, which knows nothing of what is paid. It lies
// with the person, in a folder for each account.

// The files that a ledger lies in by default, for real and for rehearsals.
const (
	LedgerFile        = "payrun.db"
	SandboxLedgerFile = "payrun-sandbox.db"
)

// SandboxRate is the rate of a rehearsal, in requests a second.
const SandboxRate = 500

// StateFolder is the folder for what programs have to remember for a person, empty if
// the system does not say.
func (s *Settings) StateFolder() string {
	if folder, _ := s.Env("XDG_STATE_HOME"); filepath.IsAbs(folder) {
		return filepath.Join(folder, "payrun")
	}
	if runtime.GOOS == "windows" {
		if folder, _ := s.Env("LOCALAPPDATA"); folder != "" {
			return filepath.Join(folder, "payrun")
		}
		return ""
	}
	home, _ := s.Env("HOME")
	switch {
	case !filepath.IsAbs(home):
		return ""
	case runtime.GOOS == "darwin":
		return filepath.Join(home, "Library", "Application Support", "payrun")
	default:
		return filepath.Join(home, ".local", "state", "payrun")
	}
}

// LedgerPath is the path of the ledger. That of the simulator stays in the working
// folder, as its books do: no money moves there.
func (s *Settings) LedgerPath(sandboxed bool) string {
	switch {
	case s.Ledger != "":
		return s.Ledger
	case sandboxed:
		return SandboxLedgerFile
	}
	place := s.accountLedger()
	if place == "" || (fsx.Missing(place) && !fsx.Missing(LedgerFile)) {
		return LedgerFile
	}
	if fsx.Missing(place) && !s.namesAccount() {
		// What only reads finds the ledger of the one account that there is.
		if others := s.knownLedgers(); len(others) == 1 {
			return others[0]
		}
	}
	return place
}

// namesAccount reports whether the command is about one account: it calls the
// provider, or was told whose ledger is meant.
func (s *Settings) namesAccount() bool {
	if s.Command == nil {
		return false
	}
	return s.Command.Flags().Lookup("api-host") != nil || s.Typed("api-url") || s.Typed(providerFlag)
}

// accountLedger is the place of the account's own ledger, empty if the system does not
// say where.
func (s *Settings) accountLedger() string {
	folder := s.StateFolder()
	if folder == "" {
		return ""
	}
	return filepath.Join(folder, s.accountFolder(), LedgerFile)
}

// accountFolder names the folder of the account that the settings lead to: by its
// host, and for another one than the provider's usual by a digest of all that an account
// is. It is empty if there is no such provider, which is told elsewhere.
func (s *Settings) accountFolder() string {
	driver, err := s.Driver()
	if err != nil {
		return ""
	}
	usual, err := driver.Open(provider.Config{URL: driver.URL})
	if err != nil {
		return ""
	}
	account, known := s.Account()
	if !known || account.SameMoney(usual.Account()) {
		return fileName(usual.Account().Host)
	}
	const digits = 4
	sum := sha256.Sum256([]byte(account.Place()))
	return fileName(account.Host) + "-" + hex.EncodeToString(sum[:digits])
}

// fileName keeps of a host what can name a folder on every system.
func fileName(host string) string {
	return strings.Map(func(r rune) rune {
		if (r >= 'a' && r <= 'z') || (r >= '0' && r <= '9') || r == '.' || r == '-' {
			return r
		}
		return '_'
	}, host)
}

// settingOf is the value of a setting, also for a command that has no such flag.
func (s *Settings) settingOf(name, otherwise string) string {
	if value, given := s.given(name); given {
		return value
	}
	return otherwise
}

// given is the value of a setting that somebody gave.
func (s *Settings) given(name string) (value string, given bool) {
	if s.Command != nil {
		if flag := s.Command.Flags().Lookup(name); flag != nil {
			return flag.Value.String(), flag.Changed
		}
	}
	if value, given = s.Env(envName(name)); given {
		return value, true
	}
	if inFile, ok := s.file.values[name]; ok && s.file.origin.kind == fromNamedFile {
		return stringOf(inFile), true
	}
	return "", false
}

// knownLedgers are the ledgers that lie in the places of accounts.
func (s *Settings) knownLedgers() []string {
	folder := s.StateFolder()
	if folder == "" {
		return nil
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	var found []string
	for _, entry := range entries {
		if path := filepath.Join(folder, entry.Name(), LedgerFile); entry.IsDir() && !fsx.Missing(path) {
			found = append(found, path)
		}
	}
	return found
}

// RefuseTwo refuses to choose between the ledger of the working folder, where the
// first edition kept it, and that of the account: what one paid the other does not
// know.
func (s *Settings) RefuseTwo(path string) error {
	place := s.accountLedger()
	if s.Ledger != "" || path == SandboxLedgerFile || place == "" ||
		fsx.Missing(place) || fsx.Missing(LedgerFile) || fsx.SameFile(place, LedgerFile) {
		return nil
	}
	return ui.Usage(s.Text("ledger.two", "here", "./"+LedgerFile, "place", place),
		s.Text("ledger.two_hint", "here", "./"+LedgerFile, "place", ui.ShellWord(place)))
}

// MissingLedger says that there is no ledger, and which there are.
func (s *Settings) MissingLedger(path string) error {
	hints := []string{s.Text("ledger.none_hint")}
	if path != SandboxLedgerFile && !fsx.Missing(SandboxLedgerFile) {
		hints = append(hints, s.Text("ledger.none_rehearsed"))
	}
	if s.Ledger == "" {
		for _, other := range s.knownLedgers() {
			hints = append(hints, "--ledger "+ui.ShellWord(other))
		}
	}
	return ui.Usage(s.Text("ledger.none", "path", path), hints...)
}

// BeginLedger prepares the place of a new ledger and says that one is begun: whoever
// expected to go on with an old one knows that something is wrong.
func (s *Settings) BeginLedger(path string) error {
	const ownerOnly = 0o700
	if s.Ledger == "" && path != SandboxLedgerFile {
		if err := os.MkdirAll(filepath.Dir(path), ownerOnly); err != nil {
			return ui.UsageOf(err, s.Text("ledger.place_hint"))
		}
	}
	return nil
}

// SayLedger says that a new ledger was begun, or that the one of the working folder is
// used although nobody named it.
func (s *Settings) SayLedger(path string, begun bool) {
	switch {
	case path == SandboxLedgerFile:
	case begun:
		s.Remark(s.Text("ledger.begun", "file", path))
	case s.Ledger == "" && path == LedgerFile:
		s.Remark(s.Text("ledger.here", "file", "./"+path))
	}
}

// ConfigFolder is a folder of this user's settings, by the XDG Base Directory
// Specification where there is a home, and in APPDATA on Windows; empty if there is
// neither.
func (s *Settings) ConfigFolder(name string) string {
	for _, place := range []struct{ variable, below string }{
		{"XDG_CONFIG_HOME", ""}, {"APPDATA", ""}, {"HOME", ".config"},
	} {
		if base, ok := s.Env(place.variable); ok && filepath.IsAbs(base) {
			return filepath.Join(base, place.below, "payrun", name)
		}
	}
	return ""
}
