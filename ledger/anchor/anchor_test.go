package anchor_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"payrun/ledger/anchor"
)

// chain is an audit log of which only the hashes count.
type chain []string

func (c chain) HashAt(_ context.Context, event uint64) (string, error) {
	if event == 0 || event > uint64(len(c)) {
		return "", nil
	}
	return c[event-1], nil
}

// log makes a chain whose events differ from those of another seed.
func log(seed byte, events int) chain {
	c := make(chain, events)
	for i := range c {
		c[i] = fmt.Sprintf("%02x%08x", seed, i+1)
	}
	return c
}

func (c chain) head() anchor.Head {
	head := anchor.Head{Events: uint64(len(c))}
	if len(c) > 0 {
		head.Hash = c[len(c)-1]
	}
	return head
}

const account = "https://pay.example:443"

var noon = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

// stands describes a ledger in its usual place.
func stands(ledgerID string, c chain) anchor.Anchor {
	return anchor.Anchor{
		Ledger: ledgerID, Account: account, Head: c.head(),
		Path: "/home/awa/" + ledgerID + ".db", Host: "caisse", User: "awa", At: noon,
	}
}

func advance(t *testing.T, f *anchor.Folder, a anchor.Anchor) {
	t.Helper()
	if err := f.Watch(a).Advance(t.Context(), a); err != nil {
		t.Fatal(err)
	}
}

// TestOnlyTheNewestLedgerIsVouchedFor walks through what happens to ledgers: each
// case begins with a ledger of a hundred events that paid last and is anchored.
func TestOnlyTheNewestLedgerIsVouchedFor(t *testing.T) {
	t.Parallel()
	const id = "led-1"
	paid := log(1, 100)
	changed := func(change func(*anchor.Anchor)) anchor.Anchor {
		a := stands(id, paid)
		change(&a)
		return a
	}
	other := func(at time.Time, in string) *anchor.Anchor {
		a := stands("led-2", log(2, 3))
		a.At, a.Account = at, in
		return &a
	}
	for name, test := range map[string]struct {
		now    anchor.Anchor
		log    chain
		beside *anchor.Anchor
		want   anchor.Standing
	}{
		"the same":                          {stands(id, paid), paid, nil, anchor.Vouched},
		"outcomes were recorded since":      {stands(id, log(1, 130)), log(1, 130), nil, anchor.Vouched},
		"a backup":                          {stands(id, log(1, 60)), log(1, 60), nil, anchor.Older},
		"one event short":                   {stands(id, log(1, 99)), log(1, 99), nil, anchor.Older},
		"a backup that went its own way":    {stands(id, log(3, 140)), log(3, 140), nil, anchor.Older},
		"as long, and another last event":   {stands(id, log(3, 100)), log(3, 100), nil, anchor.Older},
		"emptied":                           {stands(id, nil), nil, nil, anchor.Older},
		"a copy in another folder":          {changed(func(a *anchor.Anchor) { a.Path = "/media/usb/led.db" }), paid, nil, anchor.Moved},
		"another machine":                   {changed(func(a *anchor.Anchor) { a.Host = "laptop" }), paid, nil, anchor.Moved},
		"another user":                      {changed(func(a *anchor.Anchor) { a.User = "yao" }), paid, nil, anchor.Moved},
		"another account":                   {changed(func(a *anchor.Anchor) { a.Account = "https://else.example" }), paid, nil, anchor.Moved},
		"another ledger paid since":         {stands(id, paid), paid, other(noon.Add(time.Second), account), anchor.OtherLedger},
		"another ledger paid at once":       {stands(id, paid), paid, other(noon, account), anchor.OtherLedger},
		"another ledger paid before":        {stands(id, paid), paid, other(noon.Add(-time.Hour), account), anchor.Vouched},
		"another ledger of another account": {stands(id, paid), paid, other(noon.Add(time.Hour), "https://else.example"), anchor.Vouched},
		"a new ledger beside":               {stands("led-9", nil), nil, nil, anchor.OtherLedger},
		"a new ledger of a new account": {anchor.Anchor{
			Ledger: "led-9", Account: "https://else.example", Path: "/x", Host: "caisse", User: "awa",
		}, nil, nil, anchor.New},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := anchor.Open(t.TempDir())
			advance(t, f, stands(id, paid))
			if test.beside != nil {
				advance(t, f, *test.beside)
			}
			got, err := f.Vouch(t.Context(), test.now, test.log)
			if err != nil || got.Standing != test.want {
				t.Errorf("%v (%v), want %v", got.Standing, err, test.want)
			}
		})
	}
}

