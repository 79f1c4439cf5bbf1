package ui

import (
	"strconv"
	"time"

	"payrun/ledger/pgledger"
)

// ShowBegun says that a ledger in a database is begun, or was before.
func (u *UI) ShowBegun(place string, begun bool) error {
	if u.JSON() {
		return u.PrintObject("ledger_begun", struct {
			Ledger string `json:"ledger"`
			Begun  bool   `json:"begun"`
		}{place, begun})
	}
	said := u.Text("ledger.initialised", "place", place)
	if !begun {
		said = u.Text("ledger.initialised_before", "place", place)
	}
	return u.Say("%s", said)
}

// ShowUpgraded says from which version to which a ledger in a database was brought.
func (u *UI) ShowUpgraded(place string, from, to int) error {
	if u.JSON() {
		return u.PrintObject("ledger_upgraded", struct {
			Ledger string `json:"ledger"`
			From   int    `json:"from"`
			To     int    `json:"to"`
		}{place, from, to})
	}
	said := u.Text("ledger.upgraded", "place", place, "from", strconv.Itoa(from), "to", strconv.Itoa(to))
	if from == to {
		said = u.Text("ledger.upgraded_before", "place", place, "to", strconv.Itoa(to))
	}
	return u.Say("%s", said)
}

// worker is one in JSON.
type worker struct {
	Epoch      uint64    `json:"epoch"`
	Worker     string    `json:"worker"`
	Host       string    `json:"host"`
	PID        int       `json:"pid"`
	Joined     time.Time `json:"joined"`
	LeaseUntil time.Time `json:"lease_until"`
	Session    bool      `json:"session"`
	Holds      int       `json:"holds"`
}

// ShowWorkers lists who pays from a database.
func (u *UI) ShowWorkers(all []pgledger.Worker) error {
	if u.JSON() {
		list := make([]worker, 0, len(all))
		for _, w := range all {
			list = append(list, worker{w.Epoch, w.Worker, w.Host, w.PID, w.Joined, w.Lease, w.Session, w.Holds})
		}
		return u.PrintObject("workers", struct {
			Workers []worker `json:"workers"`
		}{list})
	}
	if len(all) == 0 {
		return u.Say("%s", u.Text("worker.none"))
	}
	var t Table
	t.Add(u.Text("worker.epoch"), u.Text("worker.host"), u.Text("worker.pid"), u.Text("worker.joined"), u.Text("worker.lease"),
		u.Text("worker.session"), u.Text("worker.holds"))
	for _, w := range all {
		session := u.Text("worker.session_there")
		if !w.Session {
			session = u.Text("worker.session_gone")
		}
		t.Add(strconv.FormatUint(w.Epoch, 10), w.Host, strconv.Itoa(w.PID), w.Joined.Local().Format(time.DateTime),
			w.Lease.Local().Format(time.TimeOnly), session, strconv.Itoa(w.Holds))
	}
	return u.PrintTable(t)
}

// ShowEvicted says that a worker was ended.
func (u *UI) ShowEvicted(epoch uint64) error {
	if u.JSON() {
		return u.PrintObject("eviction", struct {
			Evicted uint64 `json:"evicted"`
		}{epoch})
	}
	return u.Say("%s", u.Text("worker.evicted", "epoch", strconv.FormatUint(epoch, 10)))
}
