// Package mail tells a person by e-mail what happened to batches: one plain text for each kind of
// fact, in their language. It names nobody who is paid, and no number: mail is read on screens and
// kept by strangers, and the ledger has the names.
package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"payrun/batch/outbox"
	"payrun/internal/catalogue"
	"payrun/ledger"
	"payrun/provider"
)

// Server is the SMTP server that takes mail in. Off this machine it is spoken to by TLS alone: from
// the beginning at port 465, and by STARTTLS at others.
type Server struct {
	// Address is HOST:PORT, From the sender's mail address.
	Address, From string
	// User and Password prove who sends, empty for nobody.
	User, Password string
}

// ErrSettings is returned for settings by which no mail can be sent.
var ErrSettings = errors.New("no mail can be sent so")

// implicitTLS is the port at which TLS begins at once.
const implicitTLS = 465

// Recipient is somebody who is mailed.
type Recipient struct {
	// Address is their mail address, Person their name on the list of people.
	Address, Person string
	// Language is the one for whoever has chosen none.
	Language catalogue.Language
}

// Languages know which language a person chose, empty for none. A *signin.Keeper does.
type Languages interface {
	Language(ctx context.Context, person string) (string, error)
}

// Sender mails one person. It is for one caller at a time.
type Sender struct {
	client *gomail.Client
	from   string
	to     Recipient
	chosen Languages
	// where is the address of the pages, empty for none.
	where string
	// conn is the connection of the present mail: the client leaves it open where a server
	// offers no TLS.
	conn net.Conn
}

// Kinds are the facts of which a person is told by mail: the others are found where they look.
func Kinds() []ledger.ActCode {
	return []ledger.ActCode{ledger.ActSubmitted, ledger.ActClosed, ledger.ActStopped}
}

// New returns a sender of mail to somebody. Where is the address of the server's pages, which a mail
// ends with, empty for none. The error is an ErrSettings.
func New(server Server, to Recipient, where string) (*Sender, error) {
	host, port, err := net.SplitHostPort(server.Address)
	if err != nil || host == "" {
		return nil, fmt.Errorf("%w: %q is not HOST:PORT", ErrSettings, server.Address)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("%w: %q is not HOST:PORT", ErrSettings, server.Address)
	}
	words, err := catalogue.New(to.Language)
	if err != nil {
		return nil, err
	}
	s := &Sender{from: server.From, to: to, where: where}
	s.client, err = gomail.NewClient(host, append(options(server, number, provider.IsLoopback(host)), gomail.WithDialContextFunc(s.dial(host, number)))...)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSettings, err)
	}
	if _, err := s.message(words, outbox.Fact{Kind: ledger.ActClosed}); err != nil {
		return nil, err
	}
	return s, nil
}

// Heed has mails written in the language that their reader chose. It is called before the first one
// is sent.
func (s *Sender) Heed(chosen Languages) { s.chosen = chosen }

// words are those of the language that the reader chose.
func (s *Sender) words(ctx context.Context) (*catalogue.Catalogue, error) {
	if s.chosen == nil {
		return catalogue.New(s.to.Language)
	}
	name, err := s.chosen.Language(ctx, s.to.Person)
	if err != nil {
		return nil, err
	}
	if chosen, known := catalogue.ParseLanguage(name); known {
		return catalogue.New(chosen)
	}
	return catalogue.New(s.to.Language)
}