// TestAVerdictNamesTheOtherLedger so that a person finds it.
func TestAVerdictNamesTheOtherLedger(t *testing.T) {
	t.Parallel()
	f := anchor.Open(t.TempDir())
	for i := range 3 {
		a := stands(fmt.Sprintf("led-%d", i), log(byte(i), 5))
		a.At = noon.Add(time.Duration(i) * time.Minute)
		advance(t, f, a)
	}
	got, err := f.Vouch(t.Context(), stands("led-new", nil), chain(nil))
	if err != nil || len(got.Others) != 3 || got.Others[0].Path != "/home/awa/led-2.db" {
		t.Errorf("%+v, %v", got.Others, err)
	}
}

// TestAnOldCopyThatWasTakenBackIsVouchedFor from its first advance on.
func TestAnOldCopyThatWasTakenBackIsVouchedFor(t *testing.T) {
	t.Parallel()
	f, long := anchor.Open(t.TempDir()), log(1, 64)
	advance(t, f, stands("led", long))
	advance(t, f, stands("led", long[:7]))
	if got, err := f.Vouch(t.Context(), stands("led", long[:9]), long[:9]); err != nil || got.Standing != anchor.Vouched {
		t.Errorf("after it was adopted: %v, %v", got.Standing, err)
	}
}

// TestAWriteCutShortAnywhereLeavesTheAnchorBefore tears the second write off after
// every byte.
func TestAWriteCutShortAnywhereLeavesTheAnchorBefore(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	f, path := anchor.Open(folder), filepath.Join(folder, "led.anchor")
	advance(t, f, stands("led", log(1, 10)))
	before := readFile(t, path)
	advance(t, f, stands("led", log(1, 20)))
	after := readFile(t, path)
	if len(before) != len(after) {
		t.Fatalf("the file grew from %d to %d bytes", len(before), len(after))
	}
	for cut := range after {
		if cut > 0 && before[cut-1] == after[cut-1] {
			continue // the same bytes as the cut before
		}
		write(t, path, append(bytes.Clone(after[:cut]), before[cut:]...))
		got, known, damaged, err := f.Of("led")
		if err != nil || !known || len(damaged) > 0 || (got.Head.Events != 10 && got.Head.Events != 20) {
			t.Fatalf("cut after %d bytes: %+v, %t, %v, %v", cut, got.Head, known, damaged, err)
		}
	}
}

// TestAFlippedBitIsNeverAnotherAnchor damages every byte of a file with one anchor.
func TestAFlippedBitIsNeverAnotherAnchor(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	f, path := anchor.Open(folder), filepath.Join(folder, "led.anchor")
	advance(t, f, stands("led", log(1, 10)))
	whole := readFile(t, path)
	want, _, _, err := f.Of("led")
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range whole {
		if b == ' ' || b == 0 {
			continue
		}
		text := bytes.Clone(whole)
		text[i] ^= 1
		write(t, path, text)
		got, known, damaged, err := f.Of("led")
		if err != nil || (known && got != want) || (!known && len(damaged) != 1) {
			t.Fatalf("byte %d: %+v, %t, %v, %v", i, got, known, damaged, err)
		}
	}
}

