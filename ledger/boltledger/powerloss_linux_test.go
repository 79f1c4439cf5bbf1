package boltledger_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
)

// The tests of this file cut the power. A process of its own writes a ledger and says
// after each call what it was told is durable, a tracer notes every write and every
// sync, and the file is then put together as a machine may find it after a power cut
// at any of these moments: what was synced is there, of what was written since any
// part may be, torn at sectors.

const (
	// lossFolder tells the process that writes where, and lossNoSync to leave
	// syncing out, so that the tests can show that they would notice.
	lossFolder = "PAYRUNTEST_POWERLOSS"
	lossNoSync = "PAYRUNTEST_POWERLOSS_NOSYNC"

	lossRows, lossWindow = 60, 12
	imagesPerMoment      = 3
)

// TestAPowerCutLosesNothingThatWasSaid is the promise: whatever the store said was
// recorded is there after a power cut, and whatever is opened holds together.
func TestAPowerCutLosesNothingThatWasSaid(t *testing.T) {
	trace := traced(t, false)
	if broken := trace.violations(t); len(broken) > 0 {
		t.Errorf("%d of %d images: %v", len(broken), trace.images, broken[:min(len(broken), 5)])
	}
	t.Logf("%d images of %d moments", trace.images, trace.moments)
	if trace.images < 100 {
		t.Errorf("only %d images: too few to show anything", trace.images)
	}
}

// TestAPowerCutShowsThatNothingIsSynced holds the test above to its purpose: with
// syncing left out it must fail.
func TestAPowerCutShowsThatNothingIsSynced(t *testing.T) {
	if broken := traced(t, true).violations(t); len(broken) == 0 {
		t.Error("a ledger that never syncs survived every power cut")
	}
}

// TestANewLedgerIsOnDiskBeforeItHasItsName looks at the order of calls that make a
// ledger: its pages are synced before it gets its name, and the name before the
// store says that it is open.
func TestANewLedgerIsOnDiskBeforeItHasItsName(t *testing.T) {
	trace := traced(t, false)
	var order []string
	for _, c := range trace.calls {
		if c.name == "write" {
			break
		}
		order = append(order, c.name+" "+c.kind)
	}
	all := strings.Join(order, "\n")
	for _, want := range []string{
		`(?s)pwrite64 new.*f(data)?sync new\nlinkat `, // nothing is written between the sync and the name
		`(?s)linkat .*fsync folder`,
	} {
		if !regexp.MustCompile(want).MatchString(all) {
			t.Errorf("the calls do not fit %s:\n%s", want, all)
		}
	}
}

// TestPowerLossWriter is the process that writes. It is nothing to run by itself.
func TestPowerLossWriter(t *testing.T) {
	folder := os.Getenv(lossFolder)
	if folder == "" {
		t.Skip("written for another test of this file")
	}
	store, err := boltledger.Open(filepath.Join(folder, "ledger.db"), boltledger.Options{NoSync: os.Getenv(lossNoSync) != ""})
	if err != nil {
		t.Fatal(err)
	}
	say := func(format string, args ...any) {
		_, _ = os.Stdout.WriteString("said " + fmt.Sprintf(format, args...) + "\n")
	}
	say("open")
	entries := ledgertest.Entries("A", lossRows)
	if _, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(entries)); err != nil {
		t.Fatal(err)
	}
	say("enrolled")
	for from := 0; from < lossRows; from += lossWindow {
		var intents, outcomes []ledger.Change
		for _, entry := range entries[from : from+lossWindow] {
			intents = append(intents, ledgertest.Move(entry.ID, ledger.Queued, ledger.Submitting))
			outcomes = append(outcomes, ledgertest.Move(entry.ID, ledger.Submitting, ledger.Successful))
		}
		if _, err := store.Apply(t.Context(), intents); err != nil {
			t.Fatal(err)
		}
		say("intended %d", from+lossWindow)
		if _, err := store.Apply(t.Context(), outcomes); err != nil {
			t.Fatal(err)
		}
		say("paid %d", from+lossWindow)
	}
	// Closing may sync; the promise does not wait for it.
}

// call is one traced system call upon the ledger or about it.
type call struct {
	name, kind string
	offset     int64
	data       []byte
}

type powerTrace struct {
	calls           []call
	images, moments int
}

// traced runs the writer under a tracer.
func traced(t *testing.T, noSync bool) *powerTrace {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("strace is missing")
		}
		t.Skip("strace is not installed")
	}
	folder := t.TempDir()
	log := filepath.Join(folder, "trace")
	cmd := exec.CommandContext(t.Context(), strace, //nolint:gosec // found on the path, and this very program
		"-f", "-xx", "-s", "1048576", "-o", log,
		"-e", "trace=openat,close,pwrite64,fdatasync,fsync,ftruncate,linkat,write",
		os.Args[0], "-test.run", "^TestPowerLossWriter$", "-test.count=1")
	cmd.Env = append(os.Environ(), lossFolder+"="+folder, "GOMAXPROCS=1")
	if noSync {
		cmd.Env = append(cmd.Env, lossNoSync+"=1")
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		if bytes.Contains(out, []byte("PTRACE")) {
			t.Skipf("tracing is not allowed here: %s", out)
		}
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	return &powerTrace{calls: parseTrace(t, string(text), folder)}
}

var (
	resumed   = regexp.MustCompile(`^<\.\.\. \w+ resumed>(.*)$`)
	called    = regexp.MustCompile(`^(\w+)\((.*)\) += (-?\d+)`)
	hexString = regexp.MustCompile(`"((?:\\x[0-9a-f]{2})*)"`)
)

