package heapfloor_test

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"

	"payrun/internal/heapfloor"
)

// TestWorkThatGoesOnCollectsItsHeapLessOften looks at what Go is set to.
func TestWorkThatGoesOnCollectsItsHeapLessOften(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	none := func(string) (string, bool) { return "", false }
	floor := heapfloor.Lay(none)
	if floor == nil {
		t.Skip("addresses are limited here")
	}
	percent := func() uint64 {
		now := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		metrics.Read(now)
		return now[0].Value.Uint64()
	}
	first := percent()
	for range 1000 {
		runtime.GC()
		if percent() > first {
			return
		}
	}
	runtime.KeepAlive(floor)
	t.Errorf("after a thousand collections the heap may still grow by %d %% alone", percent())
}
