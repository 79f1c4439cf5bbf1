package page_test

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"payrun/reports/page"
)

// TestOnlyASmallPictureIsALogo: what a page embeds is a PNG or a JPEG by its bytes, whole,
// and of a size that a browser can show.
func TestOnlyASmallPictureIsALogo(t *testing.T) {
	encoded := func(width int, encode func(*bytes.Buffer, image.Image) error) string {
		var file bytes.Buffer
		if err := encode(&file, image.NewGray(image.Rect(0, 0, width, 3))); err != nil {
			t.Fatal(err)
		}
		return file.String()
	}
	asPNG := func(file *bytes.Buffer, picture image.Image) error { return png.Encode(file, picture) }
	asJPEG := func(file *bytes.Buffer, picture image.Image) error { return jpeg.Encode(file, picture, nil) }
	whole := encoded(40, asPNG)
	for name, test := range map[string]struct{ file, begins string }{
		"a PNG":                     {whole, "data:image/png;base64,"},
		"a JPEG":                    {encoded(40, asJPEG), "data:image/jpeg;base64,"},
		"an SVG":                    {`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, ""},
		"a page":                    {"<!doctype html><script>alert(1)</script>", ""},
		"nothing":                   {"", ""},
		"the first half of a PNG":   {whole[:len(whole)/2], ""},
		"one as wide as a building": {encoded(5000, asPNG), ""},
		"a large file":              {whole + strings.Repeat("x", page.LogoMax), ""},
	} {
		logo, err := page.ReadLogo(strings.NewReader(test.file))
		if refused := errors.Is(err, page.ErrLogo); refused != (test.begins == "") || !refused && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !strings.HasPrefix(string(logo.URL()), test.begins) || test.begins == "" && logo.URL() != "" {
			t.Errorf("%s is embedded as %.40s", name, logo.URL())
		}
	}
}