// TestADamagedAnchorIsToldAndVouchesForNothing until it is written anew.
func TestADamagedAnchorIsToldAndVouchesForNothing(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(t *testing.T, path string){
		"empty": func(t *testing.T, path string) { t.Helper(); write(t, path, nil) },
		"text":  func(t *testing.T, path string) { t.Helper(); write(t, path, []byte("hello\n")) },
		"zeros": func(t *testing.T, path string) { t.Helper(); write(t, path, make([]byte, 1<<14)) },
		"another": func(t *testing.T, path string) {
			t.Helper()
			write(t, path, readFile(t, filepath.Join(filepath.Dir(path), "two.anchor")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, c := t.TempDir(), log(1, 10)
			f, path := anchor.Open(folder), filepath.Join(folder, "led.anchor")
			elsewhere := stands("two", log(2, 4))
			elsewhere.Account = "https://else.example"
			advance(t, f, elsewhere)
			advance(t, f, stands("led", c))
			damage(t, path)
			got, err := f.Vouch(t.Context(), stands("led", c), c)
			if err != nil || got.Standing != anchor.New || len(got.Damaged) != 1 || got.Damaged[0] != path {
				t.Errorf("%v, %v, %v", got.Standing, got.Damaged, err)
			}
			advance(t, f, stands("led", c))
			if got, err := f.Vouch(t.Context(), stands("led", c), c); err != nil || got.Standing != anchor.Vouched {
				t.Errorf("written anew: %v, %v", got.Standing, err)
			}
		})
	}
}

// TestNoWritableFolderIsAStandingAndNoError: a machine without a place for anchors
// pays all the same, after asking the provider.
func TestNoWritableFolderIsAStandingAndNoError(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, nil)
	f := anchor.Open(filepath.Join(file, "anchors"))
	if _, err := f.Writable(); err == nil {
		t.Error("a folder below a file can be written")
	}
	got, err := f.Vouch(t.Context(), stands("led", nil), chain(nil))
	if err != nil || got.Standing != anchor.Unwritable || got.Reason == nil {
		t.Errorf("%+v, %v", got, err)
	}
	if err := f.Watch(stands("led", nil)).Advance(t.Context(), stands("led", log(1, 1))); err == nil {
		t.Error("it was advanced nowhere")
	}
}

// TestTheFirstWritableFolderIsUsedAndAllAreRead: what another user anchored for the
// whole machine is known to whoever may only write at home.
func TestTheFirstWritableFolderIsUsedAndAllAreRead(t *testing.T) {
	t.Parallel()
	machine, home, file := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "file")
	write(t, file, nil)
	advance(t, anchor.Open(machine), stands("led-1", log(1, 10)))
	f := anchor.Open(filepath.Join(file, "no"), home, machine)
	if folder, err := f.Writable(); err != nil || folder != home {
		t.Errorf("written is %q, %v", folder, err)
	}
	got, err := f.Vouch(t.Context(), stands("led-2", nil), chain(nil))
	if err != nil || got.Standing != anchor.OtherLedger || got.Others[0].Ledger != "led-1" {
		t.Errorf("%+v, %v", got, err)
	}
	advance(t, f, stands("led-1", log(1, 12)))
	if got, _, _, err := f.Of("led-1"); err != nil || got.Head.Events != 12 {
		t.Errorf("the one further ahead is %+v, %v", got.Head, err)
	}
}

// TestAnAnchorThatCannotBeAdvancedDoesNotVouch for what was not anchored.
func TestAnAnchorThatCannotBeAdvancedDoesNotVouch(t *testing.T) {
	t.Parallel()
	f, c := anchor.Open(t.TempDir()), log(1, 10)
	advance(t, f, stands("led", c))
	tooLong := stands("led", log(1, 20))
	tooLong.Path = "/" + strings.Repeat("deep/", 4000)
	if err := f.Watch(stands("led", nil)).Advance(t.Context(), tooLong); err == nil {
		t.Fatal("it fitted")
	}
	if got, err := f.Vouch(t.Context(), stands("led", c), c); err != nil || got.Standing != anchor.New {
		t.Errorf("%v, %v", got.Standing, err)
	}
}

