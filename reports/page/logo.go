package page

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"image"
	_ "image/jpeg" // a logo's format
	_ "image/png"  // the other
	"io"
	"strings"
)

// LogoMax is how large the file of a logo may be, in bytes: every page carries it.
const LogoMax = 256 << 10

// logoSide bounds a logo's width and height in pixels, so that a small file cannot make a
// reader's browser unpack a wall.
const logoSide = 4096

// ErrLogo is returned for what is no picture that a page may carry: a PNG or a JPEG of at
// most LogoMax bytes. An SVG is a program as much as a picture and is none of them.
var ErrLogo = errors.New("the logo is not a PNG or JPEG of at most 256 KiB and 4096 pixels a side")

// Logo is the picture at the head of a page, as the page embeds it; the zero value is none.
type Logo struct{ data template.URL }

// ReadLogo reads a picture. What it is, its bytes say and not its name. It returns ErrLogo
// for anything but a small PNG or JPEG.
func ReadLogo(r io.Reader) (Logo, error) {
	picture, err := io.ReadAll(io.LimitReader(r, LogoMax+1))
	if err != nil {
		return Logo{}, fmt.Errorf("read the logo: %w", err)
	}
	if len(picture) > LogoMax {
		return Logo{}, ErrLogo
	}
	// Read to its end: a head alone would be embedded and shown as a broken picture.
	size, kind, err := image.DecodeConfig(bytes.NewReader(picture))
	if err != nil || size.Width > logoSide || size.Height > logoSide {
		return Logo{}, ErrLogo
	}
	if _, _, err := image.Decode(bytes.NewReader(picture)); err != nil {
		return Logo{}, ErrLogo
	}
	text := base64.StdEncoding.EncodeToString(picture)
	return Logo{template.URL("data:image/" + kind + ";base64," + text)}, nil //nolint:gosec // G203: base64 of a picture
}

// URL is the picture as an address within the page, empty for none.
func (l Logo) URL() template.URL { return l.data }

// Picture is the file of the picture with the ending of its format, ".png" or ".jpeg"; nil
// and nothing for none.
func (l Logo) Picture() (picture []byte, ending string) {
	kind, text, is := strings.Cut(strings.TrimPrefix(string(l.data), "data:image/"), ";base64,")
	if !is {
		return nil, ""
	}
	picture, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, "" // never: ReadLogo encoded it
	}
	return picture, "." + kind
}

// Letterhead is who a page is from.
type Letterhead struct {
	// Company is the name; Logo stands before it.
	Company string
	Logo    Logo
}

// Any reports whether there is anything to show.
func (l Letterhead) Any() bool { return l.Company != "" || l.Logo.data != "" }
