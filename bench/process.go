package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// cost is the time and memory that a process took.
type cost struct {
	wall time.Duration
	// processor is the time that it had of the processors.
	processor time.Duration
	// resident is the most memory it had, and anonymous the most of that which is
	// not the ledger's file mapped into it, in MiB.
	resident, anonymous int
}

// measure runs a command to its end and says what it cost. Its output is shown
// only if it fails.
func measure(ctx context.Context, folder, name string, args ...string) (cost, []byte, error) {
	var out tail
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // our own programs
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, &out, &out
	cmd.Env = environment(folder)
	started := time.Now()
	if err := cmd.Start(); err != nil {
		return cost{}, nil, err
	}
	anonymous := watchMemory(cmd.Process.Pid)
	err := cmd.Wait()
	c := cost{
		wall: time.Since(started), anonymous: anonymous(), resident: residentMost(cmd.ProcessState),
		processor: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
	}
	if err != nil {
		return c, nil, fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
	return c, out, nil
}

// tail is the end of what a program printed. An export prints gigabytes, and what this
// process takes would count as the most that the next one had: it begins as a copy.
type tail []byte

const tailMax = 64 << 10

func (t *tail) Write(p []byte) (int, error) {
	*t = append(*t, p[max(0, len(p)-tailMax):]...)
	*t = append((*t)[:0], (*t)[max(0, len(*t)-tailMax):]...)
	return len(p), nil
}

// environment is that of our programs: what payrun remembers of ledgers goes where they go, and
// not to the machine's.
func environment(folder string) []string {
	return append(os.Environ(), "PAYRUN_API_KEY="+apiKey, "PAYRUN_API_SECRET="+apiSecret,
		"PAYRUN_ANCHORS="+filepath.Join(folder, "anchors"), "XDG_STATE_HOME="+filepath.Join(folder, "state"))
}

// watchMemory looks at a process's anonymous memory now and then, until the
// returned function is called, which returns the most that was seen, in MiB.
func watchMemory(pid int) (most func() int) {
	done, highest := make(chan struct{}), make(chan int, 1)
	go func() {
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		for top := 0; ; {
			select {
			case <-done:
				highest <- top
				return
			case <-ticker.C:
				top = max(top, anonymousMemory(pid))
			}
		}
	}()
	return func() int {
		close(done)
		return <-highest
	}
}

// anonymousMemory is 0 for a process that has ended.
func anonymousMemory(pid int) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, "RssAnon:"); found {
			kilobytes, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			return kilobytes >> 10
		}
	}
	return 0
}

// workplace is a folder with the program in it.
type workplace struct{ folder, payrun, self string }

func newWorkplace(ctx context.Context) (workplace, error) {
	folder, err := os.MkdirTemp("", "payrun-bench-")
	if err != nil {
		return workplace{}, err
	}
	self, err := os.Executable()
	w := workplace{folder: folder, payrun: filepath.Join(folder, "payrun"), self: self}
	if err != nil {
		return w, err
	}
	_, _, err = measure(ctx, ".", "go", "build", "-o", w.payrun, "./cmd/payrun")
	return w, err
}

func (w workplace) remove() { _ = os.RemoveAll(w.folder) }

func (w workplace) path(name string) string { return filepath.Join(w.folder, name) }

func (w workplace) write(name string, p payroll) error { return w.writeWith(name, p.write) }

// writeWith has a function write a file.
func (w workplace) writeWith(name string, write func(io.Writer) error) error {
	file, err := os.Create(w.path(name))
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}

// simulate starts payrun sandbox in a process of its own, a provider that answers after
// the latency, without faults but for those that more lines of its scenario ask for, and
// returns its URL.
func (w workplace) simulate(ctx context.Context, latency time.Duration, more ...string) (url string, stop func(), err error) {
	scenario := fmt.Sprintf("latency: {min: %s, max: %s}\n%s\n", latency, latency, strings.Join(more, "\n"))
	if err := os.WriteFile(w.path("scenario.yaml"), []byte(scenario), 0o600); err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, w.payrun, "sandbox", "--scenario", w.path("scenario.yaml")) //nolint:gosec // our own
	cmd.Dir = w.folder
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if at := strings.Index(line, "http://"); at >= 0 && err == nil {
		return strings.Fields(line[at:])[0], stop, nil
	}
	stop()
	return "", nil, errors.Join(fmt.Errorf("payrun sandbox: %q", line), err)
}

// get reads one of the simulator's own pages.
func get(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(response.Body)
	return text, errors.Join(err, response.Body.Close())
}
