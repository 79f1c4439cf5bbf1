//go:build !unix

package pgtest

import "os/exec"

// account is nobody else than whoever runs the tests.
type account struct{}

func (*account) give(string) error { return nil }

func (*account) runs(*exec.Cmd) {}

func unprivileged() (*account, error) { return nil, nil }
