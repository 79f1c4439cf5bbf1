package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"payrun/batch/approval"
	"payrun/batch/clearance"
	"payrun/ledger"
	"payrun/ledger/money"
)

// Approval is where the approval of a batch stands, for scripts. Its JSON keys are
// documented in docs/json.md, their schema is docs/schema/approval.schema.json.
type Approval struct {
	Batch ledger.BatchID    `json:"batch"`
	State ledger.BatchState `json:"state"`
	// Verdict is waiting, approved, rejected, expired or unusable; not_submitted for what
	// never was, or is not what would be sent any more.
	Verdict string `json:"verdict"`
	Because string `json:"because"`

	Content    string         `json:"content"`
	Purpose    string         `json:"purpose"`
	Tier       string         `json:"tier"`
	Currency   money.Currency `json:"currency"`
	Count      int            `json:"count"`
	Amount     money.Amount   `json:"amount"`
	Makers     []string       `json:"makers"`
	NotBefore  *time.Time     `json:"not_before"`
	Until      *time.Time     `json:"until"`
	Approvals  []Counted      `json:"approvals"`
	Missing    []Need         `json:"missing"`
	May        []string       `json:"may"`
	Reachable  bool           `json:"reachable"`
	RejectedBy string         `json:"rejected_by"`
	Ignored    []Ignored      `json:"ignored"`
	Uncovered  int            `json:"uncovered"`
}

// Counted is an approval that counts, with its event in the audit log.
type Counted struct {
	By    string `json:"by"`
	Key   string `json:"key"`
	Event uint64 `json:"event"`
}

// Need is a number of approvals from people of some roles.
type Need struct {
	Count int      `json:"count"`
	From  []string `json:"from"`
}

// Ignored is a decision that does not count.
type Ignored struct {
	By     string          `json:"by"`
	Reason approval.Reason `json:"reason"`
	Event  uint64          `json:"event"`
}

// notSubmitted is the verdict on what nobody was asked about.
const notSubmitted = "not_submitted"

// NewApproval is a standing as scripts get it.
func NewApproval(s clearance.Standing) Approval {
	a := Approval{
		Batch: s.Batch.ID, State: s.Batch.State, Verdict: s.Verdict.State.String(), Because: s.Verdict.Because, Tier: s.Verdict.Tier,
		Currency: s.Batch.Currency, Amount: s.Batch.Currency.Of(0), Makers: []string{}, Approvals: []Counted{}, Ignored: []Ignored{},
		Reachable: s.Verdict.Reachable, RejectedBy: s.Verdict.RejectedBy, Uncovered: s.Uncovered,
		NotBefore: timeOf(s.Verdict.NotBefore), Until: timeOf(s.Verdict.Until), Missing: needs(s.Verdict.Missing), May: append([]string{}, s.Verdict.May...),
	}
	if s.Content == nil || s.Uncovered > 0 {
		a.Verdict = notSubmitted
	}
	if c := s.Content; c != nil {
		a.Purpose, a.Count, a.Amount, a.Makers = string(c.Purpose), c.Payouts, s.Batch.Currency.Of(c.Total), c.Makers
		if digest, err := c.Digest(); err == nil {
			a.Content = digest.String()
		}
	}
	for _, counted := range s.Verdict.Counted {
		a.Approvals = append(a.Approvals, Counted{By: counted.By, Key: counted.Key, Event: counted.Event})
	}
	for _, ignored := range s.Verdict.Ignored {
		if ignored.Reason != approval.ReasonSubject { // about an earlier submission
			a.Ignored = append(a.Ignored, Ignored{By: ignored.By, Reason: ignored.Reason, Event: ignored.Event})
		}
	}
	return a
}

func needs(missing []approval.Need) []Need {
	all := []Need{}
	for _, n := range missing {
		all = append(all, Need{Count: n.Count, From: n.From})
	}
	return all
}

func timeOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// ShowApproval prints where the approval of a batch stands, and what is next.
func (u *UI) ShowApproval(s clearance.Standing) error {
	a := NewApproval(s)
	if u.JSON() {
		return u.PrintObject("approval", a)
	}
	if err := u.SayLines(u.ApprovalLines(s)); err != nil {
		return err
	}
	if s.Pays(time.Now()) {
		return u.SayNext(u.Commands.ForBatch("resume", s.Batch.ID))
	}
	return nil
}

