package ui

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

// OpenLog begins to append to the log file, if there is to be one. The file is
// opened for appending and kept open, so a rotation that copies and truncates
// works during a run; one that renames takes effect with the next run. A file that
// is something else is refused: lines at its end would spoil a ledger or a payroll.
func (u *UI) OpenLog(ledger string) error {
	path := u.LogFile
	if path == "" {
		return nil
	}
	if err := mayTakeLog(path); err != nil {
		return err
	}
	if filepath.Clean(path) == filepath.Clean(ledger) {
		return Mistaken("log_ledger", "file", path)
	}
	const ownerOnly = 0o600
	// A named pipe that nobody reads is an error, where waiting would have no end.
	const mode = os.O_APPEND | os.O_CREATE | os.O_WRONLY | syscall.O_NONBLOCK
	file, err := os.OpenFile(path, mode, ownerOnly) //nolint:gosec // the person names the file
	if err != nil {
		return UsageOf(fmt.Errorf("open the log file: %w", err))
	}
	// One that was there before may be open to others; a device stays as it is.
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		if err := file.Chmod(ownerOnly); err != nil {
			return UsageOf(errors.Join(fmt.Errorf("keep the log file to its owner: %w", err), file.Close()))
		}
	}
	u.logFile = &logFile{File: file, notices: u.Notices}
	return nil
}

// mayTakeLog refuses a file that holds something and none of whose first lines is
// one of a log, and the name of a file that begins empty but is no log either.
func mayTakeLog(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Mode().IsRegular() && info.Size() == 0 {
		for _, ending := range []string{".db", ".jsonl", ".csv", ".tsv", ".xlsx", ".xlsm", ".html", ".yaml", ".yml"} {
			if strings.EqualFold(filepath.Ext(path), ending) {
				return Mistaken("log_name", "file", path)
			}
		}
		return nil
	}
	if !info.Mode().IsRegular() {
		return nil
	}
	file, err := os.Open(path) //nolint:gosec // the person names the file
	if err != nil {
		return UsageOf(fmt.Errorf("open the log file: %w", err))
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
	return Mistaken("log_taken", "file", path)
}

// isLogLine knows the lines that Logger writes, in either form.
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

	notices *NoticeBoard
	failed  sync.Once
}

// Write always succeeds.
func (l *logFile) Write(p []byte) (int, error) {
	if _, err := l.File.Write(p); err != nil {
		l.failed.Do(func() { l.notices.Say("payrun: the log is not complete: " + err.Error()) })
	}
	return len(p), nil
}

// LogsToFile reports whether logs go to a file of their own.
func (u *UI) LogsToFile() bool { return u.logFile != nil }

// CloseLog ends the log. That it could not be closed is told where errors are.
func (u *UI) CloseLog() {
	if u.logFile == nil {
		return
	}
	if err := u.logFile.Close(); err != nil {
		WriteLine(u.Stderr, "payrun: close the log file: "+err.Error())
	}
}

// Logger writes to the log file, or else to standard error, in the chosen form.
func (u *UI) Logger() *zerolog.Logger { return u.LoggerTo(u.Stderr) }

// usualLevel is the lowest that is logged where nobody said: a person at a terminal reads
// tables and a bar, between which the steps of a run would only stand in the way.
func (u *UI) usualLevel() zerolog.Level {
	if u.StderrTerminal && u.logFile == nil && u.LogFormat == LogConsole {
		return zerolog.WarnLevel
	}
	return zerolog.InfoLevel
}

// LoggerTo writes to w unless there is a log file.
func (u *UI) LoggerTo(w io.Writer) *zerolog.Logger {
	level, err := zerolog.ParseLevel(u.LogLevel)
	if err != nil || u.LogLevel == "" {
		level = u.usualLevel()
	}
	console := zerolog.ConsoleWriter{Out: coloured(w), NoColor: !u.StderrTerminal, TimeFormat: screenTime}
	if u.logFile != nil {
		// Whoever reads a file does so on another day, perhaps elsewhere.
		console = zerolog.ConsoleWriter{Out: u.logFile, NoColor: true, TimeFormat: time.RFC3339}
	}
	// Its colours are commands for the terminal; what it is given is to be none. Values
	// are quoted by itself.
	console.FormatMessage = func(message any) string {
		if message == nil {
			return ""
		}
		return Visible(fmt.Sprint(message))
	}
	var out io.Writer = console
	if u.LogFormat != LogConsole {
		out = Plain(Raw(w))
		if u.logFile != nil {
			out = Plain(u.logFile)
		}
	}
	logger := zerolog.New(out).Level(level).With().Timestamp().Logger()
	return &logger
}
