package table

import (
	"archive/zip"
	"encoding/xml"
	"fmt"
)

// sharedStringsMax bounds the text that is kept; it is the one thing of a
// workbook that has to be in memory, since cells refer to it in any order.
const sharedStringsMax = 192 << 20

// sharedStrings are the texts of a workbook, one after the other: a million
// strings in one piece instead of a million pieces.
type sharedStrings struct {
	text []byte
	ends []uint32
}

// readSharedStrings reads the part; a workbook of numbers has none.
func readSharedStrings(part *zip.File) (s sharedStrings, err error) {
	if part == nil {
		return s, nil
	}
	x, err := openStream(part)
	if err != nil {
		return s, err
	}
	defer x.close() //nolint:errcheck // only read
	for {
		token, err := x.token()
		if err != nil {
			return s, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name.Local != "si" {
				continue
			}
			if s.text, err = x.richText(s.text); err != nil {
				return s, err
			}
			if len(s.text) > sharedStringsMax {
				return s, fmt.Errorf("%w: more than %d MiB of text", ErrTooLarge, sharedStringsMax>>20) //nolint:mnd // MiB
			}
			s.ends = append(s.ends, uint32(len(s.text))) //nolint:gosec // bounded above
			x.limit.refill()
		case xml.EndElement:
			if t.Name.Local == "sst" {
				return s, nil
			}
		}
	}
}

// at returns a string, false for one that is not there.
func (s *sharedStrings) at(i int) (string, bool) {
	if i < 0 || i >= len(s.ends) {
		return "", false
	}
	begin := uint32(0)
	if i > 0 {
		begin = s.ends[i-1]
	}
	return unescape(string(s.text[begin:s.ends[i]])), true
}
