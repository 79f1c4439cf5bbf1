package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/rs/zerolog"
)

// openLog begins to append to the log file, if there is to be one. The file is
// opened for appending and kept open, so a rotation that copies and truncates
// works during a run; one that renames takes effect with the next run.
func (a *app) openLog() error {
	if a.global.logFile == "" {
		return nil
	}
	const ownerOnly = 0o600
	file, err := os.OpenFile(a.global.logFile, os.O_APPEND|os.O_CREATE|os.O_WRONLY, ownerOnly)
	if err != nil {
		return advise(fmt.Errorf("open the log file: %w", err), exitUsage)
	}
	// One that was there before may be open to others; a device stays as it is.
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		if err := file.Chmod(ownerOnly); err != nil {
			return advise(errors.Join(fmt.Errorf("keep the log file to its owner: %w", err), file.Close()), exitUsage)
		}
	}
	a.logFile = file
	return nil
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
		console = zerolog.ConsoleWriter{Out: a.logFile, NoColor: true, TimeFormat: "2006-01-02T15:04:05Z07:00"}
	}
	out := console.Out
	if a.global.logFormat == logConsole {
		out = console
	}
	logger := zerolog.New(out).Level(level).With().Timestamp().Logger()
	return &logger
}
