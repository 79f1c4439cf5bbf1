package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"payrun/cmd/payrun/settings"
	"payrun/internal/catalogue"
)

// The guide's fences say what this test does with them:
//
//	```sh run          run the lines in order, expect exit code 0
//	```sh run exit=4   the same, but expect 4 of the last line
//	```sh parse        do not run, but command, arguments and flags must exist
//	```text            each line is printed by the block before; "…" is anything
//	```yaml NAME       the reader saves this as NAME (csv likewise)
//
// A page is run from top to bottom in a folder that holds nothing but the sample
// file. The environment turns every payment into a rehearsal and answers what a
// person would be asked.
var guideFence = regexp.MustCompile("(?ms)^ *```([a-z]+)([^\n]*)\n(.*?)^ *```$")

// guideLanguages are the guide's languages and what each calls the sample.
var guideLanguages = map[string]string{"en": "november.csv", "fr": "novembre.csv"}

const guideSample = `transaction_id,customer_id,name,amount,operator
NOV-001,0701020304,Awa Koné,150000,Orange
NOV-002,0501020304,Yao N'Guessan,95000,MTN
NOV-003,0101020304,Issa Traoré,120000,Moov
`

func guidePages(t *testing.T, language string) []string {
	t.Helper()
	pages, err := filepath.Glob(filepath.Join("..", "..", "docs", "guide", language, "*.md"))
	const fewest = 8
	if err != nil || len(pages) < fewest {
		t.Fatalf("%d pages in %s, %v", len(pages), language, err)
	}
	return pages
}

// TestTheGuideDoesWhatItSays does what a reader of each page would.
func TestTheGuideDoesWhatItSays(t *testing.T) {
	t.Parallel()
	for language, sample := range guideLanguages {
		for _, page := range guidePages(t, language) {
			t.Run(language+"/"+filepath.Base(page), func(t *testing.T) {
				t.Parallel()
				text := readPage(t, page)
				r := newReader(t, language, sample)
				fences := guideFence.FindAllStringSubmatch(text, -1)
				if opened := strings.Count(text, "```"); opened != 2*len(fences) {
					t.Fatalf("%d fences, of which %d are understood", opened/2, len(fences))
				}
				for _, fence := range fences {
					r.follow(fence[1], strings.Fields(fence[2]), dedent(fence[3]))
				}
			})
		}
	}
}

func readPage(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// dedent takes off the indentation of a block in a list.
func dedent(block string) string {
	first := strings.TrimLeft(block, " ")
	indent := strings.Repeat(" ", len(block)-len(first))
	return strings.ReplaceAll("\n"+block, "\n"+indent, "\n")[1:]
}

// reader does what the fences of one page say.
type reader struct {
	t      *testing.T
	folder string
	env    []string
	// printed is the output of the last block, on both streams.
	printed string
}

func newReader(t *testing.T, language, sample string) *reader {
	t.Helper()
	r := &reader{t: t, folder: t.TempDir()}
	r.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + r.folder, "LANG=" + language + "_CI.UTF-8",
		"PAYRUN_SANDBOX=true", "PAYRUN_YES=true", "PAYRUN_ANCHORS=" + filepath.Join(r.folder, "anchors"),
	}
	r.save(sample, guideSample)
	return r
}

func (r *reader) save(name, text string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.folder, name), []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r *reader) follow(kind string, marks []string, block string) {
	r.t.Helper()
	switch {
	case kind == "sh" && len(marks) > 0 && marks[0] == "run":
		mustParse(r.t, block)
		r.run(block, strings.TrimPrefix(strings.Join(marks[1:], " "), "exit="))
	case kind == "sh" && slices.Equal(marks, []string{"parse"}):
		mustParse(r.t, block)
	case kind == "text" && len(marks) == 0:
		r.compare(block)
	case (kind == "yaml" || kind == "csv") && len(marks) == 1:
		r.save(marks[0], block)
	default:
		r.t.Errorf("the guide marks a block ```%s %s, which means nothing", kind, strings.Join(marks, " "))
	}
}

