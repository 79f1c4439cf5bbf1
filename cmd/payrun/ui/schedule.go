package ui

import (
	"errors"
	"time"

	"payrun/batch/service"
	"payrun/ledger"
)

// LoadZone finds the zone that was named.
func (o *Options) LoadZone() (err error) {
	o.zone, err = time.LoadLocation(o.TimeZone)
	return err
}

// Zone is the one in which times of payment are given and shown.
func (o *Options) Zone() *time.Location {
	if o.zone == nil {
		return time.UTC
	}
	return o.zone
}

// Moment shows a time of payment, with its zone.
func (o *Options) Moment(t time.Time) string {
	t = t.In(o.Zone())
	layout := "2006-01-02 15:04"
	if t.Second() != 0 {
		layout = time.DateTime
	}
	return t.Format(layout+" (") + o.Zone().String() + t.Format(", UTC-07:00)")
}

// SayNotBefore tells a person who is about to confirm that nothing is sent before a time; of the
// zero time there is nothing to tell.
func (u *UI) SayNotBefore(at time.Time) {
	if !at.IsZero() {
		u.Remark(u.Text("schedule.set", "time", u.Moment(at)))
	}
}

// SayMissed tells a person who is about to confirm that the time was missed.
func (u *UI) SayMissed(missed *service.MissedError) {
	u.Remark(u.Text("schedule.missed", "batch", string(missed.Batch), "time", u.Moment(missed.NotBefore)))
}

// wordTime words an error about the time of a batch.
func (u *UI) wordTime(err error) (sentence string, hints []string, is bool) {
	if early, ok := errors.AsType[*ledger.NotYetError](err); ok {
		return u.Text("schedule.not_yet", "batch", string(early.Batch), "time", u.Moment(early.NotBefore)),
			[]string{
				u.Text("schedule.not_yet_then", "command", u.Commands.ForBatch("resume", early.Batch)),
				u.Text("schedule.now", "command", u.Commands.ForBatch("resume", early.Batch, "--not-before", "now")),
			}, true
	}
	if late, ok := errors.AsType[*service.MissedError](err); ok {
		return u.Text("schedule.missed", "batch", string(late.Batch), "time", u.Moment(late.NotBefore)),
			[]string{u.Text("schedule.now", "command", u.Commands.ForBatch("resume", late.Batch, "--not-before", "now"))}, true
	}
	return "", nil, false
}
