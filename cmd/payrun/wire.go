package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"

	"payrun/cmd/payrun/session"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/provider"
	"payrun/provider/digitalpaye"
)

// surroundings are the machine as a run sees it.
type surroundings struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            func(string) (string, bool)
	// environ lists NAME=value; nil is an empty environment.
	environ func() []string
	// stdinTerminal and stderrTerminal say whether a person is there to answer
	// and to watch.
	stdinTerminal, stderrTerminal bool
	// interrupts delivers the person's wish to stop.
	interrupts <-chan os.Signal
	// leave ends the process at once, with this code; nil in tests that must not end.
	leave func(code int)
	// providers are those that can be paid through; nil are those that are installed.
	providers provider.Registry
}

func system() surroundings {
	interrupts := make(chan os.Signal, 2)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	// Whoever reads the logs may go away: that is no reason to die in the middle
	// of a payroll. That results cannot be printed is noticed when writing them.
	signal.Ignore(syscall.SIGPIPE)
	return surroundings{
		stdin:          os.Stdin,
		stdout:         os.Stdout,
		stderr:         os.Stderr,
		env:            os.LookupEnv,
		environ:        os.Environ,
		stdinTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		stderrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		interrupts:     interrupts,
		leave:          os.Exit, //nolint:forbidigo // a command that hangs after the second signal; the ledger bears it
	}
}

// app is one invocation of payrun.
type app struct {
	ui.UI
	settings.Settings
	session.Opener

	interrupts ui.Interrupts
}

// newApp returns an invocation in its surroundings. Accepting ends when the person asks
// to stop, once: nothing new is begun, and what is under way goes on in the command's own
// context.
func newApp(accepting context.Context, world surroundings) *app {
	a := new(app)
	a.interrupts.Signals = world.interrupts
	if world.leave != nil {
		a.interrupts.Leave = func() { world.leave(exitInterrupted) }
	}
	stderr := ui.Plain(world.stderr)
	a.UI = ui.UI{
		Options: &a.Talk, Stdin: world.stdin, Stdout: ui.Plain(world.stdout), Stderr: stderr,
		StdinTerminal: world.stdinTerminal, StderrTerminal: world.stderrTerminal,
		Notices: ui.NewNoticeBoard(stderr), Accepting: accepting, Commands: &a.Settings,
	}
	if a.Providers = world.providers; a.Providers == nil {
		a.Providers = installed()
	}
	a.Settings.UI, a.Env, a.Environ = &a.UI, world.env, world.environ
	a.Opener = session.Opener{Settings: &a.Settings, Version: version}
	return a
}

// run executes the command line and returns the exit code. It is what tests
// call.
func run(args []string, world surroundings) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	accepting, stop := context.WithCancel(ctx)
	defer stop()
	a := newApp(accepting, world)
	defer a.CloseLog()
	defer a.interrupts.Listen(&a.UI, stop, cancel)()

	root := a.rootCommand()
	if err := a.CompleteArguments(root, a.batches); err != nil {
		return a.conclude(err)
	}
	root.SetArgs(args)
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	return a.conclude(root.ExecuteContext(ctx))
}

// installed are the providers that this build pays through.
func installed() provider.Registry { return provider.Registry{digitalpaye.Driver()} }