func (r *reader) run(block, exit string) {
	r.t.Helper()
	want := exitPaid
	if exit != "" {
		var err error
		if want, err = strconv.Atoi(exit); err != nil {
			r.t.Fatalf("exit=%s is no exit code", exit)
		}
	}
	shell := exec.CommandContext(r.t.Context(), "bash", "-euc", block)
	shell.Dir, shell.Env = r.folder, r.env
	out, err := shell.CombinedOutput()
	got := exitPaid
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		got = failed.ExitCode()
	} else if err != nil {
		r.t.Fatal(err)
	}
	if got != want {
		r.t.Fatalf("exit code %d, want %d, of:\n%s\n%s", got, want, block, out)
	}
	r.printed = string(out)
}

// compare expects each line that a page shows in one that was printed, whatever
// the width of the gaps.
func (r *reader) compare(shown string) {
	r.t.Helper()
	var printed []string
	for line := range strings.Lines(r.printed) {
		printed = append(printed, strings.Join(strings.Fields(line), " "))
	}
	for line := range strings.Lines(shown) {
		words := strings.Join(strings.Fields(line), " ")
		pattern := regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(words), "…", ".*"))
		if !slices.ContainsFunc(printed, pattern.MatchString) {
			r.t.Errorf("the page shows %q; printed was:\n%s", words, r.printed)
		}
	}
}

// commandLine finds the invocations of payrun in lines for a shell.
var commandLine = regexp.MustCompile(`(?m)(?:^|[ (])payrun((?: [^|>&;)#\n]*)?)`)

// mustParse checks that payrun has the commands, arguments and flags of a block.
func mustParse(t *testing.T, block string) {
	t.Helper()
	found := commandLine.FindAllStringSubmatch(block, -1)
	for _, match := range found {
		root := newApp(t.Context(), environment{}).rootCommand()
		if err := parses(root, strings.Fields(match[1])); err != nil {
			t.Errorf("payrun%s: %v", match[1], err)
		}
	}
}

