package mail

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"payrun/batch/outbox"
	"payrun/internal/catalogue"
	"payrun/ledger"
	"payrun/ledger/money"
)

// postOffice takes one mail in, without TLS, and returns what was said to it.
func postOffice(t *testing.T) (address string, said <-chan string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	heard := make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			heard <- ""
			return
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
		var all strings.Builder
		data := false
		_, _ = fmt.Fprint(conn, "220 here\r\n")
		for lines := bufio.NewScanner(conn); lines.Scan(); {
			line := lines.Text()
			all.WriteString(line + "\n")
			switch {
			case data && line == ".":
				data = false
				_, _ = fmt.Fprint(conn, "250 taken\r\n")
			case data:
			case strings.HasPrefix(line, "EHLO"):
				_, _ = fmt.Fprint(conn, "250-here\r\n250 8BITMIME\r\n")
			case line == "QUIT":
				_, _ = fmt.Fprint(conn, "221 bye\r\n")
				heard <- all.String()
				return
			case line == "DATA":
				data = true
				_, _ = fmt.Fprint(conn, "354 go on\r\n")
			default:
				_, _ = fmt.Fprint(conn, "250 ok\r\n")
			}

		}
		heard <- all.String()
	}()
	return listener.Addr().String(), heard
}

// stopped is a batch that somebody has to look at.
func stopped() outbox.Fact {
	var states ledger.ByState
	states.Add(ledger.Payout{State: ledger.Queued, Terms: ledger.Terms{Amount: money.XOF.Of(5000)}})
	return outbox.Fact{
		ID: "msg_x_7", Event: 7, Kind: ledger.ActStopped, Code: "balance", Batch: ledger.Batch{ID: "may", Currency: money.XOF}, States: states,
	}
}

// TestAMailSaysWhatHappenedInItsReadersLanguage, under the id of the fact.
func TestAMailSaysWhatHappenedInItsReadersLanguage(t *testing.T) {
	for language, want := range map[catalogue.Language]string{catalogue.French: "solde", catalogue.English: "balance"} {
		address, said := postOffice(t)
		s, err := New(Server{Address: address, From: "pay@firm.example"}, Recipient{Address: "awa@firm.example", Language: language}, "https://payrun.example")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Send(t.Context(), stopped()); err != nil {
			t.Fatal(err)
		}
		mail := <-said
		for _, part := range []string{"RCPT TO:<awa@firm.example>", "Message-ID: <msg_x_7@payrun>", "may", want, "https://payrun.example", "Auto-Submitted: auto-generated"} {
			if !strings.Contains(mail, part) {
				t.Errorf("%s: the mail has no %q:\n%s", language, part, mail)
			}
		}
	}
}

// chosen are the languages that people chose.
type chosen map[string]string

func (c chosen) Language(_ context.Context, person string) (string, error) {
	language, known := c[person]
	if !known {
		return "", errors.New("the ledger cannot be read")
	}
	return language, nil
}

// TestAMailIsInTheLanguageThatItsReaderChose, also when they chose it after the server began, and in
// that of the settings until then.
func TestAMailIsInTheLanguageThatItsReaderChose(t *testing.T) {
	people := chosen{"awa": ""}
	for _, step := range []struct{ language, want string }{{"", "balance"}, {"fr", "solde"}, {"en", "balance"}} {
		address, said := postOffice(t)
		s, err := New(Server{Address: address, From: "pay@firm.example"}, Recipient{Address: "a.kone@firm.example", Person: "awa", Language: catalogue.English}, "")
		if err != nil {
			t.Fatal(err)
		}
		s.Heed(people)
		people["awa"] = step.language
		if err := s.Send(t.Context(), stopped()); err != nil {
			t.Fatal(err)
		}
		if mail := <-said; !strings.Contains(mail, step.want) {
			t.Errorf("after %q the mail has no %q:\n%s", step.language, step.want, mail)
		}
		delete(people, "awa")
		if err := s.Send(t.Context(), stopped()); err == nil {
			t.Error("a mail went out in a language that nobody could find out")
		}
		people["awa"] = ""
	}
}

