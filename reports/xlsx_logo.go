package reports

import (
	"bytes"
	"image"

	"github.com/xuri/excelize/v2"
)

// The size of the logo at the head of a sheet, in pixels at 96 to an inch, and of the row that
// it stands in, in points.
const (
	logoWidth, logoHeight = 240, 44
	logoRow               = 36
)

// logo puts the company's picture into a first row of its own, if there is one. It keeps its
// proportions and is never enlarged.
func (s *summarySheet) logo() {
	picture, ending := s.letterhead.Logo.Picture()
	if s.err != nil || picture == nil {
		return
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(picture))
	if err != nil {
		s.err = err
		return
	}
	scale := min(1, logoWidth/float64(size.Width), logoHeight/float64(size.Height))
	s.row++
	if s.err = s.stream.SetRow("A1", nil, excelize.RowOpts{Height: logoRow}); s.err != nil {
		return
	}
	s.err = s.book.AddPictureFromBytes(sheetSummary, "A1", &excelize.Picture{
		Extension: ending, File: picture,
		Format: &excelize.GraphicOptions{
			ScaleX: scale, ScaleY: scale, OffsetX: 2, OffsetY: 2, Positioning: "oneCell", AltText: s.letterhead.Company,
		},
	})
}
