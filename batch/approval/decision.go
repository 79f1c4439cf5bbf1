package approval

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"time"

	"golang.org/x/crypto/ssh"

	"payrun/batch/approval/sshsig"
	"payrun/ledger/canonical"
)

// Namespace is the purpose for which everything here is signed, so that no signature
// made for something else passes for one of these.
const Namespace = "approval@payrun"

// Word is somebody's verdict on a subject.
type Word string

// The words.
const (
	Submit  Word = "submit" // a maker's own: this is what I submitted
	Approve Word = "approve"
	Reject  Word = "reject"
)

func (w Word) ok() bool { return w == Submit || w == Approve || w == Reject }

// Nonce makes one statement different from every other.
type Nonce [16]byte

// NewNonce draws a nonce.
func NewNonce() Nonce {
	var n Nonce
	_, _ = rand.Read(n[:]) // which never fails
	return n
}

// Subject names the object of a statement: a content, of which it repeats what people go
// by, or a policy in the place of another one.
type Subject struct {
	Kind   SubjectKind
	Digest Digest

	// Replaces is the policy that was in force until then; zero if none was.
	Replaces Digest

	// Batch, Payouts, Total and Currency are those of a content.
	Batch    string
	Payouts  int
	Total    int64
	Currency Currency
}

// SubjectKind is the kind of thing that a digest is of.
type SubjectKind string

// The kinds.
const (
	AboutContent SubjectKind = "content"
	AboutPolicy  SubjectKind = "policy"
)

// Subject returns what a statement about the content names.
func (c Content) Subject() (Subject, error) {
	digest, err := c.Digest()
	return Subject{Kind: AboutContent, Digest: digest, Batch: c.Batch, Payouts: c.Payouts, Total: c.Total, Currency: c.Currency}, err
}

// Statement is one person's decision, before it is signed.
type Statement struct {
	Word     Word
	Subject  Subject
	By       string    // a person's name
	Key      string    // the fingerprint of the key that signs
	Reason   string    // of a rejection
	NotAfter time.Time // until when it counts
	Nonce    Nonce
}

const titleDecision = "payrun decision 1"

// Text returns the statement's canonical text: the bytes that are signed.
func (s Statement) Text() ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	var w writer
	w.title(titleDecision)
	w.line("decision", string(s.Word))
	w.line("subject", string(s.Subject.Kind), s.Subject.Digest.String())
	if s.Subject.Kind == AboutContent {
		w.line("batch", canonical.Quote(s.Subject.Batch))
		w.line("payouts", strconv.Itoa(s.Subject.Payouts))
		w.line("currency", s.Subject.Currency.Code, strconv.Itoa(s.Subject.Currency.Decimals))
		w.line("total", s.Subject.Currency.format(s.Subject.Total))
	}
	if s.Subject.Kind == AboutPolicy {
		w.line("replaces", s.Subject.Replaces.String())
	}
	w.line("by", s.By)
	w.line("key", s.Key)
	w.line("reason", canonical.Quote(s.Reason))
	w.line("not-after", formatTime(s.NotAfter))
	w.line("nonce", hex.EncodeToString(s.Nonce[:]))
	return w.b.Bytes(), nil
}

func (s Statement) check() error {
	if s.Subject.Kind == AboutContent {
		if err := s.Subject.Currency.check(); err != nil {
			return err
		}
	}
	switch {
	case !s.Word.ok():
		return fmt.Errorf("%w: decision %q", ErrText, s.Word)
	case s.Subject.Kind != AboutContent && s.Subject.Kind != AboutPolicy, s.Subject.Digest.IsZero():
		return fmt.Errorf("%w: a decision about %q %s", ErrText, s.Subject.Kind, s.Subject.Digest)
	case s.Subject.Kind == AboutContent && (s.Subject.Batch == "" || s.Subject.Payouts < 1 || s.Subject.Total < 1):
		return fmt.Errorf("%w: a decision about nothing", ErrText)
	case !nameOK(s.By) || !fingerprintOK(s.Key):
		return fmt.Errorf("%w: by %q with key %q", ErrText, s.By, s.Key)
	case !textOK(s.Reason, s.Subject.Batch) || s.Word == Reject && s.Reason == "":
		return fmt.Errorf("%w: a rejection has a reason, in UTF-8", ErrText)
	case s.NotAfter.IsZero() || !wholeSecond(s.NotAfter) || s.Nonce == Nonce{}:
		return fmt.Errorf("%w: a decision has an end, to the second, and a nonce", ErrText)
	}
	return nil
}

