package engine_test

import (
	"os"
	"runtime/debug"
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails if a goroutine is left when all tests are over.
func TestMain(m *testing.M) {
	// A world has a few megabytes in use, and the collector took a fifth of the
	// processors. The command lays a floor for the same reason.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(800)
	}
	goleak.VerifyTestMain(m)
}
