package engine

import "slices"

// Prefetch: where nothing but the workers limits how fast payouts are sent, a transfer
// lies ready for each of them, so that no worker waits for the dispatcher between two
// requests. The gate says when (capacity). Whatever gives a reason to send less has
// them taken back first.

// reclaim takes back the jobs that no worker has taken up. They have not left, and
// their intents are recorded.
func (p *pool) reclaim() []job {
	var back []job
	for {
		select {
		case j := <-p.jobs:
			p.busy--
			j.leave.Recall()
			back = append(back, j)
		default:
			return back
		}
	}
}

// putBack returns reclaimed payments to where they came from.
func (s *scheduler) putBack(jobs []job) {
	var unsent []*payment
	for _, j := range jobs {
		switch j.task {
		case transfer:
			unsent = append(unsent, j.payment)
			s.count(j.payment, 1)
		case followUp, aheadOfSend:
			s.wait(j.payment)
		case controlling: // no payment
		}
	}
	if len(unsent) > 0 {
		s.ready = slices.Concat(unsent, s.ready)
	}
}
