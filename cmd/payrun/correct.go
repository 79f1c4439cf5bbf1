package main

import (
	"strconv"

	"payrun/batch/retry"
	"payrun/cmd/payrun/ui"
	"payrun/ledger"
)

// correct gives corrected rows their new terms, each once the provider confirms that
// it was not paid, and says which were held back.
func (s *session) correct(path string, id ledger.BatchID, found []ledger.Correction) ([]retry.Held, *corrected, error) {
	if len(found) == 0 {
		return nil, nil, nil
	}
	done, err := s.Correct(s.app.Accepting, id, found)
	if err != nil {
		return nil, nil, err
	}
	shown := &corrected{Queued: done.Queued, Held: ui.HeldPayouts(done.Held), again: s.app.ForFile("run", path)}
	if s.app.JSON() {
		return done.Held, shown, nil
	}
	return done.Held, shown, s.app.SayLines(s.app.Names(s.app.Text("retry.held", "count", strconv.Itoa(len(done.Held))), shown.Held))
}

// corrected is what came of a file's corrections. Its JSON keys are documented in
// docs/json.md.
type corrected struct {
	Queued ledger.Count `json:"queued"`
	Held   []ui.Payout  `json:"held"`
	// again is the command that tries those held once more.
	again string
}