// ParseStatement reads a statement's text. Whatever is not byte for byte what Text
// writes is an error that wraps ErrText.
func ParseStatement(text []byte) (Statement, error) {
	r := newReader(text, titleDecision)
	var s Statement
	s.Word = Word(r.field("decision"))
	subject := r.fields("subject", 2)
	s.Subject = Subject{Kind: SubjectKind(subject[0]), Digest: r.digest(subject[1])}
	if s.Subject.Kind == AboutContent {
		s.Subject.Batch = r.unquote(r.field("batch"))
		s.Subject.Payouts = r.count(r.field("payouts"))
		s.Subject.Currency = r.currency()
		s.Subject.Total = r.amount(r.field("total"))
	}
	if s.Subject.Kind == AboutPolicy {
		s.Subject.Replaces = r.digest(r.field("replaces"))
	}
	s.By = r.field("by")
	s.Key = r.field("key")
	s.Reason = r.unquote(r.field("reason"))
	s.NotAfter = r.time(r.field("not-after"))
	s.Nonce = r.nonce(r.field("nonce"))
	r.end()
	if r.err != nil {
		return Statement{}, r.err
	}
	written, err := s.Text()
	if err != nil {
		return Statement{}, err
	}
	return s, asWritten(text, written)
}

func (r *reader) nonce(field string) Nonce {
	var n Nonce
	raw, err := hex.DecodeString(field)
	if err != nil || len(raw) != len(n) {
		r.fail("%q is not a nonce", head(field))
		return n
	}
	copy(n[:], raw)
	return n
}

const fingerprintPrefix = "SHA256:"

func fingerprintOK(text string) bool {
	const length = len(fingerprintPrefix) + 43 // base64 of 32 bytes, without padding
	if len(text) != length || text[:len(fingerprintPrefix)] != fingerprintPrefix {
		return false
	}
	for _, r := range text[len(fingerprintPrefix):] {
		if (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '+' && r != '/' {
			return false
		}
	}
	return true
}

// Decision is a signed statement as the ledger has it. Nothing of it is to be believed
// before Evaluate.
type Decision struct {
	Event     uint64    // its place in the ledger
	At        time.Time // when it was recorded
	Text      []byte
	Signature []byte // in its armour, as ssh-keygen writes it
}

// InOrder puts decisions in the ledger's order.
func InOrder(decisions []Decision) {
	slices.SortStableFunc(decisions, func(a, b Decision) int { return cmp.Compare(a.Event, b.Event) })
}

// Sign makes a decision of a statement. The key's fingerprint is filled in.
func Sign(s Statement, signer ssh.Signer) (Decision, error) {
	s.Key = sshsig.Fingerprint(signer.PublicKey())
	text, err := s.Text()
	if err != nil {
		return Decision{}, err
	}
	signature, err := signText(text, signer)
	return Decision{Text: text, Signature: signature}, err
}

// Receive makes a decision of a statement's text and of a signature that was made
// elsewhere, such as by ssh-keygen -Y sign. Whatever became of its armour on the way is
// put right, so that ssh-keygen can check what is kept.
func Receive(text, armoured []byte) (Decision, error) {
	if _, err := ParseStatement(text); err != nil {
		return Decision{}, err
	}
	signature, err := sshsig.Parse(armoured)
	if err != nil {
		return Decision{}, err
	}
	return Decision{Text: text, Signature: signature.Armour()}, nil
}

// signText returns a signature in its armour.
func signText(text []byte, signer ssh.Signer) ([]byte, error) {
	signature, err := sshsig.Sign(signer, Namespace, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	return signature.Armour(), nil
}
