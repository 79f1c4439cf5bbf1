package rules

import (
	"strconv"

	"payrun/batch/intake/table"
)

// FileProblems words what a file holds beside the rows that are read as problems of
// the file, each with its place: sheets, rows and cells that nobody reads, and what is
// read although nobody sees it. With strict, warnings are errors.
func FileProblems(remarks []table.Remark, strict bool) []Problem {
	problems := make([]Problem, 0, len(remarks))
	for _, remark := range remarks {
		problem := Problem{
			Row: remark.First, Header: remark.Title, Value: remark.Text, Code: remark.Code, Severity: severities[remark.Code],
			Details: map[string]string{
				"sheet": remark.Sheet, "rows": strconv.Itoa(remark.Rows), "column": remark.Column,
				"first": strconv.Itoa(remark.First), "last": strconv.Itoa(remark.Last),
			},
		}
		if remark.Code == CodeSheetUnread {
			problem.Row = 0 // a row of another sheet
		}
		if problem.Severity == "" || strict {
			problem.Severity = Error
		}
		problems = append(problems, problem)
	}
	return problems
}

// marked tells that a column beside the table calls the row paid or cancelled.
func (c *check) marked() {
	if mark := c.row.Mark; mark != nil {
		c.add("", CodeRowMarked, map[string]string{"title": mark.Title, "mark": mark.Text})
	}
}

// remark returns the code of a line that is about the list: that its figures are no
// francs, or nothing that matters.
func (c *check) remark() string {
	if table.UnitSaid(c.label()) != "" {
		return CodeUnitSaid
	}
	return CodeRowRemark
}

// NotCut returns the codes of rows whose cells are not those of the titles: nothing
// can be said of such a row, or added to it.
func NotCut() []string {
	return []string{
		CodeRowQuotes, CodeRowWidth, CodeRowThousands, CodeRowAboveHeader, CodeRowHeaderOther, CodeRowUnderOtherHeader,
	}
}