// TestForgettingTellsWhatStays: what nobody knew is forgotten, and what could not be
// removed is told, because it would go on vouching.
func TestForgettingTellsWhatStays(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	f := anchor.Open(folder)
	if err := f.Forget("led"); err != nil {
		t.Errorf("nothing was known: %v", err)
	}
	advance(t, f, stands("led", log(1, 1)))
	if err := f.Forget("led"); err != nil {
		t.Error(err)
	}
	if _, known, _, err := f.Of("led"); known || err != nil {
		t.Errorf("forgotten and still known, %v", err)
	}
	advance(t, f, stands("led", log(1, 1)))
	paths, err := filepath.Glob(filepath.Join(folder, "led.*"))
	if err != nil || len(paths) != 1 {
		t.Fatalf("%v, %v", paths, err)
	}
	// A folder with something in it, under the anchor's name, cannot be removed.
	if err := errors.Join(os.Remove(paths[0]), os.MkdirAll(filepath.Join(paths[0], "in it"), 0o700)); err != nil {
		t.Fatal(err)
	}
	if err := f.Forget("led"); err == nil {
		t.Error("it is still there, and nobody was told")
	}
}

// TestNoFolderIsNotTheSameAsNoneThatCanBeWritten in the words that a person reads.
func TestNoFolderIsNotTheSameAsNoneThatCanBeWritten(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, nil)
	_, none := anchor.Open().Writable()
	_, refused := anchor.Open(filepath.Join(file, "no")).Writable()
	if none == nil || refused == nil || errors.Is(none, syscall.ENOTDIR) || !errors.Is(refused, syscall.ENOTDIR) {
		t.Errorf("no folder: %v; one below a file: %v", none, refused)
	}
}

func TestANameThatLeadsElsewhereIsRefused(t *testing.T) {
	t.Parallel()
	f := anchor.Open(t.TempDir())
	for _, id := range []string{"", "../led", "a/b", "a.b", "é"} {
		if err := f.Watch(stands("led", nil)).Advance(t.Context(), stands(id, log(1, 1))); err == nil {
			t.Errorf("%q was taken", id)
		}
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestOfSeveralAnchorsTheOneFurthestAheadCounts in whatever order the folders are read, and what
// lies there under another ledger's name is none.
func TestOfSeveralAnchorsTheOneFurthestAheadCounts(t *testing.T) {
	t.Parallel()
	behind, ahead := t.TempDir(), t.TempDir()
	advance(t, anchor.Open(behind), stands("led", log(1, 5)))
	advance(t, anchor.Open(ahead), stands("led", log(1, 10)))
	for name, folders := range map[string][]string{"last": {behind, ahead}, "first": {ahead, behind}} {
		f := anchor.Open(folders...)
		one, known, damaged, err := f.Of("led")
		if err != nil || !known || len(damaged) > 0 || one.Head.Events != 10 {
			t.Errorf("%s: %+v, %t, %v, %v", name, one, known, damaged, err)
		}
		if all, damaged := f.Ledgers(""); len(all) != 1 || len(damaged) > 0 || all[0] != one {
			t.Errorf("%s: %+v, %v", name, all, damaged)
		}
		if file := f.File("led"); file != filepath.Join(ahead, "led.anchor") {
			t.Errorf("%s: it lies in %s", name, file)
		}
		if file := f.File("other"); file != "" {
			t.Errorf("%s: an anchor that is not there lies in %s", name, file)
		}
	}
	write(t, filepath.Join(behind, "Other-09az.anchor"), readFile(t, filepath.Join(ahead, "led.anchor")))
	f := anchor.Open(behind)
	if _, known, damaged, err := f.Of("Other-09az"); err != nil || known || len(damaged) != 1 {
		t.Errorf("another's anchor: known %t, damaged %v, %v", known, damaged, err)
	}
	if all, damaged := f.Ledgers(""); len(all) != 1 || len(damaged) != 1 || all[0].Head.Events != 5 {
		t.Errorf("another's anchor: %+v, damaged %v", all, damaged)
	}
}
