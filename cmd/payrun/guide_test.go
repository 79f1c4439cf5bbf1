package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"payrun/batch/messages"
)

// guideBlock finds the commands of a page. After "sh" may stand "exit=3", the exit
// code of its last command, or "terminal" for commands that ask a person, of which
// only the flags are checked.
var guideBlock = regexp.MustCompile("(?ms)^ *```sh( [^\n]*)?\n(.*?)^ *```$")

// TestTheGuidesCommandsWork runs every command of the user guide, in order, in one
// folder and against a simulated provider, as a reader would.
func TestTheGuidesCommandsWork(t *testing.T) {
	t.Parallel()
	binary := payrunBinary(t)
	for _, language := range []string{"en", "fr"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			text := readDoc(t, filepath.Join("guide", language, "README.md"))
			folder := readersFolder(t, text)
			env := append(os.Environ(),
				"PATH="+filepath.Dir(binary)+string(os.PathListSeparator)+os.Getenv("PATH"),
				"PAYRUN_API_URL="+startSandbox(t, binary), "PAYRUN_RATE=150", "LANG="+language)
			blocks := guideBlock.FindAllStringSubmatch(text, -1)
			const fewest = 10
			if len(blocks) < fewest || len(blocks) != strings.Count(text, "```sh") {
				t.Fatalf("only %d of %d blocks were found", len(blocks), strings.Count(text, "```sh"))
			}
			for _, block := range blocks {
				mode, commands := strings.TrimSpace(block[1]), block[2]
				if mode == "terminal" {
					// Nobody types the total here: everything before that must be right.
					mode = "exit=" + strconv.Itoa(exitUsage)
				}
				runBlock(t, folder, env, mode, commands)
			}
		})
	}
}

// guideScenario finds the scenario that a page has its reader write.
var guideScenario = regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$")

// readersFolder is what the guide supposes to be there: a file to pay, two
// credentials, and the scenario that stands on the page.
func readersFolder(t *testing.T, page string) string {
	t.Helper()
	folder := t.TempDir()
	sample, err := os.ReadFile(filepath.Join("..", "..", "testdata", "payroll.csv"))
	if err != nil {
		t.Fatal(err)
	}
	scenario := guideScenario.FindStringSubmatch(page)
	if scenario == nil {
		t.Fatal("the page has no scenario")
	}
	for name, content := range map[string]string{
		"november.csv": string(sample), "bad-day.yaml": scenario[1],
		"api.key": "sandbox-key\n", "api.secret": "sandbox-secret\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func runBlock(t *testing.T, folder string, env []string, mode, commands string) {
	t.Helper()
	want := 0
	if mode != "" {
		if _, err := fmt.Sscanf(mode, "exit=%d", &want); err != nil {
			t.Fatalf("the guide marks a block %q: %v", mode, err)
		}
	}
	shell := exec.CommandContext(t.Context(), "bash", "-euc", commands)
	shell.Dir, shell.Env = folder, env
	out, err := shell.CombinedOutput()
	got := 0
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		got = failed.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Fatalf("exit code %d, want %d, of:\n%s\n%s", got, want, commands, out)
	}
}

// TestTheGuideKnowsEveryMessageItExplains looks each message of the last table up
// in the catalogue of its language, where it may have been changed.
func TestTheGuideKnowsEveryMessageItExplains(t *testing.T) {
	t.Parallel()
	row := regexp.MustCompile("(?m)^\\| `([^`]+)` \\| ")
	for _, language := range []messages.Language{messages.English, messages.French} {
		words, err := messages.New(language)
		if err != nil {
			t.Fatal(err)
		}
		said := strings.ReplaceAll(strings.Join(slices.Collect(maps.Values(words.Texts)), "\n"), "{name}", words.Text("credential.key"))
		text := readDoc(t, filepath.Join("guide", string(language), "README.md"))
		table := text[strings.LastIndex(text, "\n## "):]
		rows := row.FindAllStringSubmatch(table, -1)
		const fewest = 12
		if len(rows) < fewest {
			t.Errorf("%s: only %d messages explained", language, len(rows))
		}
		for _, match := range rows {
			if !strings.Contains(said, match[1]) {
				t.Errorf("%s: payrun does not say %q", language, match[1])
			}
		}
	}
}

func TestTheGuideExplainsEveryExitCode(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"en", "fr"} {
		text := readDoc(t, filepath.Join("guide", language, "README.md"))
		for _, code := range exitCodes() {
			if !strings.Contains(text, "\n| "+strconv.Itoa(code)+" |") {
				t.Errorf("%s: exit code %d is not explained", language, code)
			}
		}
	}
}
