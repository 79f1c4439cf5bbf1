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
//	130  interrupted; run again
//
// This package parses, wires and prints. What happens to money is decided in
// packages batch and engine.
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
