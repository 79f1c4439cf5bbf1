//go:build !unix

package main

import (
	"os"
	"time"
)

// processorTime returns 0: it is not measured here.
func processorTime() time.Duration { return 0 }

// residentMost returns 0: it is not measured here.
func residentMost(*os.ProcessState) int { return 0 }
