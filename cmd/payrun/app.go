package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"payrun/batch/messages"
)

// surroundings are what a run sees of the machine.
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
	}
}

// app is one invocation of payrun.
type app struct {
	surroundings
	global globalOptions
	// origins tells where each setting that was not typed came from, by flag.
	origins map[string]string
	// logFile is where logs go instead of standard error; nil if there is none.
	logFile *logFile
	// words are in the person's language, once the options are known.
	words *messages.Catalogue
	// stopNotice says what the first signal did. The goroutine that hears it may
	// do so before the language is known.
	stopNotice atomic.Pointer[string]
	// notices is where the person is told something at any moment.
	notices *noticeBoard
	// accepting ends when the person asks to stop, once: nothing new is begun.
	// What is under way goes on in the command's own context.
	accepting context.Context //nolint:containedctx // there is one for the whole invocation
}

// run executes the command line and returns the exit code. It is what tests
// call.
func run(args []string, world surroundings) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	accepting, stop := context.WithCancel(ctx)
	defer stop()
	a := &app{surroundings: world, notices: &noticeBoard{w: world.stderr}, accepting: accepting}
	defer a.closeLog()
	early := "stopping"
	a.stopNotice.Store(&early)

	done := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.heed(done, stop, cancel)
	}()
	defer func() { close(done); <-ended }()

	root := a.rootCommand()
	if err := a.completeArguments(root); err != nil {
		return a.conclude(err)
	}
	root.SetArgs(args)
	root.SetIn(world.stdin)
	root.SetOut(world.stdout)
	root.SetErr(world.stderr)
	return a.conclude(root.ExecuteContext(ctx))
}

var errSecondInterrupt = errors.New("interrupted twice")

// heed turns the first signal into a gentle stop and the second into a prompt
// one.
func (a *app) heed(done <-chan struct{}, stop context.CancelFunc, cancel context.CancelCauseFunc) {
	for asked := false; ; asked = true {
		select {
		case <-done:
			return
		case <-a.interrupts:
		}
		if asked {
			cancel(errSecondInterrupt)
			return
		}
		stop()
		if a.stderrTerminal {
			// The terminal has written ^C where the bar is drawn anew from.
			_, _ = io.WriteString(a.stderr, "\r")
		}
		a.notices.say(*a.stopNotice.Load())
	}
}

// noticeBoard writes lines for the person, above the progress bar if there is
// one. It is safe for concurrent use.
type noticeBoard struct {
	mu sync.Mutex
	w  io.Writer
}

func (b *noticeBoard) say(line string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	writeLine(b.w, line)
}

// lead has lines written elsewhere from now on and returns where they were
// written before.
func (b *noticeBoard) lead(w io.Writer) (before io.Writer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before, b.w = b.w, w
	return before
}

const rootLong = `payrun pays a file of beneficiaries (CSV or XLSX) through a mobile-money
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
		Args:          usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usage("no command given", "payrun run FILE pays a file; payrun --help lists the commands")
		},
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return a.configure(cmd) },
	}
	const typos = 2
	root.SuggestionsMinimumDistance = typos
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage(err.Error(), cmd.CommandPath()+" --help lists the flags")
	})
	root.SetVersionTemplate("payrun {{.Version}}\n")
	a.global.addFlags(root.PersistentFlags())
	root.AddCommand(
		a.validateCommand(),
		a.templateCommand(),
		a.idsCommand(),
		a.planCommand(),
		a.runCommand(),
		a.resumeCommand(),
		a.retryCommand(),
		a.cancelCommand(),
		a.statusCommand(),
		a.reportCommand(),
		a.reconcileCommand(),
		a.sandboxCommand(),
		a.ledgerCommand(),
		a.initCommand(),
		a.manCommand(),
		a.versionCommand(),
	)
	root.AddCommand(a.configCommand(descendants(root)))
	root.DisableAutoGenTag = true
	addCompletionCommands(root)
	return root
}

// usageArgs makes a wrong number of arguments a usage error with a hint.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			if !cmd.HasParent() && len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return usage(err.Error(), "usage: "+cmd.UseLine())
		}
		return nil
	}
}

func unknownCommand(cmd *cobra.Command, name string) error {
	hint := "payrun --help lists the commands"
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		hint = "did you mean payrun " + near[0] + "?"
	}
	return usage("unknown command \""+name+"\"", hint)
}
