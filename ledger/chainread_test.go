package ledger_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/ledger"
)

// linked is a log with its lines, each followed by that of the chain of heads.
func linked(events []ledger.Event) (lines, heads [][]byte) {
	var linker ledger.Linker
	chains := map[ledger.BatchID]*ledger.Chain{}
	for i := range events {
		chain := chains[events[i].Batch]
		if chain == nil {
			chain = &ledger.Chain{}
			chains[events[i].Batch] = chain
		}
		previous, before := chain.Hash, linker.Heads.Hash
		linker.Link(&events[i], chain)
		lines = append(lines, events[i].AppendLine(nil, previous))
		heads = append(heads, ledger.HeadLine{
			Event: events[i].Sequence, Batch: events[i].Batch, Place: events[i].Place, Line: chain.Hash, Previous: before,
		}.AppendLine(nil))
	}
	return lines, heads
}

// TestALogIsReadAsItWasWritten: every event of the example comes back as it was, but for
// its number, which is the head's.
func TestALogIsReadAsItWasWritten(t *testing.T) {
	events := example()
	lines, heads := linked(events)
	chains := map[ledger.BatchID]*ledger.Chain{"": {}, "november": {}}
	var numbers ledger.Chain
	for i := range events {
		event, previous, err := ledger.ParseLine(lines[i])
		if err != nil {
			t.Fatalf("%s: %v", lines[i], err)
		}
		head, err := ledger.ParseHeadLine(heads[i])
		if err != nil {
			t.Fatalf("%s: %v", heads[i], err)
		}
		event.Sequence = head.Event
		if diff := cmp.Diff(events[i], event); diff != "" {
			t.Errorf("read again (-written +read):\n%s", diff)
		}
		chain := chains[event.Batch]
		if !chain.Follow(lines[i], previous) || chain.Count != event.Place || chain.Hash != head.Line || !numbers.Follow(heads[i], head.Previous) {
			t.Errorf("%s is not the next of its chains", lines[i])
		}
		if chain.Follow(lines[i], previous) {
			t.Errorf("%s follows itself", lines[i])
		}
	}
}

// TestAnotherSpellingIsNotRead, though it would say the same.
func TestAnotherSpellingIsNotRead(t *testing.T) {
	lines, heads := linked(example())
	for name, change := range map[string]func([]byte) []byte{
		"a space":          func(line []byte) []byte { return bytes.Replace(line, []byte(`:`), []byte(`: `), 1) },
		"no line feed":     func(line []byte) []byte { return bytes.TrimSuffix(line, []byte("\n")) },
		"a key more":       func(line []byte) []byte { return bytes.Replace(line, []byte(`{`), []byte(`{"more":1,`), 1) },
		"a key twice":      func(line []byte) []byte { return bytes.Replace(line, []byte(`{`), []byte(`{"place":1,`), 1) },
		"a key in capital": func(line []byte) []byte { return bytes.Replace(line, []byte(`"place"`), []byte(`"Place"`), 1) },
		"capital hex": func(line []byte) []byte {
			return bytes.Replace(line, []byte(`"previous":"`), []byte(`"previous":"A`), 1)
		},
		"nothing": func([]byte) []byte { return nil },
	} {
		for i := range lines {
			if _, _, err := ledger.ParseLine(change(lines[i])); !errors.Is(err, ledger.ErrLine) {
				t.Errorf("%s: %s is read: %v", name, change(lines[i]), err)
			}
			if _, err := ledger.ParseHeadLine(change(heads[i])); !errors.Is(err, ledger.ErrLine) {
				t.Errorf("%s: %s is read: %v", name, change(heads[i]), err)
			}
		}
	}
}

// FuzzParseLine holds that what is read has one spelling, which is the one that was read,
// and that nothing breaks the reader.
func FuzzParseLine(f *testing.F) {
	golden, err := os.ReadFile("testdata/chains.golden")
	if err != nil {
		f.Fatal(err)
	}
	for line := range bytes.Lines(golden) {
		f.Add(line)
	}
	_, heads := linked(example())
	for _, line := range heads {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		if event, previous, err := ledger.ParseLine(line); err == nil {
			if again := event.AppendLine(nil, previous); !bytes.Equal(again, line) {
				t.Errorf("%q is written again as %q", line, again)
			}
			if event.At.Location() != time.UTC {
				t.Errorf("%q is at %s", line, event.At)
			}
		}
		if head, err := ledger.ParseHeadLine(line); err == nil && !bytes.Equal(head.AppendLine(nil), line) {
			t.Errorf("%q is written again as %q", line, hex.EncodeToString(head.Line[:]))
		}
	})
}