func options(server Server, port int, here bool) []gomail.Option {
	all := []gomail.Option{gomail.WithPort(port)}
	switch {
	case port == implicitTLS:
		all = append(all, gomail.WithSSL())
	case here:
		all = append(all, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	default:
		all = append(all, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if server.User != "" {
		all = append(all, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(server.User), gomail.WithPassword(server.Password))
	}
	return all
}

// dial connects, by TLS where that begins at once.
func (s *Sender) dial(host string, port int) gomail.DialContextFunc {
	return func(ctx context.Context, network, address string) (conn net.Conn, err error) {
		if port == implicitTLS {
			dialer := tls.Dialer{Config: &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}}
			conn, err = dialer.DialContext(ctx, network, address)
		} else {
			conn, err = new(net.Dialer).DialContext(ctx, network, address)
		}
		s.conn = conn
		return conn, err
	}
}

// Send implements outbox.Sender.
func (s *Sender) Send(ctx context.Context, fact outbox.Fact) error {
	words, err := s.words(ctx)
	if err != nil {
		return err
	}
	m, err := s.message(words, fact)
	if err != nil {
		return err
	}
	defer s.hangUp()
	if err := s.client.DialWithContext(ctx); err != nil {
		return err
	}
	return s.client.Send(m)
}

// hangUp ends a connection. What was taken in stays so, however the server takes leave.
func (s *Sender) hangUp() {
	_ = s.client.Close()
	if s.conn != nil {
		_ = s.conn.Close()
	}
}

func (s *Sender) message(words *catalogue.Catalogue, fact outbox.Fact) (*gomail.Msg, error) {
	m := gomail.NewMsg()
	if err := m.From(s.from); err != nil {
		return nil, fmt.Errorf("%w: from %q", ErrSettings, s.from)
	}
	if err := m.To(s.to.Address); err != nil {
		return nil, fmt.Errorf("%w: to %q", ErrSettings, s.to.Address)
	}
	subject, body := text(words, fact, s.where)
	m.Subject(subject)
	m.SetMessageIDWithValue(fact.ID + "@payrun")
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetBodyString(gomail.TypeTextPlain, body)
	return m, nil
}

// text words a fact. It ends with where the pages are.
func text(words *catalogue.Catalogue, fact outbox.Fact, where string) (subject, body string) {
	args := []string{
		"batch", string(fact.Batch.ID), "by", fact.By, "count", strconv.Itoa(fact.Count.Count), "amount", fact.Count.Amount.String(),
		"reason", words.Title(fact.Code),
	}
	switch fact.Kind { //nolint:exhaustive // of the others nobody is told by mail
	case ledger.ActSubmitted:
		subject, body = words.Text("mail.submitted.subject", args...), words.Text("mail.submitted.body", args...)
	case ledger.ActStopped:
		subject, body = words.Text("mail.stopped.subject", args...), words.Text("mail.stopped.body", args...)
	default:
		subject, body = words.Text("mail.closed.subject", args...), words.Text("mail.closed.body", args...)
	}
	lines := []string{body, ""}
	for _, state := range ledger.States() {
		if total := fact.States.In(state); total.Count > 0 {
			lines = append(lines, fmt.Sprintf("%s: %d, %s", words.Text("state."+state.String()), total.Count, total.Amount))
		}
	}
	lines = append(lines, failed(words, fact)...)
	if where != "" {
		lines = append(lines, "", where)
	}
	return subject, strings.Join(lines, "\n") + "\n"
}

// failed names who was not paid: name, masked number, amount, and what the provider said.
func failed(words *catalogue.Catalogue, fact outbox.Fact) []string {
	if len(fact.Failed) == 0 {
		return nil
	}
	lines := []string{"", words.Text("mail.failed")}
	for _, p := range fact.Failed {
		line := strings.Join([]string{"- " + string(p.ID), p.Name, p.Number.String(), p.Amount.String()}, ", ")
		if why := strings.TrimSpace(p.Answer.Code + " " + p.Answer.Message); why != "" {
			line += ": " + why
		}
		lines = append(lines, oneLine(line))
	}
	if more := fact.States.In(ledger.Failed).Count - len(fact.Failed); more > 0 {
		lines = append(lines, words.Text("mail.more", "count", strconv.Itoa(more), "batch", string(fact.Batch.ID)))
	}
	return lines
}

// oneLine is a text without what could end its line, cut where nobody reads on.
func oneLine(text string) string {
	const longest = 300
	runes := []rune(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, text))
	return string(runes[:min(len(runes), longest)])
}
