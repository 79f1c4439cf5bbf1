package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// openLog begins to append to the log file, if there is to be one. The file is
// opened for appending and kept open, so a rotation that copies and truncates
// works during a run; one that renames takes effect with the next run. A file that
// is something else is refused: lines at its end would spoil a ledger or a payroll.
func (a *app) openLog() error {
	path := a.global.logFile
	if path == "" {
		return nil
	}
	if err := mayTakeLog(path); err != nil {
		return err
	}
	const ownerOnly = 0o600
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, ownerOnly) //nolint:gosec // the person names the file
	if err != nil {
		return advise(fmt.Errorf("open the log file: %w", err), exitUsage)
	}
	// One that was there before may be open to others; a device stays as it is.
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		if err := file.Chmod(ownerOnly); err != nil {
			return advise(errors.Join(fmt.Errorf("keep the log file to its owner: %w", err), file.Close()), exitUsage)
		}
	}
	a.logFile = &logFile{File: file, notices: a.notices}
	return nil
}

// mayTakeLog refuses a file that holds something and does not begin as logs do: with
// an object, or with a moment.
func mayTakeLog(path string) error {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return nil // what is wrong with it is told when it is opened
	}
	file, err := os.Open(path) //nolint:gosec // the person names the file
	if err != nil {
		return advise(fmt.Errorf("open the log file: %w", err), exitUsage)
	}
	defer file.Close() //nolint:errcheck // only read
	begin, err := bufio.NewReader(file).Peek(len(logDay))
	if object := len(begin) > 0 && begin[0] == '{'; object {
		return nil
	}
	if _, noMoment := time.Parse(logDay, string(begin)); err != nil || noMoment != nil {
		return usage("--log-file "+path+": there is such a file, and it is no log", "choose another name")
	}
	return nil
}

// logDay begins a line of a log for people.
const logDay = time.DateOnly

// logFile takes the log. That it cannot is told once: what is paid does not depend
// on it.
type logFile struct {
	*os.File

	notices *noticeBoard
	failed  sync.Once
}

// Write always succeeds.
func (l *logFile) Write(p []byte) (int, error) {
	if _, err := l.File.Write(p); err != nil {
		l.failed.Do(func() { l.notices.say("payrun: the log is not complete: " + err.Error()) })
	}
	return len(p), nil
}

// closeLog ends the log. That it could not be closed is told where errors are.
func (a *app) closeLog() {
	if a.logFile == nil {
		return
	}
	if err := a.logFile.Close(); err != nil {
		writeLine(a.stderr, "payrun: close the log file: "+err.Error())
	}
}

// logger writes to the log file, or else to standard error, in the chosen form.
func (a *app) logger() *zerolog.Logger { return a.loggerTo(a.stderr) }

// loggerTo writes to w unless there is a log file.
func (a *app) loggerTo(w io.Writer) *zerolog.Logger {
	level, err := zerolog.ParseLevel(a.global.logLevel)
	if err != nil {
		level = zerolog.InfoLevel
	}
	console := zerolog.ConsoleWriter{Out: w, NoColor: !a.stderrTerminal, TimeFormat: "15:04:05"}
	if a.logFile != nil {
		// Whoever reads a file does so on another day, perhaps elsewhere.
		console = zerolog.ConsoleWriter{Out: a.logFile, NoColor: true, TimeFormat: time.RFC3339}
	}
	out := console.Out
	if a.global.logFormat == logConsole {
		out = console
	}
	logger := zerolog.New(out).Level(level).With().Timestamp().Logger()
	return &logger
}
