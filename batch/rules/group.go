package rules

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"payrun/batch/intake/table"
)

// Bounds of what a group keeps, whatever the size of the file.
const (
	rangesMax  = 64
	samplesMax = 3
)

// Range is rows that follow each other, First and Last included.
type Range struct{ First, Last int }

// Group is all problems of a file with one code in one column: a thousand rows
// with the same mistake are one thing to say.
type Group struct {
	Code     string
	Severity Severity
	Column   table.Field
	// Count is the number of problems.
	Count int
	// Samples are the first ones, three at most.
	Samples []Problem
	// Alike is set if all say the same, so that one sample words them all.
	Alike bool

	ranges []Range
	// cut is set if there are more ranges than are kept.
	cut bool
}

// Complete reports whether Samples are all there are.
func (g *Group) Complete() bool { return g.Count == len(g.Samples) }

// Rows writes the rows as people do, "3-7, 9", at most so many ranges and an
// ellipsis for the rest. It is empty for what is in no row.
func (g *Group) Rows(most int) string {
	ranges := slices.Clone(g.ranges)
	slices.SortFunc(ranges, func(a, b Range) int { return cmp.Compare(a.First, b.First) })
	joined := ranges[:0]
	for _, r := range ranges {
		if last := len(joined) - 1; last >= 0 && r.First <= joined[last].Last+1 {
			joined[last].Last = max(joined[last].Last, r.Last)
			continue
		}
		joined = append(joined, r)
	}
	parts := make([]string, 0, min(len(joined), most)+1)
	for i, r := range joined {
		if i == most {
			break
		}
		part := strconv.Itoa(r.First)
		if r.Last > r.First {
			part += "-" + strconv.Itoa(r.Last)
		}
		parts = append(parts, part)
	}
	if g.cut || len(joined) > most {
		parts = append(parts, "…")
	}
	return strings.Join(parts, ", ")
}

func (g *Group) add(p Problem) {
	g.Count++
	if len(g.Samples) < samplesMax {
		g.Samples = append(g.Samples, p)
	}
	g.Alike = g.Alike && p.Value == g.Samples[0].Value && maps.Equal(p.Details, g.Samples[0].Details)
	last := len(g.ranges) - 1
	switch {
	case p.Row == 0:
	case last >= 0 && p.Row >= g.ranges[last].First && p.Row <= g.ranges[last].Last+1:
		g.ranges[last].Last = max(g.ranges[last].Last, p.Row)
	case last+1 < rangesMax:
		g.ranges = append(g.ranges, Range{p.Row, p.Row})
	default:
		g.cut = true
	}
}

// groupKey tells groups apart.
type groupKey struct {
	code     string
	severity Severity
	column   table.Field
}

// Groups collects the problems of a file. Its size is bounded by the number of
// codes, not by that of problems. The zero value is empty and ready for use, by
// one goroutine at a time.
type Groups struct {
	byKey map[groupKey]*Group
	order []*Group
}

// Add takes a problem in.
func (g *Groups) Add(p Problem) {
	key := groupKey{p.Code, p.Severity, p.Column}
	group := g.byKey[key]
	if group == nil {
		if g.byKey == nil {
			g.byKey = make(map[groupKey]*Group)
		}
		group = &Group{Code: p.Code, Severity: p.Severity, Column: p.Column, Alike: true}
		g.byKey[key] = group
		g.order = append(g.order, group)
	}
	group.add(p)
}

// Sorted returns the groups, errors first, then warnings, then notes; among their
// like as they came.
func (g *Groups) Sorted() []*Group {
	sorted := slices.Clone(g.order)
	slices.SortStableFunc(sorted, func(a, b *Group) int { return a.Severity.Compare(b.Severity) })
	return sorted
}

// Of counts the problems of a severity by code.
func (g *Groups) Of(severity Severity) map[string]int {
	counts := make(map[string]int)
	for _, group := range g.order {
		if group.Severity == severity {
			counts[group.Code] += group.Count
		}
	}
	return counts
}
