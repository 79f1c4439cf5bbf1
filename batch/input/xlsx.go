package input

import "fmt"

func openXLSX(s *source, m *matcher, sheet string) (table, Info, error) {
	return nil, Info{}, fmt.Errorf("%w: workbooks are not read yet", ErrNotTable)
}
