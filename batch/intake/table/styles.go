package table

// styles are the number formats that a workbook's cells refer to (ECMA-376 part 1,
// 18.8). excelize names a format with a built-in number by that number alone, even
// where the workbook writes another code under it, as Excel does for currencies.
type styles struct {
	// cells has the format of each style, by the number that cells carry.
	cells []numberFormat
	// conditional has the format of each style that a condition puts over a cell's own;
	// the zero value changes nothing.
	conditional []numberFormat
}

// styleSheet is the part of a workbook that holds its formats.
type styleSheet struct {
	Codes []struct {
		ID   int    `xml:"numFmtId,attr"`
		Code string `xml:"formatCode,attr"`
	} `xml:"numFmts>numFmt"`
	Cells []struct {
		ID int `xml:"numFmtId,attr"`
	} `xml:"cellXfs>xf"`
	Conditional []struct {
		Format struct {
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmt"`
	} `xml:"dxfs>dxf"`
}

func (s *styleSheet) styles() styles {
	parsed := make(map[int]numberFormat)
	for _, custom := range s.Codes {
		parsed[custom.ID] = parseFormat(custom.Code)
	}
	var all styles
	for _, cell := range s.Cells {
		format, known := parsed[cell.ID]
		if !known {
			format = parseFormat(builtinFormat(cell.ID))
			parsed[cell.ID] = format
		}
		all.cells = append(all.cells, format)
	}
	for _, conditional := range s.Conditional {
		all.conditional = append(all.conditional, parseFormat(conditional.Format.Code))
	}
	return all
}

// of returns the format of a cell's style. A style that does not exist formats
// nothing.
func (s *styles) of(style int) numberFormat {
	if style < 0 || style >= len(s.cells) {
		return numberFormat{}
	}
	return s.cells[style]
}

// builtinFormat returns the code of a format that a workbook names by number only
// (ECMA-376 part 1, 18.8.30; the dates of East Asian and Thai editions as excelize
// and LibreOffice read them). The currencies among them are those of the machine on
// which the file is opened, so that nobody can say what a person sees: their code
// here is that of the standard.
func builtinFormat(id int) string {
	within := func(low, high int) bool { return low <= id && id <= high }
	switch {
	case within(5, 8), within(63, 66):
		return `"$"#,##0_);("$"#,##0)`
	case id == 9, id == 10, id == 67, id == 68:
		return "0%"
	case id == 11, id == 48:
		return "0.00E+00"
	case id == 12, id == 13, id == 69, id == 70:
		return "# ?/?"
	case within(14, 22), within(27, 36), within(45, 47), within(50, 58), within(71, 81):
		return "yyyy-mm-dd"
	case within(37, 40):
		return "#,##0_);(#,##0)"
	case id == 41, id == 43:
		return `_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)`
	case id == 42, id == 44:
		return `_("$"* #,##0_);_("$"* (#,##0);_("$"* "-"_);_(@_)`
	case id == 49:
		return "@"
	default:
		return "General"
	}
}
