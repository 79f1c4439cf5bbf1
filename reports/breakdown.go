package reports

import "payrun/ledger"

// stateCount is one of the parts that a file divides into.
type stateCount struct {
	name  string
	count ledger.Total
}

// states lists the parts, in the order in which people ask for them.
func (t Totals) states() []stateCount {
	return []stateCount{
		{"successful", t.Successful},
		{"failed", t.Failed},
		{"pending", t.Pending},
		{"unknown", t.Unknown},
		{"queued", t.Queued},
		{"cancelled", t.Cancelled},
		{StateRejected, t.Rejected},
	}
}

// group is one of the parts that people divide a file into.
type group struct {
	name   string
	states []string
	count  ledger.Total
}

// groups are the terms of the sum that a report must come to.
func (t Totals) groups() []group {
	return []group{
		{"paid", []string{ledger.Successful.String()}, t.Successful},
		{"failed", []string{ledger.Failed.String()}, t.Failed},
		{"open", []string{ledger.Pending.String(), ledger.Unknown.String(), ledger.Queued.String()}, t.Open()},
		{"cancelled", []string{ledger.Cancelled.String()}, t.Cancelled},
		{"rejected", []string{StateRejected}, t.Rejected},
	}
}
