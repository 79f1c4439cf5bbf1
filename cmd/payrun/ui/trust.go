package ui

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"payrun/batch/engine"
	"payrun/batch/service"
	"payrun/ledger/anchor"
)

// SayVouching tells of a ledger that may not know everything.
func (u *UI) SayVouching(v service.Vouching, path string) {
	for _, file := range v.Damaged {
		u.Remark(u.Text("anchor.damaged", "file", file))
	}
	own := v.Own
	args := []string{
		"ledger", path, "path", own.Path, "host", own.Host, "user", own.User,
		"anchored", strconv.FormatUint(own.Head.Events, 10), "events", strconv.FormatUint(v.Now.Head.Events, 10),
		"date", own.At.Local().Format(time.DateTime),
	}
	switch v.Standing {
	case anchor.Vouched, anchor.New:
	case anchor.Older:
		u.Remark(u.Text("anchor.older", args...))
	case anchor.Moved:
		u.Remark(u.Text("anchor.moved", args...))
	case anchor.OtherLedger:
		other := v.Others[0]
		u.Remark(u.Text("anchor.other", "path", other.Path, "host", other.Host, "user", other.User,
			"date", other.At.Local().Format(time.DateTime)))
	case anchor.Unwritable:
		u.Remark(u.Text("anchor.unwritable", "reason", firstLine(v.Reason)))
	}
}

// firstLine is the first of the reasons of a joined error.
func firstLine(err error) string {
	if joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err); ok {
		return joined.Unwrap()[0].Error()
	}
	return err.Error()
}

// WordGrace says that a "not found" would prove nothing after a look-up grace for a host.
// Other errors stay as they are.
func (u *UI) WordGrace(err error, host string) error {
	short, is := errors.AsType[*service.GraceError](err)
	if !is {
		return err
	}
	return Usage(u.Text("grace.short", "grace", short.Given.String(), "floor", short.Floor.String(), "environment", host),
		u.Text("grace.short_hint", "floor", short.Floor.String()))
}

// newWord has a person say that an account never paid anybody.
const newWord = "NEW"

// TypeNew asks a person for newWord.
func (u *UI) TypeNew() error {
	WriteLine(u.Stderr, u.Text("first_payday.about"))
	_, _ = u.Stderr.Write([]byte(u.Text("first_payday.type", "word", newWord)))
	line, err := u.Answer()
	if err != nil {
		return err
	}
	if strings.TrimSpace(line) != newWord {
		return engine.ErrFirstPayday
	}
	return nil
}
