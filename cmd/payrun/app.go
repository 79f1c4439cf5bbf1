package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/provider"
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

	interrupts <-chan os.Signal
	// leave ends the process at once, with this code; nil in tests that must not end.
	leave func(code int)
	// stopNotice says what the first signal did. The goroutine that hears it may
	// do so before the language is known.
	stopNotice atomic.Pointer[string]
	// leaveNotice says that the second signal ended the process.
	leaveNotice atomic.Pointer[string]
}

// newApp returns an invocation in its surroundings. Accepting ends when the person asks
// to stop, once: nothing new is begun, and what is under way goes on in the command's own
// context.
func newApp(accepting context.Context, world surroundings) *app {
	a := &app{interrupts: world.interrupts, leave: world.leave}
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
	early := "stopping"
	a.stopNotice.Store(&early)
	a.leaveNotice.Store(&early)

	done := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.handleSignals(done, stop, cancel)
	}()
	defer func() { close(done); <-ended }()

	root := a.rootCommand()
	if err := a.completeArguments(root); err != nil {
		return a.conclude(err)
	}
	root.SetArgs(args)
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	return a.conclude(root.ExecuteContext(ctx))
}

var errSecondInterrupt = errors.New("interrupted twice")

// leaveAfter is the time that a command has after the second signal. What it
// waits for then, a disk or another process, may never come.
const leaveAfter = 4 * time.Second

// handleSignals turns the first signal into a gentle stop and the second into a prompt
// one, which does not depend on anything the command waits for.
func (a *app) handleSignals(done <-chan struct{}, stop context.CancelFunc, cancel context.CancelCauseFunc) {
	for asked := false; ; asked = true {
		select {
		case <-done:
			return
		case <-a.interrupts:
		}
		if asked {
			cancel(errSecondInterrupt)
			a.leaveUnless(done)
			return
		}
		stop()
		if a.StderrTerminal {
			// The terminal has written ^C where the bar is drawn anew from.
			_, _ = io.WriteString(ui.Raw(a.Stderr), "\r")
		}
		a.Notices.Say(*a.stopNotice.Load())
	}
}

// leaveUnless ends the process if the command does not end by itself. The ledger
// bears that at any moment.
func (a *app) leaveUnless(done <-chan struct{}) {
	patience := time.NewTimer(leaveAfter)
	defer patience.Stop()
	select {
	case <-done:
	case <-patience.C:
		if a.leave != nil {
			ui.WriteLine(a.Stderr, "payrun: "+*a.leaveNotice.Load())
			a.leave(exitInterrupted)
		}
	}
}

const rootLong = `payrun pays a file of beneficiaries (CSV, XLSX or ODS) through a mobile-money
provider, each transaction_id exactly once, whatever breaks on the way. Run the
same command again and it goes on where it stopped.`

const rootExample = `  # rehearse: pay the sample file against the built-in simulator
  payrun run testdata/payroll.csv --sandbox --yes

  # check a file without sending anything
  payrun validate november.xlsx`

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "payrun",
		Short:         "Pay a file of beneficiaries, each exactly once",
		Long:          rootLong,
		Example:       rootExample,
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          settings.Args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return ui.Mistaken("no_command")
		},
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return a.configure(cmd) },
	}
	const typos = 2
	root.SuggestionsMinimumDistance = typos
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return settings.FlagMistake(cmd, err)
	})
	root.SetVersionTemplate("payrun {{.Version}}\n")
	a.AddFlags(root.PersistentFlags())
	root.AddCommand(
		a.validateCommand(),
		a.columnsCommand(),
		a.templateCommand(),
		a.idsCommand(),
		a.fixCommand(),
		a.planCommand(),
		a.runCommand(),
		a.resumeCommand(),
		a.retryCommand(),
		a.cancelCommand(),
		a.resolveCommand(),
		a.statusCommand(),
		a.reportCommand(),
		a.reconcileCommand(),
		a.sandboxCommand(),
		a.ledgerCommand(),
		a.rulesCommand(),
		a.initCommand(),
		a.manCommand(),
		a.versionCommand(),
	)
	root.AddCommand(a.configCommand(settings.Descendants(root)))
	root.DisableAutoGenTag = true
	addCompletionCommands(root)
	return root
}

// configure reads the settings and prepares what every command needs once they are known.
func (a *app) configure(cmd *cobra.Command) error {
	if err := a.loadWords(); err != nil {
		return err
	}
	found, err := a.Apply(cmd)
	if err != nil {
		return err
	}
	if err := a.Validate(); err != nil {
		return err
	}
	if err := a.loadWords(); err != nil {
		return err
	}
	if err := a.OpenLog(a.Ledger); err != nil {
		return err
	}
	a.WarnOfUnknownVariables(cmd)
	if found != "" {
		a.Remark(a.Text("settings.used", "file", found))
	}
	return nil
}

// loadWords chooses the language of words for people.
func (a *app) loadWords() error {
	if err := a.Speak(a.ChosenLanguage()); err != nil {
		return err
	}
	notice := a.Text("notice.stopping")
	a.stopNotice.Store(&notice)
	leaving := a.Text("notice.left")
	a.leaveNotice.Store(&leaving)
	return nil
}
