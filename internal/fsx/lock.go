package fsx

import "os"

// TryLock locks a file for this open file alone until it is closed, and reports whether
// nobody else had it. It waits for nobody. It is the lock that bbolt takes of a database.
//
// The lock binds only those who ask for it: anybody can read and write the file. Where the
// system has no such lock, the file is nobody's and locked is true.
func TryLock(file *os.File) (locked bool, err error) { return tryLock(file, true) }

// TryLockShared is TryLock for those who only keep TryLock away, and not each other.
func TryLockShared(file *os.File) (locked bool, err error) { return tryLock(file, false) }
