package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const subject = `package subject

import "time"

const limit = 2 * 5

// Both is nobody's.
func Both(a, b bool) bool { return a && b }

// Grade is tested, but for its boundaries and for what being late does.
func Grade(points int, late bool, waited time.Duration) (grade string) {
	tries := 0
	for waited > limit {
		waited -= time.Duration(limit) / 2
		tries++
	}
	if late {
		points = points - tries
	}
	switch {
	case points >= 10 && !late:
		return "good"
	case points < 0 || tries == 3:
		return "none"
	case points == 99:
		return "more" + "than" + grade
	}
	return "fair"
}
`

const subjectTest = `package subject

import "testing"

func TestGrade(t *testing.T) {
	for want, got := range map[string]string{
		"good": Grade(11, false, 0), "fair": Grade(12, true, 12), "none": Grade(-4, false, 25),
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
`

// TestWhatNoTestHoldsIsTold mutates a package of which is known what its test holds. Its
// sources stay as they were.
func TestWhatNoTestHoldsIsTold(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module subject\n\ngo 1.26\n", "subject.go": subject, "subject_test.go": subjectTest,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(folder)
	var out strings.Builder
	if err := run(t.Context(), []string{"-workers", "2", "."}, &out); err != nil {
		t.Fatal(err)
	}
	var told []string
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, "lived") || strings.HasPrefix(line, "unreached") {
			told = append(told, strings.Join(strings.Fields(line), " "))
		}
	}
	slices.Sort(told)
	want := []string{
		"lived subject.go:13:13 boundary of >: for waited > limit {",
		"lived subject.go:15:8 ++: tries++",
		"lived subject.go:17:5 not condition: if late {",
		"lived subject.go:18:19 -: points = points - tries",
		"lived subject.go:21:14 boundary of >=: case points >= 10 && !late:",
		"lived subject.go:23:14 boundary of <: case points < 0 || tries == 3:",
		"lived subject.go:23:18 ||: case points < 0 || tries == 3:",
		"unreached subject.go:8:38 &&: func Both(a, b bool) bool { return a && b }",
	}
	if !slices.Equal(told, want) {
		t.Errorf("told:\n%s\nof\n%s", strings.Join(told, "\n"), out.String())
	}
	if end := "subject: 6 of 14 killed, 1 of them without an end; 8 lived, of which no test reaches 1 and 0 failed by chance\n"; !strings.HasSuffix(out.String(), end) {
		t.Errorf("%s\nwant at its end: %s", out.String(), end)
	}
	if left, err := os.ReadFile("subject.go"); err != nil || string(left) != subject {
		t.Errorf("the source was changed (%v)", err)
	}
}

// TestWhatFailsByChanceHidesNoTestBehindIt judges by a program of two tests, of which one fails
// once and the other always.
func TestWhatFailsByChanceHidesNoTestBehindIt(t *testing.T) {
	folder := t.TempDir()
	binary := filepath.Join(folder, "subject.test")
	const script = `#!/bin/sh
case "$*" in
*TestLuck*) [ -e ran ] || { : >ran; echo '--- FAIL: TestLuck (0.00s)'; exit 1; } ;;
esac
case "$*" in
*TestIt*) echo '--- FAIL: TestIt (0.00s)'; exit 1 ;;
esac
`
	if err := os.WriteFile(binary, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	reaches := map[int]bool{1: true}
	for _, apart := range []time.Duration{0, time.Minute} { // in one group, and in two
		if err := os.RemoveAll(filepath.Join(folder, "ran")); err != nil {
			t.Fatal(err)
		}
		j := judge{binary: binary, folder: folder, kills: map[string]int{}, tests: []test{
			{name: "TestLuck", cost: apart, reaches: reaches}, {name: "TestIt", cost: apart, reaches: reaches},
		}}
		if got := j.try(t.Context(), mutant{id: 1}); got != killed {
			t.Errorf("with %s for each test: %s, want killed", apart, got)
		}
	}
}

// TestAKillHasToRepeat judges by programs that fail as tests do, each so often and then no more.
func TestAKillHasToRepeat(t *testing.T) {
	for failures, want := range map[int]end{0: lived, 1: chance, 2: killed, 3: killed} {
		folder := t.TempDir()
		binary := filepath.Join(folder, "subject.test")
		script := fmt.Sprintf("#!/bin/sh\necho run >>runs\n[ $(wc -l <runs) -gt %d ] || { echo '--- FAIL: TestIt (0.00s)'; exit 1; }\n", failures)
		if err := os.WriteFile(binary, []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		j := judge{binary: binary, folder: folder, kills: map[string]int{}, tests: []test{{name: "TestIt", reaches: map[int]bool{1: true}}}}
		if got := j.try(t.Context(), mutant{id: 1}); got != want {
			t.Errorf("%d failures: %s, want %s", failures, got, want)
		}
	}
}