// ApprovalLines say where an approval stands, what is missing and whom to ask.
func (u *UI) ApprovalLines(s clearance.Standing) []string {
	a := NewApproval(s)
	lines := []string{u.Text("approval."+a.Verdict, "reason", s.Verdict.Because, "name", a.RejectedBy)}
	if s.Verdict.State == approval.Unusable && a.Verdict != notSubmitted {
		lines = append(lines, u.Text("approval.because."+s.Verdict.Because))
	}
	if s.Uncovered > 0 {
		lines = append(lines, u.Text("approval.uncovered", "count", strconv.Itoa(s.Uncovered)))
	}
	if s.Content == nil {
		return lines
	}
	lines = append(lines, u.Text("approval.content", "purpose", u.Text("approval.purpose."+a.Purpose), "count", strconv.Itoa(a.Count),
		"amount", sum(a.Amount, a.Currency), "makers", strings.Join(a.Makers, ", "), "digest", a.Content))
	for _, c := range a.Approvals {
		lines = append(lines, u.Text("approval.by", "name", c.By, "key", c.Key))
	}
	lines = append(lines, u.missing(s.Verdict)...)
	if a.Until != nil {
		lines = append(lines, u.Text("approval.until", "time", a.Until.Format(time.RFC3339)))
	}
	if s.Verdict.State == approval.Waiting && s.Uncovered == 0 {
		lines = append(lines, u.Text("approval.ask", "command", u.Commands.ForBatch("approve", s.Batch.ID)))
	}
	for _, i := range a.Ignored {
		lines = append(lines, u.Text("approval.ignored", "name", i.By, "reason", u.Text("approval.reason."+string(i.Reason))))
	}
	return lines
}

// afterApproval says how it goes on with a batch that is not approved.
func (u *UI) afterApproval(s clearance.Standing) string {
	switch s.Verdict.State {
	case approval.Rejected, approval.Expired, approval.Unusable:
		return u.Text("approval.again")
	case approval.Waiting, approval.Approved:
	}
	return u.Text("approval.then", "command", u.Commands.ForBatch("resume", s.Batch.ID))
}

// missing says which approvals are missing, and who could give them.
func (u *UI) missing(v approval.Verdict) []string {
	var lines []string
	for _, n := range v.Missing {
		lines = append(lines, u.Text("approval.missing", "count", strconv.Itoa(n.Count), "roles", strings.Join(n.From, ", ")))
	}
	if v.State != approval.Waiting {
		return lines
	}
	if len(v.May) > 0 {
		lines = append(lines, u.Text("approval.may", "names", strings.Join(v.May, ", ")))
	}
	if !v.Reachable {
		lines = append(lines, u.Text("approval.unreachable"))
	}
	return lines
}

// WordIgnored words why a decision does not count.
func (u *UI) WordIgnored(i approval.Ignored) error {
	return Usage(u.Text("approval.refused", "name", i.By, "reason", u.Text("approval.reason."+string(i.Reason))))
}

// shownPerson is somebody who may sign, for scripts. Its JSON keys are documented in
// docs/json.md.
type shownPerson struct {
	Name        string     `json:"name"`
	FullName    string     `json:"full_name"`
	Roles       []string   `json:"roles"`
	Keys        []string   `json:"keys"`
	ValidAfter  *time.Time `json:"valid_after"`
	ValidBefore *time.Time `json:"valid_before"`
}

// ShowPeople prints who may sign. Fingerprints are those of their keys, in order.
func (u *UI) ShowPeople(present []approval.Person, fingerprints func(approval.Person) []string) error {
	list := make([]shownPerson, 0, len(present))
	var t Table
	t.Add(u.Text("column.person"), u.Text("column.full_name"), u.Text("column.roles"), u.Text("column.keys"), u.Text("column.valid"))
	for _, p := range present {
		one := shownPerson{
			Name: p.Name, FullName: p.FullName, Roles: p.Roles, Keys: fingerprints(p),
			ValidAfter: timeOf(p.ValidAfter), ValidBefore: timeOf(p.ValidBefore),
		}
		list = append(list, one)
		t.Add(one.Name, one.FullName, strings.Join(one.Roles, ", "), strings.Join(one.Keys, ", "), validity(p))
	}
	if u.JSON() {
		return u.PrintObject("people", struct {
			People []shownPerson `json:"people"`
		}{list})
	}
	if len(list) == 0 {
		return u.Say("%s", u.Text("people.none"))
	}
	return u.PrintTable(t)
}

func validity(p approval.Person) string {
	bound := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.RFC3339)
	}
	if p.ValidAfter.IsZero() && p.ValidBefore.IsZero() {
		return "-"
	}
	return fmt.Sprintf("%s … %s", bound(p.ValidAfter), bound(p.ValidBefore))
}