func parses(root *cobra.Command, args []string) error {
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	switch err := cmd.ParseFlags(rest); {
	case errors.Is(err, pflag.ErrHelp):
		return nil
	case err != nil:
		return fmt.Errorf("flags of %s: %w", cmd.CommandPath(), err)
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}

// TestEveryExampleInTheHelpParses walks the whole command tree: each command shows
// a worked example, and payrun has every command and flag in it.
func TestEveryExampleInTheHelpParses(t *testing.T) {
	t.Parallel()
	for _, cmd := range everyCommand() {
		name := strings.TrimPrefix(cmd.CommandPath(), "payrun")
		lines := commandLine.FindAllStringSubmatch(cmd.Example, -1)
		shows := func(line []string) bool { return strings.HasPrefix(line[1], name) }
		if !slices.ContainsFunc(lines, shows) {
			t.Errorf("the example of payrun%s does not show it: %q", name, cmd.Example)
		}
		mustParse(t, cmd.Example)
	}
}

// TestEveryCommandHasAManualPage has each page name its command and all its flags.
func TestEveryCommandHasAManualPage(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	var printed strings.Builder
	env := environment{
		stdout: &printed, stderr: &printed,
		lookup: own(t).env,
	}
	if code := run([]string{"man", folder}, env); code != exitPaid {
		t.Fatalf("exit code %d: %s", code, printed.String())
	}
	for _, cmd := range everyCommand() {
		page := readPage(t, filepath.Join(folder, settings.ManualName(cmd)))
		for _, want := range []string{cmd.Short, "EXAMPLE"} {
			if !strings.Contains(page, want) {
				t.Errorf("%s does not hold %q", settings.ManualName(cmd), want)
			}
		}
	}
}

// TestTheGuideIsWholeInBothLanguages wants the same pages, as many commands on
// each, every page in the list, every link leading somewhere, every exit code.
func TestTheGuideIsWholeInBothLanguages(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
	for language, other := range map[string]string{"en": "fr", "fr": "en"} {
		pages := guidePages(t, language)
		list := readPage(t, filepath.Join(filepath.Dir(pages[0]), "README.md"))
		codes := readPage(t, filepath.Join(filepath.Dir(pages[0]), "exit-codes.md"))
		for _, code := range exitCodes() {
			if !strings.Contains(codes, fmt.Sprintf("| %d |", code)) {
				t.Errorf("%s does not explain exit code %d", language, code)
			}
		}
		for _, page := range pages {
			name, text := filepath.Base(page), readPage(t, page)
			twin := readPage(t, filepath.Join(filepath.Dir(page), "..", other, name))
			if has, want := strings.Count(text, "```sh "), strings.Count(twin, "```sh "); has != want {
				t.Errorf("%s/%s has %d blocks of commands, in the other language %d", language, name, has, want)
			}
			if name != "README.md" && !strings.Contains(list, "("+name+")") {
				t.Errorf("%s/README.md does not list %s", language, name)
			}
			for _, match := range link.FindAllStringSubmatch(text, -1) {
				if _, err := os.Stat(filepath.Join(filepath.Dir(page), match[1])); err != nil {
					t.Errorf("%s links to %s, which is not there", page, match[1])
				}
			}
		}
	}
}

// TestTheGuideQuotesRealMessages looks each message that troubleshooting explains
// up in the words of that language and in the source of what speaks to people.
func TestTheGuideQuotesRealMessages(t *testing.T) {
	t.Parallel()
	source := sourceText(t)
	row := regexp.MustCompile("(?m)^\\| `([^`]+)` \\|")
	for language := range guideLanguages {
		said := source + readPage(t, filepath.Join("..", "..", "internal", "catalogue", language+".yaml"))
		page := readPage(t, filepath.Join("..", "..", "docs", "guide", language, "troubleshooting.md"))
		rows := row.FindAllStringSubmatch(page, -1)
		const fewest = 20
		if len(rows) < fewest {
			t.Errorf("%s: only %d messages are explained", language, len(rows))
		}
		for _, match := range rows {
			if !strings.Contains(said, match[1]) {
				t.Errorf("%s: payrun does not say %q", language, match[1])
			}
		}
	}
}

// sourceText is the program's own source, without its tests.
func sourceText(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, folder := range []string{"cmd", "provider"} {
		err := filepath.WalkDir(filepath.Join("..", "..", folder), func(path string, _ fs.DirEntry, err error) error {
			if err == nil && filepath.Ext(path) == ".go" && !strings.HasSuffix(path, "_test.go") {
				all.WriteString(readPage(t, path))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

// emphasis finds the words of a page that stand there as they are on a page of the console.
var emphasis = regexp.MustCompile(`(?s)\*([^*\n][^*]*)\*`)

// TestTheGuideNamesWhatThePagesSay: buttons and pages are called as they are.
func TestTheGuideNamesWhatThePagesSay(t *testing.T) {
	t.Parallel()
	for language := range guideLanguages {
		words, err := catalogue.Console(catalogue.Language(language))
		if err != nil {
			t.Fatal(err)
		}
		for _, page := range []string{"console.md", "schedule.md"} {
			text := guideFence.ReplaceAllString(readPage(t, filepath.Join("..", "..", "docs", "guide", language, page)), "")
			named := emphasis.FindAllStringSubmatch(text, -1)
			if len(named) == 0 {
				t.Errorf("%s/%s names nothing", language, page)
			}
			for _, match := range named {
				name := strings.Join(strings.Fields(match[1]), " ")
				said := false
				for key, words := range words.Texts {
					said = said || strings.HasPrefix(key, "console.") && strings.HasPrefix(words, name)
				}
				if !said {
					t.Errorf("%s/%s speaks of %q, which no page says", language, page, name)
				}
			}
		}
	}
}
