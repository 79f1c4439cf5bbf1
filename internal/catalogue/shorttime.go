package catalogue

import (
	"fmt"
	"time"
)

// ShortTime is a time in the units that both languages write alike, "44 min 59 s".
func ShortTime(d time.Duration) string {
	const perUnit = 60
	seconds := int(d.Round(time.Second) / time.Second)
	switch minutes := seconds / perUnit; {
	case minutes >= perUnit:
		return fmt.Sprintf("%d h %02d min", minutes/perUnit, minutes%perUnit)
	case minutes > 0:
		return fmt.Sprintf("%d min %02d s", minutes, seconds%perUnit)
	default:
		return fmt.Sprintf("%d s", seconds)
	}
}
