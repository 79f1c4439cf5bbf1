package settings

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"payrun/cmd/payrun/ui"
)

// ServerOptions say which running server a command asks, instead of a ledger.
type ServerOptions struct {
	// URL is the server's address, empty for none.
	URL string
	// TokenFile holds the token, if the environment does not.
	TokenFile string
}

// tokenVariable is the environment variable that has the token of a server, without its
// prefix. There is no flag for it: other users of the machine see those.
const tokenVariable = "TOKEN"

// secretVariables are the variables with secrets that are not the provider's, without their prefix.
//
//nolint:gochecknoglobals // a table that nothing writes to
var secretVariables = []string{tokenVariable, "NOTIFY_SECRET", "SMTP_PASSWORD"}

// serverFlags name the server, and alsoRemote are what every command may say beside it.
//
//nolint:gochecknoglobals // tables that nothing writes to
var (
	serverFlags = []string{"server", "token-file"}
	alsoRemote  = []string{"config", "output", "log-format", "log-level", "log-file", "lang", "time-zone", "no-progress"}
)

// AddServerFlags lets a command ask a running server.
func (s *Settings) AddServerFlags(flags *pflag.FlagSet) {
	flags.StringVar(&s.Server.URL, "server", "", "ask the payrun server at `URL` instead of a ledger, with a token from "+EnvPrefix+tokenVariable+" or --token-file")
	flags.StringVar(&s.Server.TokenFile, "token-file", "", "read the server's token from `FILE`, which only you may read")
}

// serverless is the kind of commands that ask no server, by their paths: each has a sentence.
//
//nolint:gochecknoglobals // a table that nothing writes to
var serverless = map[string]string{
	"validate": "file", "diff": "file", "plan": "file", "columns": "file",
	"fix": "file", "ids": "file", "template": "file", "rules show": "file",

	"ledger verify": "ledger", "ledger backup": "ledger", "ledger restore": "ledger", "ledger init": "ledger",
	"ledger upgrade": "ledger", "ledger copy": "ledger", "worker list": "ledger", "worker evict": "ledger",

	"work": "itself", "serve": "itself", "sandbox": "itself",
	"verify": "folder", "people init": "first",
	"doctor": "here", "init": "here", "man": "here", "version": "here",
}

// Serverless is why a command asks no server, in a sentence; nil for one that does.
func Serverless(cmd *cobra.Command) error {
	_, path, _ := strings.Cut(cmd.CommandPath(), " ")
	kind, is := serverless[path]
	if !is {
		return nil
	}
	return ui.Mistaken("serverless_"+kind, "command", cmd.CommandPath())
}

// Remote reports whether a command asks a server, and refuses flags that were typed and that
// the server decides by itself. Those that it is told are allowed.
func (s *Settings) Remote(cmd *cobra.Command, allowed ...string) (bool, error) {
	if s.Server.URL == "" {
		if s.Typed("token-file") {
			return false, ui.Mistaken("token_alone")
		}
		return false, nil
	}
	var refused string
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		known := slices.Contains(serverFlags, flag.Name) || slices.Contains(alsoRemote, flag.Name) || slices.Contains(allowed, flag.Name)
		if refused == "" && !known && s.Typed(flag.Name) {
			refused = flag.Name
		}
	})
	if refused != "" {
		return true, ui.Mistaken("not_remote", "flag", "--"+refused)
	}
	return true, nil
}

// ServerToken is the secret of the token, from the environment or a file.
func (s *Settings) ServerToken() (string, error) {
	if value, set := s.Env(EnvPrefix + tokenVariable); set && value != "" {
		return value, nil
	}
	if s.Server.TokenFile == "" {
		return "", ui.Mistaken("no_token")
	}
	return s.readSecret(s.Server.TokenFile)
}
