package pgledger

import "context"

// LastPage is how much is read at a time at most.
const LastPage = lastPage

// Vanish ends a store as a process ends that is killed: its connections break, and nothing
// is given back.
func (s *Store) Vanish() {
	s.Freeze()
	s.leases.mu.Lock()
	if s.leases.conn != nil {
		_ = s.leases.conn.Close(context.Background())
	}
	s.leases.mu.Unlock()
	s.pool.Close()
}

// Freeze stops renewing leases, as in a process that is stopped. Its session stays.
func (s *Store) Freeze() {
	s.leases.mu.Lock()
	stop, done := s.leases.stop, s.leases.done
	s.leases.stop = func() {}
	s.leases.mu.Unlock()
	if stop != nil && done != nil {
		stop()
		<-done
	}
}

// Exec has a statement run, for tests that tamper.
func (s *Store) Exec(ctx context.Context, sql string, arguments ...any) error {
	_, err := s.pool.Exec(ctx, sql, arguments...)
	return err
}
