package engine

import (
	"strconv"
	"testing"
)

// TestHintsWakeForANameAndAreBounded: one that names nothing wakes nobody, a flood takes no more
// memory than a bound, and a run that does not listen is named nothing.
func TestHintsWakeForANameAndAreBounded(t *testing.T) {
	woken := func(h *Hints) bool {
		select {
		case <-h.woken:
			return true
		default:
			return false
		}
	}
	h := NewHints()
	h.Add()
	h.Add("", "")
	if woken(h) || len(h.take()) != 0 {
		t.Error("nothing was named, and somebody woke")
	}
	h.Add("", "T-1")
	h.Add("T-2")
	if !woken(h) || woken(h) {
		t.Error("two hints wake once")
	}
	if named := h.take(); len(named) != 2 || len(h.take()) != 0 {
		t.Errorf("%v, want both and then nothing", named)
	}
	for i := range 2 * hintsMax {
		h.Add(strconv.Itoa(i))
	}
	if got := len(h.take()); got != hintsMax {
		t.Errorf("%d wait, want %d at most", got, hintsMax)
	}
	(*Hints)(nil).Add("T-1")
}
