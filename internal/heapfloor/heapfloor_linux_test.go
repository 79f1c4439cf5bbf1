package heapfloor_test

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"testing"

	"payrun/internal/heapfloor"
)

// TestMain is the program that TestTheFloorTakesNoMemory looks at.
func TestMain(m *testing.M) {
	if os.Getenv("LAY_A_FLOOR") == "" {
		m.Run()
		return
	}
	if os.Getenv("LAY_A_FLOOR") == "late" {
		collectSome()
	}
	floor := heapfloor.Lay(os.LookupEnv)
	status, _ := os.ReadFile("/proc/self/status")
	runtime.KeepAlive(floor)
	_, _ = os.Stdout.Write(status)
}

// collectSome leaves the heap as a collection does: with memory that was used, up to where none was.
func collectSome() {
	const some, each = 128, 64 << 10
	var used [][]byte
	for range some {
		used = append(used, bytes.Repeat([]byte{1}, each))
	}
	runtime.KeepAlive(used)
	runtime.GC()
}

// TestTheFloorTakesNoMemory: it would otherwise be most of what payrun takes.
func TestTheFloorTakesNoMemory(t *testing.T) {
	for _, when := range []string{"first", "late"} {
		t.Run(when, func(t *testing.T) { takesNoMemory(t, when) })
	}
}

func takesNoMemory(t *testing.T, when string) {
	t.Helper()
	program := exec.Command(os.Args[0]) //nolint:gosec // this test
	program.Env = append(os.Environ(), "LAY_A_FLOOR="+when, "GOGC=", "GOMEMLIMIT=")
	status, err := program.Output()
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`RssAnon:\s+(\d+) kB`).FindSubmatch(status)
	if match == nil {
		t.Fatalf("the kernel says nothing of memory:\n%s", status)
	}
	const kilobytesMax = 64 << 10
	if kilobytes, err := strconv.Atoi(string(match[1])); err != nil || kilobytes > kilobytesMax {
		t.Errorf("a program with a floor takes %d KiB (%v)", kilobytes, err)
	}
}

func TestTheFloorGivesWayToThePersonsOwnSettings(t *testing.T) {
	for _, variable := range []string{"GOGC", "GOMEMLIMIT"} {
		env := func(name string) (string, bool) {
			if name != variable {
				return "", false
			}
			return "100", true
		}
		if heapfloor.Lay(env) != nil {
			t.Errorf("a floor beside %s", variable)
		}
	}
}
