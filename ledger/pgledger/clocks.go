package pgledger

import (
	"time"

	"payrun/ledger"
)

func readClocks() ledger.Clocks { return ledger.Clocks{Now: time.Now(), Boot: sinceBoot()} }
