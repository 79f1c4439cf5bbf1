package ui

import (
	"encoding/json"
	"errors"
	"strings"

	"payrun/batch/clearance"
	"payrun/batch/service"
	"payrun/internal/catalogue"
	"payrun/internal/httpapi"
	"payrun/internal/httpclient"
	"payrun/ledger"
	"payrun/ledger/boltledger/snapshot"
	"payrun/ledger/moving"
	"payrun/ledger/pgledger"
)

// AdvisedError is an error with what a person can do about it.
type AdvisedError struct {
	Err   error
	Hints []string
}

func (e *AdvisedError) Error() string { return e.Err.Error() }
func (e *AdvisedError) Unwrap() error { return e.Err }

// Advise says what a person can do about an error.
func Advise(err error, hints ...string) error { return &AdvisedError{Err: err, Hints: hints} }

// TroubleOf is the name of what an error is about, empty for none that anybody foresaw.
func TroubleOf(err error) string { return troubleOf(err).Name }

// storeTroubles are the errors of the machine and of databases, of which the use cases do not
// know.
//
//nolint:gochecknoglobals // a table that nothing writes to
var storeTroubles = []service.Trouble{
	{Is: snapshot.ErrFrozen, Name: "frozen"},
	{Is: ledger.ErrEvicted, Name: "evicted"},
	{Is: pgledger.ErrMissing, Name: "no_database"},
	{Is: pgledger.ErrOutdated, Name: "outdated"},
	{Is: pgledger.ErrOccupied, Name: "occupied"},
	{Is: pgledger.ErrIncoming, Name: "incoming"},
	{Is: moving.ErrTwice, Name: "twice"},
	{Is: moving.ErrDifferent, Name: "different"},
	{Is: ledger.ErrMoved, Name: "moved_away"},
	{Is: pgledger.ErrPooled, Name: "pooled"},
	{Is: pgledger.ErrReadOnly, Name: "read_only"},
	{Is: pgledger.ErrServer, Name: "server"},
	{Is: pgledger.ErrUnreachable, Name: "no_server"},
	{Is: httpclient.ErrNoServer, Name: "no_payrun"},
}

// troubleOf knows those too, beside those of the use cases. A server's problem is what its
// code says.
func troubleOf(err error) service.Trouble {
	if problem, ok := errors.AsType[*httpapi.Problem](err); ok {
		return service.Trouble{Is: service.TroubleNamed(problem.Code), Name: problem.Code}
	}
	for _, trouble := range storeTroubles {
		if errors.Is(err, trouble.Is) {
			return trouble
		}
	}
	return service.TroubleOf(err)
}

// PrintError says what happened and what to do, and logs it with the exit code. Errors
// are in English, for logs and searches; in another language what happened is said in
// that first.
func (u *UI) PrintError(err error, exit int) {
	sentence, hints := u.wordError(err)
	u.printFailure(err, exit, sentence, hints)
	jsonLogs := u.LogFormat == OutputJSON
	if jsonLogs || u.LogsToFile() {
		u.Logger().Error().Int("exit", exit).Strs("hints", hints).Msg(sentence)
	}
	if jsonLogs && !u.LogsToFile() {
		return // what reads standard error expects nothing but JSON
	}
	WriteLine(u.Stderr, "payrun: "+sentence)
	for line := range strings.Lines(strings.Join(hints, "\n")) {
		WriteLine(u.Stderr, "        "+strings.TrimSuffix(line, "\n"))
	}
}

// failure is the object that a command prints for scripts when an error ends it before it
// has printed another.
type failure struct {
	Exit int `json:"exit"`
	// Trouble names the cause in words that stay; it is empty for what nobody foresaw.
	Trouble string   `json:"trouble"`
	Message string   `json:"message"`
	Hints   []string `json:"hints"`
}

// printFailure has a script read an object whatever the exit code is.
func (u *UI) printFailure(err error, exit int, sentence string, hints []string) {
	if !u.JSON() || u.printed {
		return
	}
	if err := u.PrintObject("error", failureOf(err, exit, sentence, hints)); err != nil {
		WriteLine(u.Stderr, "payrun: "+err.Error())
	}
}

// ErrorObject is an error that ends a command as --output json prints it.
func (u *UI) ErrorObject(err error, exit int) (json.RawMessage, error) {
	sentence, hints := u.wordError(err)
	return withKind("error", failureOf(err, exit, sentence, hints))
}

func failureOf(err error, exit int, sentence string, hints []string) failure {
	trouble := TroubleOf(err)
	if usage, ok := errors.AsType[*UsageError](err); ok && trouble == "" {
		trouble = "usage"
		if wrong, ok := errors.AsType[*MistakeError](usage); ok {
			trouble = wrong.Key
		}
	}
	return failure{exit, trouble, sentence, append([]string{}, hints...)}
}

// wordError words an error, and what a person can do about it: as it says itself, or as
// the catalogue says of its kind.
func (u *UI) wordError(err error) (sentence string, hints []string) {
	sentence = err.Error()
	if _, ok := errors.AsType[*httpapi.Problem](err); ok {
		return sentence, u.adviceOf(err)
	}
	if advised, ok := errors.AsType[*AdvisedError](err); ok {
		return sentence, advised.Hints
	}
	if usage, ok := errors.AsType[*UsageError](err); ok {
		if wrong, ok := usage.Err.(*MistakeError); ok { //nolint:errorlint // one that is wrapped has words around it
			return u.WordMistake(wrong)
		}
		return u.wordUsage(usage)
	}
	if waits, ok := errors.AsType[*clearance.UnapprovedError](err); ok {
		return u.Text("trouble.unapproved"), append(u.ApprovalLines(waits.Standing), u.afterApproval(waits.Standing))
	}
	if sentence, hints, is := u.wordTime(err); is {
		return sentence, hints
	}
	trouble := troubleOf(err)
	switch trouble.Name {
	case "", "missing", "permission":
		if sentence, hints, is := u.wordPath(err); is {
			return sentence, hints
		}
	}
	if trouble.Name == "" {
		return u.foreign(u.Text("trouble.unforeseen"), err), nil
	}
	if u.Language != catalogue.English {
		sentence = u.wordTrouble(trouble, err)
	}
	return sentence, strings.Split(u.Text("advice."+trouble.Name), "\n")
}

// adviceOf says what a person can do about a server's problem, if anything is known.
func (u *UI) adviceOf(err error) []string {
	if advised, ok := errors.AsType[*AdvisedError](err); ok {
		return advised.Hints
	}
	if hint := "advice." + troubleOf(err).Name; u.Words.Texts[hint] != "" {
		return strings.Split(u.Text("advice."+troubleOf(err).Name), "\n")
	}
	return nil
}

// wordTrouble says what happened in the person's language, and behind it the error, if
// it says more than that.
func (u *UI) wordTrouble(trouble service.Trouble, err error) string {
	words := u.Text("trouble." + trouble.Name)
	if trouble.Is != nil && err.Error() == trouble.Is.Error() {
		return words
	}
	return words + " (" + err.Error() + ")"
}

// wordUsage words an error of the person who typed the command. Hints of the place where it
// was found are better than general ones.
func (u *UI) wordUsage(usage *UsageError) (sentence string, hints []string) {
	if _, worded := errors.AsType[*wordedError](usage.Err); !worded {
		if sentence, hints, is := u.wordPath(usage.Err); is {
			if len(usage.Hints) > 0 {
				hints = usage.Hints
			}
			return sentence, hints
		}
	}
	return u.foreign(u.Text("trouble.usage"), usage.Err), usage.Hints
}
