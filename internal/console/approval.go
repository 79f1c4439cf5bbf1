package console

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/batch/clearance"
	"payrun/batch/service"
	"payrun/ledger"
)

// approvalRoutes are those of approving, of following what happens, and of its evidence.
func (s *server) approvalRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	readers, signers := []Role{Maker, Approver, Auditor}, []Role{Maker, Approver}
	return []route{
		{method: get, path: "/batches/{id}/approval", roles: readers, serve: s.showApproval},
		{method: get, path: "/batches/{id}/approval/content.txt", roles: readers, serve: s.approvalContent},
		{method: get, path: "/batches/{id}/approval/list.jsonl", roles: readers, serve: s.approvalList},
		{method: get, path: "/batches/{id}/approval/sign", roles: signers, serve: s.showStatement},
		{method: post, path: "/batches/{id}/approval/text", roles: signers, serve: s.statementText},
		{method: post, path: "/batches/{id}/decisions", roles: signers, serve: s.decide},
		{method: get, path: "/batches/{id}/live", roles: readers, serve: s.showLive},
		{method: get, path: "/batches/{id}/events", roles: readers, stream: true, serve: s.followBatch},
		{method: get, path: "/batches/{id}/evidence", roles: readers, serve: s.showEvidence},
		{method: get, path: "/batches/{id}/evidence.zip", roles: readers, upload: true, serve: s.evidence},
		{method: get, path: "/audit", roles: []Role{Auditor}, nav: "console.nav.audit", serve: s.auditLog},
	}
}

// showApproval shows what is to be approved, and where that stands.
func (s *server) showApproval(w http.ResponseWriter, r *http.Request) error {
	standing, err := s.Service().Approval(r.Context(), batchOf(r))
	if err != nil {
		return err
	}
	page, err := s.approvalPage(r, standing)
	if err != nil {
		return err
	}
	return s.render(w, r, "approval", page)
}

// download answers with a text for people and programs of theirs.
func download(w http.ResponseWriter, name string, text []byte) {
	header := w.Header()
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("Content-Disposition", attachment(name))
	_, _ = w.Write(text) //nolint:gosec // plain text, and an attachment; whoever asked may have gone
}

// approvalContent answers with the text that is approved, to be read and digested elsewhere.
func (s *server) approvalContent(w http.ResponseWriter, r *http.Request) error {
	standing, err := s.Service().Approval(r.Context(), batchOf(r))
	if err != nil {
		return err
	}
	if standing.Content == nil {
		return fmt.Errorf("batch %q: %w", standing.Batch.ID, service.ErrNothingToApprove)
	}
	download(w, string(standing.Batch.ID)+".content.txt", standing.Text)
	return nil
}

// approvalList answers with the list of payouts whose digest stands in that text.
func (s *server) approvalList(w http.ResponseWriter, r *http.Request) error {
	id := batchOf(r)
	if _, err := s.Store.Batch(r.Context(), id); err != nil {
		return err
	}
	header := w.Header()
	header.Set("Content-Type", "application/jsonl")
	header.Set("Content-Disposition", attachment(string(id)+".list.jsonl"))
	if err := s.Service().WriteApprovalList(r.Context(), id, w); err != nil {
		// What was sent already is no list, and must not look like one.
		s.Log.Warn().Err(err).Str("batch", string(id)).Msg("a list broke off")
		panic(http.ErrAbortHandler)
	}
	return nil
}

// statementPage is a decision that somebody is about to sign.
type statementPage struct {
	Batch  ledger.Batch
	Word   approval.Word
	Text   string
	Digest string
	// Passkey is for the key if it is one, nil for a key of ssh-keygen.
	Passkey *ceremony
	Key     string
	File    string // the name of the text when it is kept
}

// showStatement shows the text that one of the visitor's keys is to sign.
func (s *server) showStatement(w http.ResponseWriter, r *http.Request) error {
	query, v := r.URL.Query(), visitorOf(r)
	ballot := service.Ballot{Word: approval.Approve, Name: v.Person, Key: query.Get("key")}
	if query.Get("decision") == string(approval.Reject) {
		ballot.Word, ballot.Reason = approval.Reject, strings.TrimSpace(query.Get("reason"))
	}
	standing, statement, err := s.Service().PrepareDecision(r.Context(), batchOf(r), ballot)
	if err != nil {
		return err
	}
	person, _ := standing.People.Find(v.Person)
	key, known := keyWith(person.Keys, ballot.Key)
	if !known {
		return errNoKey
	}
	text, err := statement.Text()
	if err != nil { // a rejection without a reason, for one
		return errRequest
	}
	page := statementPage{
		Batch: standing.Batch, Word: statement.Word, Text: string(text), Key: ballot.Key, Digest: statement.Subject.Digest.String(),
		File: fmt.Sprintf("%s-%s.txt", standing.Batch.ID, v.Person),
	}
	if key.Origin != "" {
		if page.Passkey, err = s.ceremony(r.Context(), key, statement); err != nil {
			return err
		}
	}
	return s.render(w, r, "sign", page)
}

// statementText gives a text back as a file, byte for byte as it is to be signed.
func (s *server) statementText(w http.ResponseWriter, r *http.Request) error {
	text := formLines(r, "text")
	statement, err := approval.ParseStatement(text)
	if err != nil {
		return errRequest
	}
	download(w, fmt.Sprintf("%s-%s.txt", statement.Subject.Batch, statement.By), text)
	return nil
}

// ceremony is a passkey asked to sign a text.
type ceremony struct {
	Text string
	// Options are those of navigator.credentials.get, as JSON.
	Options string
	// Word is the word of the text: submit, approve or reject.
	Word approval.Word
}

// ceremony has a passkey asked for its signature over a statement.
func (s *server) ceremony(ctx context.Context, key approval.Key, statement approval.Statement) (*ceremony, error) {
	statement.Key = sshsig.Fingerprint(key.Public)
	text, err := statement.Text()
	if err != nil {
		return nil, err
	}
	options, err := s.requestFor(ctx, key, text)
	return &ceremony{Text: string(text), Options: options, Word: statement.Word}, err
}

// decide records a decision that a person signed, with a passkey here or with ssh-keygen
// elsewhere. The signature says who, whoever brings it.
func (s *server) decide(w http.ResponseWriter, r *http.Request) error {
	id := batchOf(r)
	statement, decision, err := s.broughtDecision(r, errNoKey)
	if err != nil {
		return err
	}
	var standing clearance.Standing
	err = s.change(r.Context(), func() error {
		by := s.actor(r)
		by.Confirmed = service.BySignature
		standing, err = s.Service().Decide(r.Context(), by, id, decision)
		return err
	})
	if err != nil {
		return err
	}
	s.Payroll.Wake(id)
	s.done(w, r, batchPath(standing.Batch.ID, "/approval"), string(statement.Word))
	return nil
}
