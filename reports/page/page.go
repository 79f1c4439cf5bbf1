// Package page has what all pages of payrun share: their style, how they name a moment,
// and the warning of a rehearsal. Pages are one file that needs nothing beside it, and
// print on A4. What they say is not known here.
package page

import (
	_ "embed" // the style
	"fmt"
	"html/template"
	"strings"
	"time"
)

//go:embed style.css
var style string

//go:embed letterhead.html.tmpl
var letterhead string

// Parse reads a page's template. In it, {{template "style"}} stands for the style, and
// {{template "letterhead" x}} for a Letterhead.
func Parse(name, source string) (*template.Template, error) {
	page, err := template.New(name).Parse(`{{define "style"}}` + style + `{{end}}` + letterhead + source)
	if err != nil {
		return nil, fmt.Errorf("read the template of a page: %w", err)
	}
	return page, nil
}

// sandboxName is the name of the built-in simulator, and sandboxThere ends that of the
// environment in which a provider moves no money.
const (
	sandboxName  = "sandbox"
	sandboxThere = "(Sandbox)"
)

// Simulated reports whether an account is at the built-in simulator.
func Simulated(account string) bool { return account == sandboxName }

// Rehearsal reports whether no money moves where an account is.
func Rehearsal(account string) bool {
	return Simulated(account) || strings.HasSuffix(account, sandboxThere)
}

// Moment writes a time as a person reads it, in UTC, which is the time of Côte d'Ivoire.
func Moment(t time.Time, french bool) string {
	t = t.UTC()
	months, day := [12]string{
		"January", "February", "March", "April", "May", "June",
		"July", "August", "September", "October", "November", "December",
	}, "%d %s %d,"
	if french {
		months, day = [12]string{
			"janvier", "février", "mars", "avril", "mai", "juin",
			"juillet", "août", "septembre", "octobre", "novembre", "décembre",
		}, "%d %s %d à"
	}
	return fmt.Sprintf(day, t.Day(), months[t.Month()-1], t.Year()) + " " + t.Format("15:04:05") + " UTC"
}