// TestEveryKindHasItsWords, in each language.
func TestEveryKindHasItsWords(t *testing.T) {
	for _, language := range []catalogue.Language{catalogue.French, catalogue.English} {
		words, err := catalogue.New(language)
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range Kinds() {
			fact := stopped()
			fact.Kind = kind
			subject, body := text(words, fact, "")
			if !strings.Contains(subject, "may") || strings.Contains(subject+body, "mail.") || strings.ContainsAny(subject+body, "{}") {
				t.Errorf("%s, %s: %q\n%s", language, kind, subject, body)
			}
		}
	}
}

// TestMailLeavesThisMachineByTLSAlone: a server that offers none is told nothing.
func TestMailLeavesThisMachineByTLSAlone(t *testing.T) {
	address, said := postOffice(t)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Server{Address: address, From: "pay@firm.example"}, Recipient{Address: "awa@firm.example", Language: catalogue.French}, "")
	if err != nil {
		t.Fatal(err)
	}
	number := 0
	_, _ = fmt.Sscan(port, &number)
	for _, option := range options(Server{}, number, false) {
		if err := option(s.client); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Send(t.Context(), stopped()); err == nil {
		t.Error("it was sent")
	}
	if mail := <-said; strings.Contains(mail, "MAIL FROM") {
		t.Errorf("it told %q", mail)
	}
}

// TestSettingsThatSendNoMailAreRefused at once.
func TestSettingsThatSendNoMailAreRefused(t *testing.T) {
	for name, given := range map[string]struct{ address, from, to string }{
		"no port":    {"smtp.firm.example", "a@b.example", "a@b.example"},
		"no host":    {":587", "a@b.example", "a@b.example"},
		"a word":     {"smtp.firm.example:smtp", "a@b.example", "a@b.example"},
		"no sender":  {"smtp.firm.example:587", "", "a@b.example"},
		"no reader":  {"smtp.firm.example:587", "a@b.example", "awa"},
		"a new line": {"smtp.firm.example:587", "a@b.example", "awa@b.example\nBcc: x@y.example"},
	} {
		if _, err := New(Server{Address: given.address, From: given.from}, Recipient{Address: given.to, Language: catalogue.French}, ""); !errors.Is(err, ErrSettings) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAMailNamesWhoWasNotPaid with what to look for, masks their numbers, and says how many more
// there are.
func TestAMailNamesWhoWasNotPaid(t *testing.T) {
	for language, more := range map[catalogue.Language]string{catalogue.French: "et 5 autres", catalogue.English: "and 5 more"} {
		words, err := catalogue.New(language)
		if err != nil {
			t.Fatal(err)
		}
		fact := stopped()
		for i := range outbox.NamedMax + 5 {
			p := ledger.Payout{
				State:  ledger.Failed,
				Terms:  ledger.Terms{ID: ledger.TransactionID(fmt.Sprintf("MAY-%02d", i)), Name: "Awa\r\nBcc: all", Number: "2250701020304", Amount: money.XOF.Of(5000)},
				Answer: ledger.Answer{Code: "FAILED", Message: "COMPTE BLOQUÉ"},
			}
			if fact.States.Add(p); i < outbox.NamedMax {
				fact.Failed = append(fact.Failed, p)
			}
		}
		_, body := text(words, fact, "")
		for _, part := range []string{"MAY-00", "MAY-19", "Awa  Bcc: all", fact.Failed[0].Number.String(), "FAILED COMPTE BLOQUÉ", more, "payrun status may --state failed"} {
			if !strings.Contains(body, part) {
				t.Errorf("%s: no %q in\n%s", language, part, body)
			}
		}
		if strings.Contains(body, "0701020304") || strings.Contains(body, "MAY-20") || strings.Contains(body, "\nBcc") {
			t.Errorf("%s: it says too much:\n%s", language, body)
		}
	}
}
