// Package sshsigtest has what tests of signatures need: OpenSSH's own ssh-keygen, and
// hardware keys and passkeys in software, which sign as real ones do and can be told to
// misbehave.
package sshsigtest
