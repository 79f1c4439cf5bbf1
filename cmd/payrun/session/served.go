package session

import (
	"encoding/json"
	"errors"
	"os"

	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
	"payrun/ledger"
)

// A server leaves a note beside the ledger that it holds, so that a command which finds the
// ledger in use can say where to ask instead. A note that was left behind is harmless: it is
// believed of the process that holds the ledger, and of no other.

// servedNote says which process serves a ledger, and where.
type servedNote struct {
	PID int    `json:"pid"`
	URL string `json:"url"`
}

func notePath(ledger string) string { return ledger + ".server" }

// NoteServer notes where this process serves a ledger, until the note is removed. That it
// cannot be noted is logged: the server serves all the same.
func (o *Opener) NoteServer(path, url string) (remove func()) {
	const ownerOnly = 0o600
	text, err := json.Marshal(servedNote{PID: os.Getpid(), URL: url})
	if err == nil {
		err = fsx.WriteFile(notePath(path), text, ownerOnly)
	}
	if err != nil {
		o.Logger().Warn().Err(err).Msg("other commands will not be told of this server")
		return func() {}
	}
	return func() { _ = os.Remove(notePath(path)) } // what is left is not believed
}

// served says of a ledger that is in use which server has it, if one has. Other errors stay as
// they are.
func (o *Opener) served(err error) error {
	held, is := errors.AsType[*ledger.LockedError](err)
	if !is {
		return err
	}
	var note servedNote
	text, unread := fsx.ReadFile(notePath(held.Path))
	if unread != nil || json.Unmarshal(text, &note) != nil || note.URL == "" || (held.PID != 0 && held.PID != note.PID) {
		return err
	}
	hint := o.Text("ledger.served_other", "url", note.URL)
	if o.Command != nil && o.Command.Flags().Lookup("server") != nil {
		hint = o.Text("ledger.served_hint", "url", ui.ShellWord(note.URL))
	}
	return ui.Advise(ui.Worded(o.Text("ledger.served", "file", held.Path, "url", note.URL), err), hint)
}
