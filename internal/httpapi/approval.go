package httpapi

import (
	"context"
	"io"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"payrun/batch/approval"
	"payrun/batch/clearance"
	"payrun/batch/service"
	"payrun/ledger"
)

type approvalInput struct {
	BatchPath

	Name     string `query:"name" maxLength:"64" doc:"who is to sign, as the list of people has them; by default whose key it is. Without name and key there is no text to sign"`
	Key      string `query:"key" maxLength:"128" doc:"the fingerprint of the key that is to sign: SHA256:…"`
	Decision string `query:"decision" enum:"approve,reject" default:"approve"`
	Reason   string `query:"reason" maxLength:"1000" doc:"of a rejection"`
}

// Approval is where the approval of a batch stands, and the text that somebody is to sign.
type Approval struct {
	Asked   bool              `json:"asked" doc:"a policy asks for signatures"`
	State   string            `json:"state,omitempty"`
	Digest  string            `json:"digest,omitempty" doc:"of the content"`
	Content string            `json:"content,omitempty" doc:"all that would be paid, as it was submitted: to be read before anybody signs"`
	Missing []MissingApproval `json:"missing,omitempty"`
	May     []string          `json:"may,omitempty" doc:"who could give the next approval"`
	Tier    string            `json:"tier,omitempty" doc:"the part of the policy that applies"`
	Because string            `json:"because,omitempty" doc:"why it ended, or can never be approved"`
	// Approvals count, Ignored do not.
	Approvals  []CountedApproval `json:"approvals,omitempty" doc:"those that count"`
	Ignored    []IgnoredDecision `json:"ignored,omitempty" doc:"decisions that do not count, and why"`
	RejectedBy string            `json:"rejected_by,omitempty"`
	Uncovered  int               `json:"uncovered" doc:"payouts that are not in what was submitted: it has to be submitted again"`
	Reachable  bool              `json:"reachable" doc:"those who may approve are enough"`
	NotBefore  *time.Time        `json:"not_before,omitempty" doc:"it may be paid from then on"`
	Until      *time.Time        `json:"until,omitempty" doc:"it may be paid until then"`
	ToSign     string            `json:"to_sign,omitempty" doc:"byte for byte: ssh-keygen -Y sign -n approval@payrun"`
}

// CountedApproval is an approval that counts.
type CountedApproval struct {
	By    string `json:"by"`
	Key   string `json:"key"`
	Event uint64 `json:"event" doc:"its number in the audit log"`
}

// IgnoredDecision is a decision that does not count.
type IgnoredDecision struct {
	By     string `json:"by,omitempty" doc:"as its text says, which may be a lie"`
	Reason string `json:"reason"`
	Event  uint64 `json:"event"`
}

func approvalOf(s clearance.Standing) Approval {
	v := Approval{Asked: s.Governed, Content: string(s.Text)}
	if !s.Governed {
		return v
	}
	v.State, v.Missing, v.May = s.Verdict.State.String(), missing(s.Verdict), s.Verdict.May
	v.Tier, v.Because, v.RejectedBy, v.Reachable = s.Verdict.Tier, s.Verdict.Because, s.Verdict.RejectedBy, s.Verdict.Reachable
	v.Uncovered, v.NotBefore, v.Until = s.Uncovered, moment(s.Verdict.NotBefore), moment(s.Verdict.Until)
	for _, c := range s.Verdict.Counted {
		v.Approvals = append(v.Approvals, CountedApproval{By: c.By, Key: c.Key, Event: c.Event})
	}
	for _, i := range s.Verdict.Ignored {
		v.Ignored = append(v.Ignored, IgnoredDecision{By: i.By, Reason: string(i.Reason), Event: i.Event})
	}
	if s.Batch.Submitted != nil {
		v.Digest = s.Batch.Submitted.Digest
	}
	return v
}

type approvalOutput struct {
	Replayed string `header:"Idempotent-Replayed"`
	Body     Approval
}

// showApproval tells where an approval stands, and words a decision for somebody to sign.
func (s *server) showApproval(ctx context.Context, in *approvalInput) (*approvalOutput, error) {
	to, id := s.Service(), ledger.BatchID(in.ID)
	if in.Name == "" {
		standing, err := to.Approval(ctx, id)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		if in.Key == "" {
			return &approvalOutput{Body: approvalOf(standing)}, nil
		}
		owner, known := standing.People.Owner(in.Key)
		if !known {
			return nil, problemOf(ctx, codeRequest, "the key is nobody's on the list of people: "+in.Key)
		}
		in.Name = owner.Name
	}
	word := approval.Approve
	if in.Decision == "reject" {
		word = approval.Reject
	}
	standing, statement, err := to.PrepareDecision(ctx, id, service.Ballot{Word: word, Name: in.Name, Key: in.Key, Reason: in.Reason})
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	text, err := statement.Text()
	if err != nil {
		return nil, problemOf(ctx, codeRequest, err.Error())
	}
	out := &approvalOutput{Body: approvalOf(standing)}
	out.Body.ToSign = string(text)
	return out, nil
}

//nolint:gochecknoglobals // a value that nothing writes to
var canonicalList = download{contentType: "application/jsonl"}

func listDescribed(op *huma.Operation) {
	canonicalList.described("The canonical list of what was submitted last: its SHA-256 stands in the content.", binary())(op)
}

// approvalList answers with the list of payouts that the content names by its digest.
func (s *server) approvalList(ctx context.Context, in *BatchPath) (*huma.StreamResponse, error) {
	list := canonicalList
	list.name = in.ID + ".list.jsonl"
	answer, err := s.whole(list, func(to io.Writer, _ *download) error {
		return s.Service().WriteApprovalList(ctx, ledger.BatchID(in.ID), to)
	})
	return answer, s.problem(ctx, err)
}

// Signed is a decision with its signature.
type Signed struct {
	Text      string `json:"text" maxLength:"20000" doc:"as it was signed, byte for byte"`
	Signature string `json:"signature" maxLength:"20000" doc:"in its armour, as ssh-keygen writes it"`
}

type decideInput struct {
	BatchPath

	Key  string `header:"Idempotency-Key" maxLength:"255"`
	Body Signed
}

// decide records a decision that somebody signed. The signature says who, whatever the token.
func (s *server) decide(ctx context.Context, in *decideInput) (*approvalOutput, error) {
	out, id := new(approvalOutput), ledger.BatchID(in.ID)
	decision, err := approval.Receive([]byte(in.Body.Text), []byte(in.Body.Signature))
	if err != nil {
		return nil, problemOf(ctx, codeRequest, err.Error())
	}
	call := call{batch: id, key: in.Key, name: "POST /v1/batches/{id}/decisions", asked: []string{in.Body.Text, in.Body.Signature}}
	out.Replayed, err = s.once(ctx, call, &out.Body, func() error {
		by := s.actor(ctx)
		by.Confirmed = service.BySignature
		standing, err := s.Service().Decide(ctx, by, id, decision)
		out.Body = approvalOf(standing)
		return err
	})
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return out, nil
}
