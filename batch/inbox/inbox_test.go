package inbox_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/batch/inbox"
	"payrun/batch/intake/table"
)

// clock is a time that a test moves.
type clock struct{ now time.Time }

func (c *clock) time() time.Time { return c.now }

func opened(t *testing.T) (*inbox.Inbox, string, *clock) {
	t.Helper()
	folder, at := t.TempDir(), &clock{time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)}
	return inbox.Within(folder, at.time), folder, at
}

func add(t *testing.T, b *inbox.Inbox, folder, by string) inbox.Upload {
	t.Helper()
	got, err := inbox.Receive(folder, strings.NewReader("a,b\n1,2\n"), 100)
	if err != nil {
		t.Fatal(err)
	}
	u, err := b.Add(got, `C:\Users\awa\..\november.csv`, "november", by)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestAnUploadIsItsMakersAlone, is found with what they said of it, and goes away when it is kept.
func TestAnUploadIsItsMakersAlone(t *testing.T) {
	b, folder, _ := opened(t)
	u := add(t, b, folder, "awa")
	u.Columns, u.Hidden = map[table.Field]int{table.FieldAmount: 3}, table.HiddenSkip
	if err := b.Put(u); err != nil {
		t.Fatal(err)
	}
	found, err := b.Get(u.ID, "awa")
	if diff := cmp.Diff(u, found); err != nil || diff != "" || found.Name != "november.csv" {
		t.Errorf("%v, %s", err, diff)
	}
	for _, id := range []string{u.ID, "", ".", "..", "../" + u.ID, strings.ToUpper(u.ID), u.ID + "/..", strings.Repeat("0", 32)} {
		if _, err := b.Get(id, "koffi"); !errors.Is(err, inbox.ErrUnknown) {
			t.Errorf("%q for another: %v, want ErrUnknown", id, err)
		}
	}
	if mine, err := b.List("koffi"); err != nil || len(mine) != 0 {
		t.Errorf("%v, %v, want nothing for another", mine, err)
	}
	if err := b.Keep(u); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(filepath.Join(folder, u.SHA256)); err != nil || string(content) != "a,b\n1,2\n" {
		t.Errorf("%q, %v, want the bytes under their digest", content, err)
	}
	if _, err := b.Get(u.ID, "awa"); !errors.Is(err, inbox.ErrUnknown) {
		t.Errorf("%v, want it out of the inbox", err)
	}
}

// TestNobodyFillsTheDisk: a person may leave so many files, and each for a week.
func TestNobodyFillsTheDisk(t *testing.T) {
	b, folder, at := opened(t)
	for range inbox.EachMax {
		add(t, b, folder, "awa")
	}
	got, err := inbox.Receive(folder, strings.NewReader("x"), 100)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Add(got, "more.csv", "more", "awa"); !errors.Is(err, inbox.ErrFull) {
		t.Errorf("%v, want ErrFull", err)
	}
	got.Discard()
	add(t, b, folder, "koffi")
	at.now = at.now.Add(inbox.KeptFor + time.Minute)
	add(t, b, folder, "awa")
	left, err := os.ReadDir(filepath.Join(folder, "waiting"))
	if err != nil || len(left) != 1 {
		t.Errorf("%d folders are left, %v, want the new one alone", len(left), err)
	}
}

// TestWhatIsNotReceivedWholeLeavesNothing behind, and says why.
func TestWhatIsNotReceivedWholeLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	broken := &inbox.ReadError{}
	for name, test := range map[string]struct {
		body io.Reader
		is   func(error) bool
	}{
		"empty":     {strings.NewReader(""), func(err error) bool { return errors.Is(err, inbox.ErrEmpty) }},
		"too large": {strings.NewReader(strings.Repeat("x", 101)), func(err error) bool { return errors.Is(err, inbox.ErrTooLarge) }},
		"broken":    {iotest.ErrReader(io.ErrUnexpectedEOF), func(err error) bool { return errors.As(err, &broken) }},
	} {
		if _, err := inbox.Receive(folder, test.body, 100); !test.is(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("%v, %v are left", left, err)
	}
	if _, err := inbox.Receive(folder, strings.NewReader(strings.Repeat("x", 100)), 100); err != nil {
		t.Errorf("as large as may be: %v", err)
	}
}

// TestANameLeadsNowhere, and keeps its ending however long it is.
func TestANameLeadsNowhere(t *testing.T) {
	for given, want := range map[string]string{
		"november.csv": "november.csv", "../../etc/passwd": "passwd", `..\..\boot.ini`: "boot.ini", "/": "upload", "": "upload", "..": "upload",
		"a\x00b\n.csv": "ab.csv", "\u202exslx.csv": "xslx.csv", "paie d'été.ods": "paie d'été.ods",
		strings.Repeat("é", 300) + ".xlsx": strings.Repeat("é", 123) + ".xlsx",
	} {
		if got := inbox.BaseName(given); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
}
