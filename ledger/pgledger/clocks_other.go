//go:build !linux

package pgledger

import "time"

// sinceBoot is not known here.
func sinceBoot() time.Duration { return 0 }
