package browsertest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
)

// shared is the browser of the tests that wish for nothing, nil where Main does not run them.
//
//nolint:gochecknoglobals // one browser for the whole process, ended by Main
var shared *sharedBrowser

// sharedBrowser is started for the first test that opens it.
type sharedBrowser struct {
	once    sync.Once
	started *Browser
	home    string
	err     error
}

func (s *sharedBrowser) browser(program string) (*Browser, error) {
	s.once.Do(func() {
		if s.home, s.err = os.MkdirTemp("", "payrun-browser-"); s.err == nil {
			s.started, s.err = start(context.Background(), program, s.home, Options{})
		}
	})
	return s.started, s.err
}

// Main runs the tests of a package with one browser for all that wish for nothing, each of
// whose pages is another person's machine all the same. It ends the browser.
func Main(m *testing.M) int {
	shared = &sharedBrowser{}
	code := m.Run()
	if shared.started != nil {
		shared.started.stop()
	}
	if shared.home == "" {
		return code
	}
	if err := os.RemoveAll(shared.home); err != nil {
		fmt.Fprintln(os.Stderr, "remove what Chromium kept:", err)
		return max(code, 1)
	}
	return code
}
