package pgtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// Copy makes a base backup of a running server's cluster, with options of pg_basebackup, and returns
// it as a server that is not started: one that follows the first with -R, one to be restored without.
func (s *Server) Copy(options ...string) (*Server, error) {
	copied := &Server{bin: s.bin, owner: s.owner}
	var err error
	if copied.folder, err = os.MkdirTemp(filepath.Dir(s.folder), "payrun-postgres-"); err != nil {
		return nil, err
	}
	if err := copied.owner.give(copied.folder); err != nil {
		return nil, err
	}
	if copied.Port, err = freePort(); err != nil {
		return nil, err
	}
	backup := copied.Command("pg_basebackup", append([]string{
		"-D", copied.data(), "-h", "127.0.0.1", "-p", strconv.Itoa(s.Port), "-U", User, "--checkpoint=fast", "--wal-method=stream", "--no-sync",
	}, options...)...)
	if out, err := backup.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("pg_basebackup: %w\n%s", err, out), os.RemoveAll(copied.folder))
	}
	return copied, nil
}

// RestoreTo starts a copy and has it come to where the other server, which is stopped, had named a
// point, and go on by itself from there.
func (s *Server) RestoreTo(tb testing.TB, point string, from *Server) error {
	tb.Helper()
	s.File(tb, "data/recovery.signal", "")
	return s.Run("-c", "restore_command=cp "+from.data()+"/pg_wal/%f %p", "-c", "recovery_target_name="+point, "-c", "recovery_target_action=promote")
}
