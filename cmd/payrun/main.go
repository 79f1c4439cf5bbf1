// Command payrun pays a file of beneficiaries through a mobile-money provider,
// each exactly once.
//
// Results go to standard output, everything else to standard error. The exit
// codes are:
//
//	  0  everything in the batch is paid
//	  1  internal error
//	  2  usage or configuration
//	  3  the file has errors; nothing was sent
//	  4  finished, but payouts failed or rows were skipped
//	  5  stopped early; run again
//	  6  payouts are still open; resume
//	  7  conflict or difference
//	  8  people have to approve it first
//	130  interrupted; run again
//
// Each command parses, calls and prints. What happens to money, and what a batch needs
// next, is decided in package batch/service; words are in package ui, flags and what
// follows from them in settings, and session opens ledgers, files and the provider.
package main

import (
	"os"
	"runtime"

	"payrun/internal/heapfloor"
)

func main() {
	floor := heapfloor.Lay(os.LookupEnv)
	code := run(os.Args[1:], system())
	runtime.KeepAlive(floor)
	os.Exit(code)
}
