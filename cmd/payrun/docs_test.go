package main

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"payrun/cmd/payrun/settings"
)

func readDoc(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func everyCommand() []*cobra.Command {
	root := newApp(context.Background(), environment{}).rootCommand()
	return append([]*cobra.Command{root}, settings.Descendants(root)...)
}

func TestEveryFlagIsDocumented(t *testing.T) {
	text := readDoc(t, "configuration.md")
	for _, cmd := range everyCommand() {
		check := func(flag *pflag.Flag) {
			if !strings.Contains(text, "`--"+flag.Name+" ") && !strings.Contains(text, "`--"+flag.Name+"`") {
				t.Errorf("docs/configuration.md does not mention --%s of %s", flag.Name, cmd.CommandPath())
			}
		}
		cmd.LocalFlags().VisitAll(check)
		cmd.PersistentFlags().VisitAll(check)
	}
}

func TestEveryCommandHasAnExampleAndItsKeys(t *testing.T) {
	keys := readDoc(t, "json.md")
	for _, cmd := range everyCommand() {
		if cmd.Example == "" || cmd.Short == "" {
			t.Errorf("%s has no example or no summary", cmd.CommandPath())
		}
		if cmd.HasSubCommands() {
			continue
		}
		if name := strings.TrimPrefix(cmd.CommandPath(), "payrun "); !strings.Contains(keys, "`"+name) {
			t.Errorf("docs/json.md does not mention %s", name)
		}
	}
}

func TestEveryExitCodeIsDocumented(t *testing.T) {
	text := readDoc(t, "exit-codes.md")
	for _, code := range exitCodes() {
		if !strings.Contains(text, "| "+strconv.Itoa(code)+" |") {
			t.Errorf("docs/exit-codes.md does not explain %d", code)
		}
	}
}

func exitCodes() []int {
	return []int{
		exitPaid, exitInternal, exitUsage, exitFile, exitFailed, exitStopped, exitOpen, exitConflict, exitUnapproved, exitInterrupted,
	}
}
