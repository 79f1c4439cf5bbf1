package boltledger_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
)

// TestALostPageWriteIsNeverANewPayout takes every commit of a small history and,
// for each page that it wrote, makes the file as it would be had the disk
// acknowledged that one write and dropped it. What is opened then is either refused
// before anything could be paid, or holds exactly what was recorded. The one page that
// makes the last commit count leaves the ledger as it was before: no file can tell
// that from an older copy, and the head that is anchored outside does.
func TestALostPageWriteIsNeverANewPayout(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	images := history(t, path)
	whole := images[len(images)-1]
	want := contentOf(t, write(t, whole))
	before := contentOf(t, write(t, images[len(images)-2]))
	noticed, harmless, older := 0, 0, 0
	for i := 1; i < len(images); i++ {
		for at := 0; at < len(images[i]); at += pageSize {
			old, written := page(images[i-1], at), page(images[i], at)
			// Only what no later commit wrote over is still missing at the end.
			if bytes.Equal(old, written) || !bytes.Equal(written, page(whole, at)) {
				continue
			}
			image := bytes.Clone(whole)
			copy(image[at:], make([]byte, pageSize))
			copy(image[at:], old)
			switch got, err := checked(t, write(t, image)); {
			case errors.Is(err, ledger.ErrCorrupt), errors.Is(err, ledger.ErrNoLedger):
				noticed++ // without the page that names its format it is no ledger at all
			case err != nil:
				t.Errorf("commit %d, page %d lost: %v, want ErrCorrupt", i, at/pageSize, err)
			case got == before && i == len(images)-1 && at/pageSize < bootPages:
				older++
			case got != want:
				t.Errorf("commit %d, page %d lost: it opened, and holds other payouts", i, at/pageSize)
			default:
				harmless++
			}
		}
	}
	t.Logf("%d lost writes noticed, %d harmless, %d make an older ledger", noticed, harmless, older)
	if older > 1 {
		t.Errorf("%d lost writes make an older ledger, want the last commit's boot page alone", older)
	}
	if noticed < 10 {
		t.Errorf("only %d lost writes were noticed: the history is too small to show anything", noticed)
	}
}

const (
	pageSize = 4096
	// bootPages are the pages of which the newer one says where everything is.
	bootPages = 2
)

func page(image []byte, at int) []byte {
	if at >= len(image) {
		return nil
	}
	return image[at:min(at+pageSize, len(image))]
}

// history pays some of a batch and returns the file after each commit.
func history(t *testing.T, path string) [][]byte {
	t.Helper()
	store := open(t, path)
	defer store.Close()
	var images [][]byte
	keep := func(err error) {
		t.Helper()
		image, readErr := os.ReadFile(path)
		if err := errors.Join(err, readErr); err != nil {
			t.Fatal(err)
		}
		images = append(images, image)
	}
	keep(nil)
	entries := ledgertest.Entries("A", 400)
	_, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(entries))
	keep(err)
	for from := 0; from < 240; from += 40 {
		request := ledger.ClaimRequest{At: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC), Actor: "test"}
		var outcomes []ledger.Change
		for i, entry := range entries[from : from+40] {
			request.Payouts = append(request.Payouts, entry.ID)
			to := []ledger.State{ledger.Successful, ledger.Failed, ledger.Pending, ledger.Unknown}[i%4]
			outcomes = append(outcomes, ledgertest.Move(entry.ID, ledger.Submitting, to))
		}
		_, err := store.Claim(t.Context(), request)
		keep(err)
		_, err = store.Apply(t.Context(), outcomes)
		keep(err)
	}
	again := ledgertest.Move(entries[1].ID, ledger.Failed, ledger.Queued)
	again.Reference = "R-1"
	_, err = store.Apply(t.Context(), []ledger.Change{again})
	keep(err)
	return images
}

func write(t *testing.T, image []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.db")
	if err := os.WriteFile(path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// checked does what every command that pays does before it reads a file: it opens
// the ledger and has it check itself. It returns what the ledger holds.
func checked(t *testing.T, path string) (string, error) {
	t.Helper()
	store, err := boltledger.Open(path, boltledger.Options{NoSync: true})
	if err != nil {
		return "", err
	}
	defer store.Close()
	if err := store.Check(t.Context()); err != nil {
		return "", err
	}
	var all bytes.Buffer
	for payout, err := range store.Payouts(t.Context(), "may") {
		if err != nil {
			return "", err
		}
		all.WriteString(string(payout.ID) + " " + payout.State.String() + " " + string(payout.Reference) + "\n")
	}
	for payout, err := range store.Payouts(t.Context(), "may", ledger.OpenStates()...) {
		if err != nil {
			return "", err
		}
		all.WriteString("open " + string(payout.ID) + "\n")
	}
	return all.String(), nil
}

func contentOf(t *testing.T, path string) string {
	t.Helper()
	content, err := checked(t, path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
