package httpapi

import (
	"context"
	"io"
	"time"
)

// stayAwake says on an answer that is long in coming that it does, by a space, which JSON allows in
// front of it, until what it returns is called. The context ends with that of the call, and when the
// server does.
func (s *server) stayAwake(ctx context.Context, to io.Writer) (context.Context, func()) {
	const beat = 10 * time.Second
	accepting, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(beat)
		defer ticker.Stop()
		for {
			select {
			case <-accepting.Done():
				return
			case <-s.Closing:
				stop()
				return
			case <-ticker.C:
				if _, err := io.WriteString(to, " "); err != nil {
					stop() // nobody listens
					return
				}
			}
		}
	}()
	return accepting, func() {
		stop()
		<-ended
	}
}
