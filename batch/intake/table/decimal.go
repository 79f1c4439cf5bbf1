package table

import (
	"strconv"
	"strings"
)

const (
	// precision counts the digits of a number that a spreadsheet keeps and shows:
	// Excel's specification says 15. What a file holds beyond them is the noise
	// of binary fractions, 100000.00000000001 for 100000.
	precision = 15
	// exponentMax is beyond any number of a spreadsheet (about 1E308).
	exponentMax = 400
)

// decimal writes the number of a workbook's cell, which can be "2.25078E+12",
// with all its digits and no exponent. It works on the digits, so that nothing is
// rounded but what lies beyond precision. ok is false for what is no number;
// lossy is set for a whole number of more digits than a spreadsheet keeps.
func decimal(value string) (text string, lossy, ok bool) {
	digits, point, negative, ok := scan(value)
	if !ok {
		return "", false, false
	}
	digits, point = round(digits, point)
	text = place(digits, point)
	if negative && text != "0" {
		text = "-" + text
	}
	return text, point > precision, true
}

// scan takes a number apart: its digits without leading zeros, and where among
// them the decimal point is.
func scan(value string) (digits string, point int, negative, ok bool) {
	mantissa, exponent := value, 0
	if e := strings.IndexAny(value, "eE"); e >= 0 {
		var err error
		mantissa = value[:e]
		exponent, err = strconv.Atoi(value[e+1:])
		if err != nil || exponent > exponentMax || exponent < -exponentMax {
			return "", 0, false, false
		}
	}
	mantissa, negative = strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits = whole + fraction
	if digits == "" || len(digits) > exponentMax || strings.Trim(digits, "0123456789") != "" {
		return "", 0, false, false
	}
	significant := strings.TrimLeft(digits, "0")
	return significant, len(whole) + exponent - (len(digits) - len(significant)), negative, true
}

// round keeps as many digits as a spreadsheet shows, half up, and drops zeros
// at the end.
func round(digits string, point int) (string, int) {
	if len(digits) > precision {
		up := digits[precision] >= '5'
		kept := []byte(digits[:precision])
		for i := precision - 1; up && i >= 0; i-- {
			if up = kept[i] == '9'; up {
				kept[i] = '0'
			} else {
				kept[i]++
			}
		}
		digits = string(kept)
		if up {
			digits, point = "1"+digits, point+1
		}
	}
	return strings.TrimRight(digits, "0"), point
}

// place writes the digits with the point among them.
func place(digits string, point int) string {
	switch {
	case digits == "":
		return "0"
	case point <= 0:
		return "0." + strings.Repeat("0", -point) + digits
	case point >= len(digits):
		return digits + strings.Repeat("0", point-len(digits))
	default:
		return digits[:point] + "." + digits[point:]
	}
}
