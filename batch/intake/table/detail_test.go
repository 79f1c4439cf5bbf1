package table

import (
	"fmt"
	"testing"
)

func TestTheDetailOfAnErrorIsWhatItsCodeDoesNotSay(t *testing.T) {
	for want, err := range map[string]error{
		"":                            fmt.Errorf("a.xlsx: %w", ErrEncrypted),
		"it is a PDF":                 fmt.Errorf("a.xlsx: %w: it is a PDF", ErrNotTable),
		"3 places":                    fmt.Errorf("%w (%d places)", ErrEncoding, 3),
		"xl/a.xml: unexpected (EOF)":  fmt.Errorf("%w (xl/a.xml: unexpected (EOF))", ErrDamaged),
		"a binary workbook, as .xlsb": fmt.Errorf("b: %w, a binary workbook, as .xlsb", ErrNotTable),
	} {
		if got := Detail(err); got != want {
			t.Errorf("Detail(%q) = %q, want %q", err, got, want)
		}
	}
	if got := Detail(&HeaderError{Row: 1}); got != "" {
		t.Errorf("a header's detail is %q, but it has fields", got)
	}
}
