//go:build !unix && !windows

package fsx

import "os"

func open(path string) (*os.File, error) { return os.Open(path) }
