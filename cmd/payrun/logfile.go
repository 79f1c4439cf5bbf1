package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
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
	if filepath.Clean(path) == filepath.Clean(a.global.ledger) {
		return usage("--log-file "+path+" is the ledger", "choose another name")
	}
	const ownerOnly = 0o600
	// A named pipe that nobody reads is an error, where waiting would have no end.
	const mode = os.O_APPEND | os.O_CREATE | os.O_WRONLY | syscall.O_NONBLOCK
	file, err := os.OpenFile(path, mode, ownerOnly) //nolint:gosec // the person names the file
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

// mayTakeLog refuses a file that holds something and none of whose first lines is
// one of a log, and the name of a file that begins empty but is no log either.
func mayTakeLog(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Mode().IsRegular() && info.Size() == 0 {
		for _, ending := range []string{".db", ".jsonl", ".csv", ".tsv", ".xlsx", ".xlsm", ".html", ".yaml", ".yml"} {
			if strings.EqualFold(filepath.Ext(path), ending) {
				return usage("--log-file "+path+" is the name of something else", "name it after what it is: payrun.log")
			}
		}
		return nil
	}
	if !info.Mode().IsRegular() {
		return nil
	}
	file, err := os.Open(path) //nolint:gosec // the person names the file
	if err != nil {
		return advise(fmt.Errorf("open the log file: %w", err), exitUsage)
	}
	defer file.Close() //nolint:errcheck // only read
	// A log that was cut or mended may begin with half a line or a blank one.
	const linesMax, bytesMax = 5, 64 << 10
	lines := bufio.NewScanner(io.LimitReader(file, bytesMax))
	for range linesMax {
		if lines.Scan() && isLogLine(lines.Text()) {
			return nil
		}
	}
	return usage("--log-file "+path+": there is such a file, and it is no log", "choose another name")
}

// isLogLine knows the lines that logger writes, in either form.
func isLogLine(line string) bool {
	var entry struct{ Level, Time string }
	if json.Unmarshal([]byte(line), &entry) == nil && entry.Level != "" && entry.Time != "" {
		return true
	}
	moment, rest, _ := strings.Cut(line, " ")
	level, _, _ := strings.Cut(rest, " ")
	for _, layout := range []string{time.RFC3339, screenTime} {
		if _, err := time.Parse(layout, moment); err == nil {
			return len(level) == len("INF") && strings.ToUpper(level) == level
		}
	}
	return false
}

// screenTime is the moment of a line on a screen, which may have been redirected.
const screenTime = "15:04:05"

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
	console := zerolog.ConsoleWriter{Out: w, NoColor: !a.stderrTerminal, TimeFormat: screenTime}
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
