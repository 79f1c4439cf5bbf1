package ui

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/vbauerster/mpb/v8"
	"golang.org/x/term"
)

// console is where a bar is drawn and drawn anew. The bar's library counts the lines that it
// wrote. A terminal that was made narrower since shows each in several, and what was not
// counted would stay on the screen: the console counts at the width of the moment.
//
// It is used by one goroutine, that of the bar's container.
type console struct {
	w    io.Writer
	size func() (width, height int, err error)
	// above are lines that stay, and frame what is drawn until the next flush.
	above, frame bytes.Buffer
	// drawn are the lengths of the lines on the screen that the next flush replaces.
	drawn []int
}

// fallbackWidth is that of a terminal that does not know its own.
const fallbackWidth = 80

// drawnOn has a bar drawn on a stream. On Windows the library does that itself: a console
// there may know no escape sequences.
func drawnOn(w io.Writer) mpb.ContainerOption {
	f, isFile := w.(*os.File)
	if !isFile || runtime.GOOS == "windows" || !term.IsTerminal(int(f.Fd())) {
		return mpb.WithOutput(w)
	}
	return mpb.WithConsoleWriter(&console{w: w, size: func() (int, int, error) { return term.GetSize(int(f.Fd())) }})
}

// Write implements io.Writer. It takes lines that stay above the bar.
func (c *console) Write(text []byte) (int, error) {
	width, _, err := c.GetTermSize()
	if err != nil {
		return 0, err
	}
	return Folded(&c.above, func() int { return width }).Write(text)
}

// ReadFrom implements io.ReaderFrom. It takes lines of the bar.
func (c *console) ReadFrom(r io.Reader) (int64, error) { return c.frame.ReadFrom(r) }

// IsTerminal implements mpb.ConsoleWriter.
func (c *console) IsTerminal() bool { return true }

// GetTermSize implements mpb.ConsoleWriter.
func (c *console) GetTermSize() (width, height int, err error) {
	width, height, err = c.size()
	if err != nil {
		return 0, 0, fmt.Errorf("ask the terminal how wide it is: %w", err)
	}
	if width <= 0 || height <= 0 {
		width, height = fallbackWidth, fallbackWidth
	}
	return width, height, nil
}

// Flush implements mpb.ConsoleWriter: it replaces what was drawn. The last lines of it are
// replaced in their turn.
func (c *console) Flush(lines int) error {
	width, _, err := c.GetTermSize()
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if up := rowsOf(c.drawn, width); up > 0 {
		fmt.Fprintf(&out, "\x1b[%dA\x1b[J", up)
	}
	drawn := strings.Split(strings.TrimSuffix(c.frame.String(), "\n"), "\n")
	c.drawn = c.drawn[:0]
	for _, line := range drawn[max(0, len(drawn)-lines):] {
		c.drawn = append(c.drawn, columnsIn(line))
	}
	_, _ = c.above.WriteTo(&out) // memory takes everything
	_, _ = c.frame.WriteTo(&out)
	if _, err := out.WriteTo(c.w); err != nil {
		return fmt.Errorf("draw the progress: %w", err)
	}
	return nil
}

// rowsOf counts the rows of a terminal that lines take.
func rowsOf(lengths []int, width int) int {
	rows := 0
	for _, length := range lengths {
		rows += max(1, (length+width-1)/width)
	}
	return rows
}
