package remote

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"payrun/batch/clearance"
	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/httpapi"
	"payrun/internal/httpclient"
	"payrun/ledger"
	"payrun/provider"
)

// Desk asks one server, for one command.
type Desk struct {
	*httpclient.Client

	settings *settings.Settings
}

// Open returns the desk of the server that the settings name. It asks nobody. Version is
// payrun's.
func Open(s *settings.Settings, version string) (*Desk, error) {
	token, err := s.ServerToken()
	if err != nil {
		return nil, err
	}
	client, err := httpclient.New(httpclient.Config{
		URL: s.Server.URL, Token: token, Language: string(s.Language), Agent: "payrun/" + version,
	})
	if errors.Is(err, httpclient.ErrAddress) {
		return nil, ui.Mistaken("server_address", "given", s.Server.URL)
	}
	if err != nil {
		return nil, err
	}
	return &Desk{Client: client, settings: s}, nil
}

// key names one act of this command: the server does it once, however often it is told.
func key() string { return "payrun-" + rand.Text() }

// word words a server's problem as the command at the ledger words the same error, and ends
// with it the same way. Other errors stay as they are.
func (d *Desk) word(ctx context.Context, id ledger.BatchID, err error) error {
	problem, is := errors.AsType[*httpapi.Problem](err)
	if !is {
		return err
	}
	switch problem.Code {
	case "unapproved":
		standing, unread := d.Standing(ctx, id)
		if unread != nil {
			return errors.Join(err, unread)
		}
		return &clearance.UnapprovedError{Standing: standing}
	case "token", "scope":
		return ui.Advise(ui.Worded(sentence(problem), problem), d.settings.Text("server.token_hint"))
	case "not_as_confirmed":
		return ui.Advise(ui.Worded(sentence(problem), told(problem)), d.settings.Text("server.again_hint"))
	}
	return ui.Worded(sentence(problem), told(problem))
}

// sentence says what happened, in the language that was asked for, and more of it if there is
// more.
func sentence(p *httpapi.Problem) string {
	if p.Detail == "" {
		return p.Title
	}
	return p.Title + " (" + p.Detail + ")"
}

// told is a problem that is also the error that its code stands for.
func told(p *httpapi.Problem) error {
	switch p.Code {
	case "unreachable", "refused":
		class := provider.NotSent
		if p.Code == "refused" {
			class = provider.Unauthorized
		}
		return errors.Join(p, &provider.Error{Class: class, Op: "server", Code: p.Code, Message: p.Detail})
	case "shortfall":
		return errors.Join(p, &service.ShortfallError{})
	}
	if is := service.TroubleNamed(p.Code); is != nil {
		return errors.Join(p, is)
	}
	return p
}

// stopped is why a server does not go on with a batch, nil where it only waits.
func (d *Desk) stopped(ctx context.Context, id ledger.BatchID, e *httpapi.EndedEarly) error {
	if e == nil || e.Code == "open" {
		return nil
	}
	return d.word(ctx, id, fmt.Errorf("stopped: %w", &httpapi.Problem{Code: e.Code, Title: d.settings.Words.Title(e.Code), Detail: e.Detail}))
}
