package main

import (
	"bytes"
	"context"
	"math"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Tests that take far more of the processor than they did have no end. Neither have tests that
// stand still, or that are not done when even a busy machine would be. Seconds are counted by a
// ticker, which a machine that is suspended does not move.
const (
	costsMore = 4
	costsFree = 3 * time.Second
	stillMax  = 60 // seconds without any use of the processor
	waitMore  = 40
	waitFree  = 600 // seconds
)

// failedTest finds the first test that failed in what a binary printed.
var failedTest = regexp.MustCompile(`(?m)^--- FAIL: (\S+)`)

// run runs the tests that a pattern names against a mutant, and says which failed if that is known.
func (j *judge) run(ctx context.Context, m mutant, pattern string, cost time.Duration) (end, string) {
	limit := int(math.Ceil((costsFree + costsMore*cost).Seconds()))
	args := []string{"-c", `ulimit -t "$0" && exec "$@"`, strconv.Itoa(limit), j.binary}
	args = append(args, "-test.failfast", "-test.timeout", "0", "-test.run", "^("+pattern+")$")
	command := exec.CommandContext(ctx, "sh", append(args, j.args...)...)
	command.Dir, command.Env = j.folder, append(os.Environ(), envMutant+"="+strconv.Itoa(m.id))
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	command.WaitDelay = time.Second // for children that keep the pipe
	if err := command.Start(); err != nil {
		return lived, "" // what was not tried was not killed
	}
	done := make(chan struct{})
	go watch(command.Process, waitFree+int(waitMore*cost.Seconds()), done)
	err := command.Wait()
	close(done)
	switch name := failedTest.FindSubmatch(output.Bytes()); {
	case err == nil:
		return lived, ""
	case !command.ProcessState.Exited():
		return endless, pattern
	case name != nil:
		return killed, string(name[1])
	default:
		return killed, pattern
	}
}

// watch ends a process after so many seconds, or once it stood still for long.
func watch(process *os.Process, seconds int, done <-chan struct{}) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	var used string
	still := 0
	for range seconds {
		select {
		case <-ticker.C:
		case <-done:
			return
		}
		if now, known := processorTime(process.Pid); !known || now != used {
			used, still = now, 0
		}
		if still++; still > stillMax {
			break
		}
	}
	_ = process.Kill() // which may have ended just now
}

// processorTime is what a process and those of its children that ended have used of the
// processor, in the words of Linux, which no other system has.
func processorTime(pid int) (used string, known bool) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return "", false
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	const user, childrensSystem = 11, 14 // of those behind the name
	if len(fields) <= childrensSystem {
		return "", false
	}
	return strings.Join(fields[user:childrensSystem+1], " "), true
}
