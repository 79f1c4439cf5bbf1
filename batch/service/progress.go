package service

import "sync/atomic"

// Stage is a part of understanding a file.
type Stage int32

// The stages, in their order.
const (
	// StageOpening: the file is being recognised.
	StageOpening Stage = iota
	// StageColumns: it is read for what its columns hold. How many rows it has is not known yet.
	StageColumns
	// StageCheck: its rows are checked, and compared with the ledger.
	StageCheck
	// StageComparison: it is compared with an earlier batch.
	StageComparison
)

// Progress is how far the understanding of a file is, for whoever waits for it. It is safe for
// concurrent use, and its zero value has begun nothing.
type Progress struct {
	stage      atomic.Int32
	read, rows atomic.Int64
}

// Now returns what is being done, how many rows were read for it, and how many there are, which is
// zero until that is known.
func (p *Progress) Now() (stage Stage, read, rows int64) {
	return Stage(p.stage.Load()), p.read.Load(), p.rows.Load()
}

// enter begins a stage; what was read for StageColumns is all that there is.
func (p *Progress) enter(stage Stage) {
	if stage == StageCheck {
		p.rows.Store(p.read.Load())
	}
	p.read.Store(0)
	p.stage.Store(int32(stage))
}
