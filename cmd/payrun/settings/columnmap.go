package settings

import (
	"encoding/csv"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"payrun/batch/intake/table"
	"payrun/cmd/payrun/ui"
)

// ColumnMap holds the value of --map: the titles of columns by field. A title is taken as
// it stands, with whatever commas and quotes it has.
type ColumnMap map[table.Field]string

// AddMapFlag adds --map.
func AddMapFlag(flags *pflag.FlagSet, columns *ColumnMap) {
	flags.Var(columns, "map", "take a `field=Header` from the column with that title, or with that letter: amount=@D")
}

// nextField matches the beginning of another pair in a list of pairs.
var nextField = regexp.MustCompile(`,(?:[a-z_]+)=`)

var errNoPair = errors.New("it has to be field=Header")

// Set adds a pair, or several with commas between them.
func (m *ColumnMap) Set(text string) error {
	pairs := []string{}
	if strings.HasPrefix(text, `"`) {
		// A list in which pairs are quoted.
		quoted, err := csv.NewReader(strings.NewReader(text)).Read()
		if err != nil {
			return errNoPair
		}
		pairs, text = quoted, ""
	}
	for text != "" {
		end := len(text)
		if at := nextField.FindStringIndex(text); at != nil {
			end = at[0]
		}
		pairs = append(pairs, text[:end])
		text = strings.TrimPrefix(text[end:], ",")
	}
	if *m == nil {
		*m = make(ColumnMap)
	}
	for _, pair := range pairs {
		field, title, found := strings.Cut(pair, "=")
		if !found {
			return errNoPair
		}
		(*m)[table.Field(strings.TrimSpace(field))] = title
	}
	return nil
}

// String lists the pairs.
func (m *ColumnMap) String() string {
	var pairs []string
	for field, title := range *m {
		pairs = append(pairs, string(field)+"="+title)
	}
	slices.Sort(pairs)
	return strings.Join(pairs, ",")
}

// Type names the value in messages.
func (*ColumnMap) Type() string { return "pair of field=Header" }

// Words are the pairs as they can be typed.
func (m *ColumnMap) Words() []string {
	var fields []table.Field
	for field := range *m {
		fields = append(fields, field)
	}
	slices.Sort(fields)
	var words []string
	for _, field := range fields {
		words = append(words, ui.MapWords(field, (*m)[field])...)
	}
	return words
}
