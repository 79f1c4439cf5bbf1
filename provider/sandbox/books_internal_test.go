package sandbox

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// nth is a transfer that some sandbox might have accepted.
func nth(n int) *transfer {
	at := time.Date(2026, 11, 24, 8, 0, 0, n, time.UTC)
	return &transfer{
		account: account{DefaultAPIKey, "Sandbox"}, Ref: fmt.Sprintf("DP%016X", n*7919), TransactionID: fmt.Sprint("T", n),
		Number: "0777101308", Name: "Awa Koné", Amount: 750, Fees: 750, Operator: "ORANGE_MONEY_CI", Nth: 1,
		ReceivedAt: at, AcceptedAt: at, VisibleAt: at, SettledAt: at, Interim: StatusPending, Final: StatusSuccessful,
	}
}

// journalAt opens books whose index grows by few.
func journalAt(t *testing.T, path string, every int) *journal {
	t.Helper()
	j, err := openJournal(path, account{"k", "Sandbox"},
		func([]byte) error { return nil }, func(*transfer) {}, func() ([]byte, error) { return []byte("{}"), nil })
	if err != nil {
		t.Fatal(err)
	}
	j.every = every
	t.Cleanup(func() { _ = j.close() })
	return j
}

// compareArchives holds what an archive says against what another does.
func compareArchives(t *testing.T, got, want archive, names []string) {
	t.Helper()
	all := func(a archive) (all []*transfer) {
		for at := int64(0); at < a.end(); {
			some, next, err := a.page(at, a.end())
			if err != nil {
				t.Fatal(err)
			}
			all, at = append(all, some...), next
		}
		return all
	}
	differ := func(what string, got, want []*transfer) {
		t.Helper()
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(transfer{})); diff != "" {
			t.Fatalf("%s (-memory +journal):\n%s", what, diff)
		}
	}
	differ("all transfers", all(got), all(want))
	for _, name := range names {
		has, err := got.named(name)
		if err != nil {
			t.Fatal(err)
		}
		had, _ := want.named(name)
		differ(name, has, had)
	}
}