// parseTrace keeps the calls that matter, in the order in which they ended.
func parseTrace(t *testing.T, text, folder string) []call {
	t.Helper()
	var calls []call
	begun := map[string]string{}
	open := map[int]string{}
	for line := range strings.Lines(text) {
		pid, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		rest = strings.TrimSpace(rest)
		if head, cut := strings.CutSuffix(rest, "<unfinished ...>"); cut {
			begun[pid] = head
			continue
		}
		if tail := resumed.FindStringSubmatch(rest); tail != nil {
			rest = strings.TrimSpace(begun[pid]) + tail[1]
		}
		parts := called.FindStringSubmatch(rest)
		if parts == nil || strings.HasPrefix(parts[3], "-") {
			continue
		}
		if c, matters := readCall(t, parts[1], parts[2], parts[3], folder, open); matters {
			calls = append(calls, c)
		}
	}
	return calls
}

func readCall(t *testing.T, name, args, result, folder string, open map[int]string) (call, bool) {
	t.Helper()
	var strs [][]byte
	for _, found := range hexString.FindAllStringSubmatch(args, -1) {
		raw, err := hex.DecodeString(strings.ReplaceAll(found[1], `\x`, ""))
		if err != nil {
			t.Fatal(err)
		}
		strs = append(strs, raw)
	}
	fd, _ := strconv.Atoi(strings.SplitN(args, ",", 2)[0])
	kind := kindOf(open[fd], folder)
	switch name {
	case "openat":
		opened, _ := strconv.Atoi(result)
		open[opened] = string(strs[0])
		return call{}, false
	case "close":
		delete(open, fd)
		return call{}, false
	case "linkat":
		return call{name: name, kind: "name"}, true
	case "write":
		said, found := bytes.CutPrefix(strs[0], []byte("said "))
		return call{name: name, kind: strings.TrimSpace(string(said))}, found && fd == 1
	case "pwrite64":
		offset, err := strconv.ParseInt(strings.TrimSpace(args[strings.LastIndex(args, ",")+1:]), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return call{name: name, kind: kind, offset: offset, data: strs[0]}, kind != ""
	default:
		return call{name: name, kind: kind}, kind != ""
	}
}

// kindOf says what a path is to the ledger in a folder.
func kindOf(path, folder string) string {
	switch {
	case path == folder:
		return "folder"
	case path == filepath.Join(folder, "ledger.db"):
		return "ledger"
	case strings.HasPrefix(path, filepath.Join(folder, ".ledger.db.new-")):
		return "new"
	default:
		return ""
	}
}

// violations cuts the power at every moment after the ledger was made and returns
// what was lost or does not hold together.
func (p *powerTrace) violations(t *testing.T) []error {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	path := filepath.Join(t.TempDir(), "ledger.db")
	var durable image
	var pending []call
	var broken []error
	said := ""
	for _, c := range p.calls {
		switch c.name {
		case "pwrite64":
			pending = append(pending, c)
		case "fdatasync", "fsync":
			if c.kind == "folder" {
				continue
			}
			durable.write(pending)
			pending = nil
		case "write":
			said = c.kind
			if said == "open" {
				durable.write(pending) // making a ledger is another test's
				pending = nil
			}
		}
		if said == "" || c.name == "linkat" {
			continue
		}
		p.moments++
		for range imagesPerMoment {
			p.images++
			if err := p.cut(t, path, durable.after(pending, random), said); err != nil {
				broken = append(broken, fmt.Errorf("after %q, at a %s: %w", said, c.name, err))
			}
		}
	}
	return broken
}

// image is the content of a file.
type image struct{ bytes []byte }

func (i *image) write(calls []call) {
	for _, c := range calls {
		i.put(c.offset, c.data)
	}
}

func (i *image) put(offset int64, data []byte) {
	if need := int(offset) + len(data); need > len(i.bytes) {
		i.bytes = append(i.bytes, make([]byte, need-len(i.bytes))...)
	}
	copy(i.bytes[offset:], data)
}

// after returns the content with some sectors of what was not synced.
func (i *image) after(pending []call, random *rand.Rand) []byte {
	cut := image{bytes: bytes.Clone(i.bytes)}
	whole := random.IntN(3) // a third of the cuts lose all of it, a third tear
	for _, c := range pending {
		for at := 0; at < len(c.data); at += sector {
			if whole == 1 || (whole == 2 && random.IntN(2) == 0) {
				cut.put(c.offset+int64(at), c.data[at:min(at+sector, len(c.data))])
			}
		}
	}
	// A file is as long as its writer made it, whatever of it was written.
	for _, c := range pending {
		cut.put(c.offset+int64(len(c.data)), nil)
	}
	return cut.bytes
}

// cut opens what a power cut left and compares it with what was said.
func (p *powerTrace) cut(t *testing.T, path string, content []byte, said string) error {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	store, err := boltledger.Open(path, boltledger.Options{NoSync: true})
	if err != nil {
		return err
	}
	defer store.Close()
	if err := store.Check(t.Context()); err != nil {
		return err
	}
	word, number, _ := strings.Cut(said, " ")
	upTo, _ := strconv.Atoi(number)
	rows := 0
	for payout, err := range store.Payouts(t.Context(), "may") {
		if errors.Is(err, ledger.ErrNotFound) && word == "open" {
			return nil
		}
		if err != nil {
			return err
		}
		rows++
		switch {
		case word == "paid" && rows <= upTo && payout.State != ledger.Successful,
			word == "intended" && rows <= upTo && payout.State == ledger.Queued:
			return fmt.Errorf("payout %s is %s", payout.ID, payout.State)
		}
	}
	if word != "open" && rows != lossRows {
		return fmt.Errorf("%d rows of %d", rows, lossRows)
	}
	return nil
}
