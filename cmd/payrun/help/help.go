// Package help puts the help of the commands into the reader's language.
//
// The English words stand beside what they describe, in each command and each flag; the
// words of another language in one file here, by the command's path and the flag's English
// words. A test finds what has no words yet, and what was translated before its English
// words changed. The package knows no command by name and changes none but its words.
package help

import (
	"bytes"
	_ "embed" // the words
	"fmt"
	"hash/crc32"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"payrun/internal/catalogue"
)

//go:embed fr.yaml
var french []byte

// Words are those of one language.
type Words struct {
	// Frame has the words around the commands' own: titles, and what cobra says itself.
	Frame map[string]string `yaml:"frame"`
	// Arguments are the names of arguments on usage lines, by their English ones.
	Arguments map[string]string  `yaml:"arguments"`
	Commands  map[string]Command `yaml:"commands"`
	// Flags are the flags' descriptions, by their English ones.
	Flags map[string]string `yaml:"flags"`
}

// Command has the words of a command.
type Command struct {
	// English is the digest of the words that were translated.
	English string `yaml:"english"`
	Short   string `yaml:"short"`
	Long    string `yaml:"long"`
	Example string `yaml:"example"`
}

// In returns the words of a language, nil for English, which needs none. An error is a
// defect of the build.
func In(language catalogue.Language) (*Words, error) {
	if language != catalogue.French {
		return nil, nil //nolint:nilnil // documented
	}
	var words Words
	if err := catalogue.Strictly(french, &words); err != nil {
		return nil, fmt.Errorf("help in %q: %w", language, err)
	}
	return &words, nil
}

// Digest stands for the English words of a command.
func Digest(cmd *cobra.Command) string {
	return fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(cmd.Short+"\n"+cmd.Long)))
}

// Flag returns the words of a flag, the English ones where there are no others. It may be
// called on nil.
func (w *Words) Flag(usage string) string {
	if w == nil {
		return usage
	}
	if said, ok := w.Flags[usage]; ok {
		return said
	}
	if of, ok := strings.CutPrefix(usage, "help for "); ok {
		return w.Frame["help_of"] + " " + of
	}
	if of, ok := strings.CutPrefix(usage, "version for "); ok {
		return w.Frame["version_of"] + " " + of
	}
	return usage
}

// Translate puts a tree of commands into the language. Nothing may look anything up by its
// words afterwards. It may be called on nil, and does nothing then.
func (w *Words) Translate(root *cobra.Command) {
	if w == nil {
		return
	}
	root.InitDefaultVersionFlag()
	standard := root.UsageFunc()
	root.SetUsageFunc(func(cmd *cobra.Command) error {
		var text bytes.Buffer
		out := cmd.OutOrStderr()
		cmd.SetOut(&text)
		err := standard(cmd)
		cmd.SetOut(out)
		if err != nil {
			return err
		}
		_, err = io.WriteString(out, w.usage(text.String()))
		return err
	})
	w.command(root)
}

func (w *Words) command(cmd *cobra.Command) {
	cmd.InitDefaultHelpFlag()
	if said, ok := w.Commands[cmd.CommandPath()]; ok {
		cmd.Short, cmd.Long = said.Short, said.Long
		if said.Example != "" {
			cmd.Example = strings.TrimRight(said.Example, "\n")
		}
	}
	w.line(cmd)
	flags := func(flag *pflag.Flag) { flag.Usage = w.Flag(flag.Usage) }
	cmd.LocalNonPersistentFlags().VisitAll(flags)
	cmd.PersistentFlags().VisitAll(flags)
	for _, child := range cmd.Commands() {
		w.command(child)
	}
}

// line translates the usage line: the arguments, and that there are flags.
func (w *Words) line(cmd *cobra.Command) {
	fields := strings.Fields(cmd.Use)
	for i, field := range fields[1:] {
		name := strings.Trim(field, "[]")
		if said, ok := w.Arguments[name]; ok {
			fields[i+1] = strings.Replace(field, name, said, 1)
		}
	}
	cmd.Use = strings.Join(fields, " ")
	if !cmd.DisableFlagsInUseLine && cmd.HasAvailableFlags() {
		cmd.Use += " " + w.Frame["options"]
	}
	cmd.DisableFlagsInUseLine = true
}

// usage translates what cobra and pflag say themselves on a page of help. Widths stay, so
// that columns do.
func (w *Words) usage(text string) string {
	f := w.Frame
	return strings.NewReplacer(
		"Usage:\n", f["usage"]+"\n", "Aliases:\n", f["aliases"]+"\n", "Examples:\n", f["examples"]+"\n",
		"Available Commands:\n", f["commands"]+"\n", "Global Flags:\n", f["global_flags"]+"\n", "Flags:\n", f["flags"]+"\n",
		"Use \"", f["use"]+" \"", "[command]", f["command"], "for more information about a command.", f["for_more"],
		"(default ", "("+f["default"]+" ", " duration  ", " durée     ", " float  ", " nombre ", " int   ", " entier",
	).Replace(text)
}

// Manual translates the titles of a manual page.
func (w *Words) Manual(page string) string {
	if w == nil {
		return page
	}
	f := w.Frame
	return strings.NewReplacer(
		".SH NAME", ".SH "+f["name"], ".SH OPTIONS INHERITED FROM PARENT COMMANDS", ".SH "+f["inherited"],
		".SH OPTIONS", ".SH "+f["options_title"], ".SH EXAMPLE", ".SH "+f["example"], ".SH SEE ALSO", ".SH "+f["see_also"],
	).Replace(page)
}