// The index may be missing, damaged, cut, or of other books: the lines have everything.
func TestAJournalFindsWhatMemoryFindsWhateverBecameOfItsIndex(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	path := filepath.Join(t.TempDir(), "books.jsonl")
	const every = 16
	accidents := map[string]func(text []byte) []byte{
		"nothing":  func(text []byte) []byte { return text },
		"missing":  func([]byte) []byte { return nil },
		"cut":      func(text []byte) []byte { return text[:random.IntN(len(text))] },
		"damaged":  func(text []byte) []byte { text[random.IntN(80)] ^= 1 << random.IntN(8); return text },
		"replaced": func(text []byte) []byte { return text[len(text)/2:] },
		"longer":   func(text []byte) []byte { return append(text, text...) },
	}
	for accident, befall := range accidents {
		t.Run(accident, func(t *testing.T) {
			for _, file := range []string{path, path + indexSuffix} {
				if err := os.RemoveAll(file); err != nil {
					t.Fatal(err)
				}
			}
			memory, j := newMemory(), journalAt(t, path, every)
			names := []string{"nobody"}
			for round := range 6 {
				for range random.IntN(4 * every) {
					one := nth(len(names))
					if random.IntN(5) == 0 { // a repetition
						one.TransactionID, one.Nth = "T1", len(names)
					}
					names = append(names, one.TransactionID, one.Ref)
					if err := errorsOf(memory.add(one), j.add(one)); err != nil {
						t.Fatal(err)
					}
				}
				compareArchives(t, j, memory, names)
				if err := j.close(); err != nil {
					t.Fatal(err)
				}
				text, err := os.ReadFile(path + indexSuffix)
				if round > 0 && err == nil && len(text) > 0 {
					if text = befall(text); text == nil {
						err = os.Remove(path + indexSuffix)
					} else {
						err = os.WriteFile(path+indexSuffix, text, 0o600)
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				j = journalAt(t, path, every)
				compareArchives(t, j, memory, names)
			}
		})
	}
}

func errorsOf(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

// An index of books that were put back to an earlier day is not believed.
func TestBooksThatWerePutBackAreReadWithoutWhatCameLater(t *testing.T) {
	path := filepath.Join(t.TempDir(), "books.jsonl")
	j, memory := journalAt(t, path, 8), newMemory()
	var names []string
	add := func(n int, to ...archive) {
		one := nth(n)
		names = append(names, one.TransactionID, one.Ref)
		for _, a := range to {
			if err := a.add(one); err != nil {
				t.Fatal(err)
			}
		}
	}
	for n := range 20 {
		add(n, j, memory)
	}
	earlier, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 40 {
		add(100+n, j)
	}
	if err := errorsOf(j.close(), os.WriteFile(path, earlier, 0o600)); err != nil {
		t.Fatal(err)
	}
	j = journalAt(t, path, 8)
	compareArchives(t, j, memory, names)
	for n := range 40 {
		add(200+n, j, memory)
	}
	compareArchives(t, j, memory, names)
}

// What is settled takes no memory, and is not read again at the start.
func TestALongHistoryTakesNoMemory(t *testing.T) {
	const every = 1024
	inUse := func(transfers int) uint64 {
		path := filepath.Join(t.TempDir(), "books.jsonl")
		j := journalAt(t, path, every)
		for n := range transfers {
			if err := j.add(nth(n)); err != nil {
				t.Fatal(err)
			}
		}
		if err := j.close(); err != nil {
			t.Fatal(err)
		}
		entered := 0
		j, err := openJournal(path, account{}, func([]byte) error { return nil }, func(*transfer) { entered++ },
			func() ([]byte, error) { return nil, nil })
		if err != nil {
			t.Fatal(err)
		}
		defer j.close()
		if entered > every {
			t.Errorf("%d transfers are read again, %d is when they are put away", entered, every)
		}
		var memory runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&memory)
		runtime.KeepAlive(j)
		return memory.HeapAlloc
	}
	few := inUse(2 * every)
	many := inUse(40 * every)
	// The filters take nine bytes in parts as small as these; a transfer took seven hundred.
	const perTransfer = 64
	if grown := int(many) - int(few); grown > perTransfer*40*every { //nolint:gosec // a heap
		t.Errorf("%d more transfers take %d bytes more", 40*every, grown)
	}
}

// The balance and what comes back to it are in the index, and not derived from all lines.
func TestTheBalanceOutlivesAStartThatReadsTheIndex(t *testing.T) {
	scenario := DefaultScenario()
	scenario.Faults = map[Fault]float64{PendingThenFailed: 30, Reversed: 20}
	scenario.Settle, scenario.Reversal = Range{time.Hour, time.Hour}, Range{time.Hour, time.Hour}
	options := Options{Scenario: &scenario, BooksFile: filepath.Join(t.TempDir(), "books.jsonl")}
	box, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	box.archive.(*journal).every = 8
	for n := range 50 {
		one := nth(n)
		draw := draw{1, transferSubject, one.TransactionID, 1}
		one.Course = box.faultTables[OnCourse].pick(draw)
		one.AcceptedAt = time.Now().UTC()
		box.steer(one, draw)
		if _, refused := box.accept(one); refused != nil {
			t.Fatal(refused)
		}
	}
	later := time.Now().Add(2 * time.Hour)
	of := account{DefaultAPIKey, "Sandbox"}
	balances := func(s *Sandbox) [2]Centimes { return [2]Centimes{s.balanceOf(of, time.Now()), s.balanceOf(of, later)} }
	if err := box.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if again.archive.(*journal).index.Mark().Count == 0 {
		t.Fatal("nothing is indexed")
	}
	was, is := balances(box), balances(again)
	if was != is || was[0] == was[1] {
		t.Errorf("the balance was %v now and in two hours, and is %v", was, is)
	}
}

// The page is what Books is, however it is written.
func TestThePageOfTheBooksIsTheBooks(t *testing.T) {
	for _, count := range []int{0, 1, pageMax + 1} {
		box, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		for n := range count {
			if _, refused := box.accept(nth(n)); refused != nil {
				t.Fatal(refused)
			}
		}
		want := httptest.NewRecorder()
		show(want, box.Books())
		got := httptest.NewRecorder()
		box.ServeHTTP(got, httptest.NewRequest(http.MethodGet, ownPages+"books", nil))
		if diff := cmp.Diff(want.Body.String(), got.Body.String()); diff != "" {
			t.Errorf("%d transfers (-books +page):\n%s", count, diff)
		}
	}
}
