package ui

import (
	"io"
	"sync"
)

// NoticeBoard writes lines for the person, above the progress bar if there is
// one. It is safe for concurrent use.
type NoticeBoard struct {
	mu sync.Mutex
	w  io.Writer
}

// NewNoticeBoard returns one that writes to a stream.
func NewNoticeBoard(w io.Writer) *NoticeBoard { return &NoticeBoard{w: w} }

// Say writes a line.
func (b *NoticeBoard) Say(line string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	WriteLine(b.w, Visible(line))
}

// Redirect has lines written elsewhere from now on and returns where they were
// written before.
func (b *NoticeBoard) Redirect(w io.Writer) (before io.Writer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before, b.w = b.w, w
	return before
}
