package table

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// formatRange is a block of cells in which a condition may put another number format over
// the cells' own. Whether it holds is not known here: conditions are formulas.
type formatRange struct {
	block merge
	// money is set if the format would show another amount than there is, and other if
	// it would show other digits or words in any other column.
	money, other bool
}

// changes reports whether the cells of a field may show something else than they hold.
func (r formatRange) changes(field Field) bool {
	if isMoney(field) {
		return r.money
	}
	return r.other
}

// formatRangesMax is more conditions than a person makes.
const formatRangesMax = 65_536

// conditions collects the formats on conditions that stand behind the rows of a sheet
// (ECMA-376 part 1, 18.3.1.18), in the form of 2007 and in that of 2010, which has the
// format and the cells inside ([MS-XLSX] 2.6.25).
type conditions struct {
	styles *styles
	// blocks are the cells of the element that has begun, and money and other what its
	// rules do to them.
	blocks       []string
	money, other bool
	inCells      bool

	found []formatRange
}

func (c *conditions) token(token xml.Token) {
	switch t := token.(type) {
	case xml.StartElement:
		switch t.Name.Local {
		case "conditionalFormatting":
			c.blocks, c.money, c.other = strings.Fields(attribute(t, "sqref")), false, false
		case "cfRule":
			if at, err := strconv.Atoi(attribute(t, "dxfId")); err == nil && at >= 0 && at < len(c.styles.conditional) {
				c.take(c.styles.conditional[at])
			}
		case "numFmt":
			c.take(parseFormat(attribute(t, "formatCode")))
		case "sqref":
			c.inCells = true
		}
	case xml.CharData:
		if c.inCells {
			c.blocks = append(c.blocks, strings.Fields(string(t))...)
		}
	case xml.EndElement:
		switch t.Name.Local {
		case "sqref":
			c.inCells = false
		case "conditionalFormatting":
			c.end()
		}
	}
}

func (c *conditions) take(format numberFormat) {
	c.money = c.money || format.misleads(FieldAmount)
	c.other = c.other || format.misleads("")
}

func (c *conditions) end() {
	for _, name := range c.blocks {
		if block, ok := parseBlock(name); ok && (c.money || c.other) && len(c.found) < formatRangesMax {
			c.found = append(c.found, formatRange{block, c.money, c.other})
		}
	}
	c.blocks = nil
}

// misleads reports whether a format shows some number as something else than it is.
func (f numberFormat) misleads(field Field) bool {
	for _, number := range []string{"7", "500", "150000", "1500000", "701020304"} {
		section := f.section(number)
		if section == nil {
			continue
		}
		if section.date || section.scaled {
			return true
		}
		if shown := seen(section.render(number), number, field); shown.Problem != "" || shown.Text != number {
			return true
		}
	}
	return false
}
