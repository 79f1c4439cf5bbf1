package table

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"unicode/utf8"
)

// sampleSize bounds the bytes of a file that are looked at to recognise its form.
const sampleSize = 64 << 10

// sniffer is the result of one look at every byte of a file: its digest, and what
// kind of text it is. The digest has to be taken anyway, and only the whole file
// tells UTF-8 from Windows-1252: names with accents may begin at the last row.
type sniffer struct {
	hash hash.Hash
	head []byte
	nul  bool
	// encrypted is set when the marker of an encrypted workbook was seen.
	encrypted bool
	// loose is set when quotes were seen that stand behind a blank or an equals sign,
	// or before a blank.
	loose bool
	// multibyte counts continuation bytes of valid UTF-8, invalid what is not
	// UTF-8.
	multibyte, invalid int
	// tail is the end of what was written last, in case it goes on.
	tail []byte
}

// sniff reads the whole source and keeps its digest there.
func sniff(s *source) (*sniffer, error) {
	v := &sniffer{hash: sha256.New()}
	if _, err := io.CopyBuffer(struct{ io.Writer }{v}, s.reader(), make([]byte, sampleSize)); err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	v.flush()
	s.sum = [sha256.Size]byte(v.hash.Sum(nil))
	return v, nil
}

// encryptedMarker is the name of the stream in which an OLE2 container holds an
// encrypted workbook (MS-OFFCRYPTO 2.3.4.4), in UTF-16 as in its directory.
//
//nolint:gochecknoglobals // a constant
var encryptedMarker = []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")

// Write takes the next bytes in; it never fails.
func (v *sniffer) Write(p []byte) (int, error) {
	v.hash.Write(p)
	if room := sampleSize - len(v.head); room > 0 {
		v.head = append(v.head, p[:min(room, len(p))]...)
	}
	v.nul = v.nul || bytes.IndexByte(p, 0) >= 0
	v.encrypted = v.encrypted || v.nul && bytes.Contains(p, encryptedMarker)
	v.loose = v.loose || looseQuotes(p)
	v.text(p)
	return len(p), nil
}

// looseQuotes reports whether a text may hold quotes that are not as RFC 4180 has
// them. To say so of one that does not costs only time.
func looseQuotes(p []byte) bool {
	for _, pair := range []string{` "`, `" `, `="`, "\t\"", "\"\t", "\xa0\"", "\"\xa0", "\"\u00a0"} {
		if bytes.Contains(p, []byte(pair)) {
			return true
		}
	}
	// A pair may be cut in two.
	return len(p) > 0 && (p[0] == '"' || p[len(p)-1] == '"')
}

// text counts characters, holding back one that is cut in two.
func (v *sniffer) text(p []byte) {
	if len(v.tail) > 0 {
		joined := append(v.tail, p[:min(len(p), utf8.UTFMax)]...)
		r, size := utf8.DecodeRune(joined)
		if r == utf8.RuneError && size <= 1 && len(joined) < utf8.UTFMax && !utf8.FullRune(joined) {
			v.tail = joined
			return
		}
		used := max(size-len(v.tail), 0)
		v.count(joined[:max(size, len(v.tail))])
		v.tail, p = nil, p[used:]
	}
	cut := len(p)
	for back := 1; back < utf8.UTFMax && back <= len(p); back++ {
		if utf8.RuneStart(p[len(p)-back]) {
			if !utf8.FullRune(p[len(p)-back:]) {
				cut = len(p) - back
			}
			break
		}
	}
	v.count(p[:cut])
	v.tail = append(v.tail, p[cut:]...)
}

func (v *sniffer) flush() {
	v.count(v.tail)
	v.tail = nil
}

func (v *sniffer) count(p []byte) {
	if utf8.Valid(p) {
		v.multibyte += len(p) - utf8.RuneCount(p)
		return
	}
	for len(p) > 0 {
		r, size := utf8.DecodeRune(p)
		if r == utf8.RuneError && size == 1 {
			v.invalid++
		} else {
			v.multibyte += size - 1
		}
		p = p[size:]
	}
}

// kind is a form of files, told by their first bytes.
type kind int

const (
	kindText kind = iota
	kindZip
)

// kind recognises the container, or says why payrun does not read it.
func (v *sniffer) kind() (kind, error) {
	head := v.head
	switch {
	case len(head) == 0:
		return 0, ErrEmpty
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return kindZip, nil
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		if v.encrypted {
			return 0, ErrEncrypted
		}
		return 0, ErrLegacyExcel
	case isLock(head):
		return 0, ErrLock
	case bytes.HasPrefix(head, []byte("%PDF")):
		return 0, fmt.Errorf("%w: it is a PDF", ErrNotTable)
	}
	start := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, bomUTF8), " \t\r\n"))
	for _, tag := range []string{"<!doctype", "<html", "<table", "<?xml", "<style", "<head", "<meta"} {
		if bytes.HasPrefix(start, []byte(tag)) {
			return 0, fmt.Errorf("%w: it is a web page or XML, whatever its name says; open it in a spreadsheet and save it as .xlsx", ErrNotTable)
		}
	}
	return kindText, nil
}

// isLock recognises the file that Excel leaves beside a workbook while it is open
// (its name begins with "~$"): who has it open, in 55 bytes and again in UTF-16.
func isLock(head []byte) bool {
	const size, nameMax, wideAt = 165, 54, 55
	return len(head) == size && head[0] > 0 && head[0] <= nameMax && head[wideAt] == head[0] && head[wideAt+1] == 0
}
