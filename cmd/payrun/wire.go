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

// environment is the machine as a run sees it.
type environment struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	// lookup looks a variable up.
	lookup func(string) (string, bool)
	// environ lists NAME=value; nil is an empty environment.
	environ func() []string
	// stdinTerminal and stderrTerminal say whether a person is there to answer
	// and to watch.
	stdinTerminal, stderrTerminal bool
	// stdoutColumns and stderrColumns tell how wide a terminal is; nil is none.
	stdoutColumns, stderrColumns func() int
	// interrupts delivers the person's wish to stop.
	interrupts <-chan os.Signal
	// leave ends the process at once, with this code; nil in tests that must not end.
	leave func(code int)
	// providers are those that can be paid through; nil are those that are installed.
	providers provider.Registry
}

func system() environment {
	interrupts := make(chan os.Signal, 2)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	// Whoever reads the logs may go away: that is no reason to die in the middle
	// of a payroll. That results cannot be printed is noticed when writing them.
	signal.Ignore(syscall.SIGPIPE)
	return environment{
		stdin:          os.Stdin,
		stdout:         os.Stdout,
		stderr:         os.Stderr,
		lookup:         os.LookupEnv,
		environ:        os.Environ,
		stdinTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		stderrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		stdoutColumns:  ui.ColumnsOf(os.Stdout),
		stderrColumns:  ui.ColumnsOf(os.Stderr),
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
	// told is set once the command of --on-finish was.
	told bool
}

// newApp returns an invocation in its environment. Accepting ends when the person asks
// to stop, once: nothing new is begun, and what is under way goes on in the command's own
// context.
func newApp(accepting context.Context, env environment) *app {
	a := new(app)
	a.interrupts.Signals = env.interrupts
	if env.leave != nil {
		a.interrupts.Leave = func() { env.leave(exitInterrupted) }
	}
	stderr := ui.Plain(ui.Folded(env.stderr, env.stderrColumns))
	a.UI = ui.UI{
		Options: &a.Talk, Stdin: env.stdin, Stdout: ui.Plain(ui.Folded(env.stdout, env.stdoutColumns)), Stderr: stderr,
		StdinTerminal: env.stdinTerminal, StderrTerminal: env.stderrTerminal,
		Notices: ui.NewNoticeBoard(stderr), Accepting: accepting, Commands: &a.Settings,
	}
	if a.Providers = env.providers; a.Providers == nil {
		a.Providers = installed()
	}
	a.Settings.UI, a.Env, a.Environ = &a.UI, env.lookup, env.environ
	a.Opener = session.Opener{Settings: &a.Settings, Version: version}
	return a
}

// run executes the command line and returns the exit code. It is what tests
// call.
func run(args []string, env environment) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	accepting, stop := context.WithCancel(ctx)
	defer stop()
	a := newApp(accepting, env)
	defer a.CloseLog()
	defer a.interrupts.Listen(&a.UI, stop, cancel)()

	root := a.rootCommand()
	if err := a.CompleteArguments(root, a.batches); err != nil {
		return a.conclude(err)
	}
	if err := a.ForeseeLanguage(args); err != nil {
		return a.conclude(err)
	}
	a.Help.Translate(root)
	root.SetArgs(args)
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	err := root.ExecuteContext(ctx)
	a.ForeseeOutput(args)
	exit := a.conclude(err)
	a.finishedEarly(ctx, err, exit)
	return exit
}

// installed are the providers that this build pays through.
func installed() provider.Registry { return provider.Registry{digitalpaye.Driver()} }
