//go:build !windows && !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package fsx

import "os"

func tryLock(*os.File, bool) (locked bool, err error) { return true, nil }
