package settings

import (
	"strings"
	"time"
	_ "time/tzdata" // a machine may have no time zones of its own

	"github.com/spf13/pflag"

	"payrun/cmd/payrun/ui"
)

// DefaultZone is the time zone of times that are given without one.
const DefaultZone = "Africa/Abidjan"

// now is the word for a release that waits for no time.
const now = "now"

// NotBefore is the time before which nothing is sent, as a person gave it.
type NotBefore struct {
	text string
	// Given is set if it was given, At the time in UTC, zero for at once.
	Given bool
	At    time.Time
}

// AddNotBeforeFlag adds --not-before.
func AddNotBeforeFlag(flags *pflag.FlagSet, n *NotBefore) {
	flags.StringVar(&n.text, "not-before", "",
		"send nothing before `TIME`, such as \"2026-12-01 09:00\" in --time-zone, or with an offset as in RFC 3339; now pays at once what waits for a time")
	flags.Lookup("not-before").Annotations = map[string][]string{TypedOnly: {}}
}

// AddStartWithinFlag adds --start-within.
func AddStartWithinFlag(flags *pflag.FlagSet, within *time.Duration) {
	flags.DurationVar(within, "start-within", time.Hour,
		"how long after its time a batch that waited for it may still begin; later than that a person is asked again")
}

// Read reads the time that was given, in a zone if it names none.
func (n *NotBefore) Read(zone *time.Location) error {
	text := strings.TrimSpace(n.text)
	n.Given, n.At = text != "", time.Time{}
	if text == "" || text == now {
		return nil
	}
	text = strings.ToUpper(text)
	for _, layout := range []string{
		"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04",
	} {
		for _, between := range []string{"T", " "} {
			if at, err := time.ParseInLocation(strings.Replace(layout, "T", between, 1), text, zone); err == nil {
				n.At = at.UTC()
				return n.ahead()
			}
		}
	}
	return ui.Mistaken("not_before", "given", n.text)
}

// Word is the time as a program takes it, in RFC 3339, or now; empty if none was given.
func (n *NotBefore) Word() string {
	switch {
	case !n.Given:
		return ""
	case n.At.IsZero():
		return now
	default:
		return n.At.Format(time.RFC3339)
	}
}

// ahead refuses a time that is over.
func (n *NotBefore) ahead() error {
	if n.At.Before(time.Now()) {
		return ui.Mistaken("not_before_past", "given", n.text)
	}
	return nil
}
