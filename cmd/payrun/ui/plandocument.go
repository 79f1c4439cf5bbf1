package ui

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"payrun/batch/approval"
	"payrun/batch/service"
	"payrun/internal/catalogue"
	"payrun/internal/fsx"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
)

// planFiles are the files of a plan that were written, for scripts.
type planFiles struct {
	Page   string `json:"page"`
	Text   string `json:"text"`
	List   string `json:"list"`
	Digest string `json:"digest"`
}

func newPlanFiles(p *service.WrittenPlan) *planFiles {
	if p == nil {
		return nil
	}
	return &planFiles{p.Files.Page, p.Files.Text, p.Files.List, p.Digest.String()}
}

// sayPlanFiles names the files of a plan and its digest, by which people know it.
func (u *UI) sayPlanFiles(p *service.WrittenPlan) error {
	return u.Say("%s\nSHA-256 %s", u.Text("planned.written", "files", strings.Join(p.Files.All(), ", ")), p.Digest)
}

// SayPlanned tells that what is about to be paid is what was planned.
func (u *UI) SayPlanned(p service.WrittenPlan) error {
	if u.JSON() {
		return nil
	}
	return u.Say("%s", u.Text("planned.same", "file", p.Files.Text, "digest", p.Digest.String()))
}

// planDiffers is a file that is not what was planned, for scripts. Its keys are documented
// in docs/json.md. Numbers are masked.
type planDiffers struct {
	Exit    int          `json:"exit"`
	Lines   []planLine   `json:"lines"`
	Rows    []planRow    `json:"rows"`
	Besides []besidePlan `json:"besides"`
}

type planLine struct {
	Line    string `json:"line"`
	Planned string `json:"planned"`
	Now     string `json:"now"`
}

type planRow struct {
	TransactionID string        `json:"transaction_id"`
	Row           int           `json:"row"`
	Planned       *plannedTerms `json:"planned"`
	Now           *plannedTerms `json:"now"`
}

type plannedTerms struct {
	Name     string       `json:"name"`
	Number   string       `json:"number"`
	Operator string       `json:"operator"`
	Amount   money.Amount `json:"amount"`
	Country  string       `json:"country"`
	Note     string       `json:"note"`
}

type besidePlan struct {
	TransactionID ledger.TransactionID `json:"transaction_id"`
	Name          string               `json:"name"`
	Number        string               `json:"number"`
	Amount        money.Amount         `json:"amount"`
}

func newPlannedTerms(p *approval.Payout) *plannedTerms {
	if p == nil {
		return nil
	}
	return &plannedTerms{p.Name, p.Number.String(), p.Scheme, money.Currency(p.Currency).Of(p.Amount), p.Country, p.Note}
}

func newPlanDiffers(e *service.PlanError, exit int) planDiffers {
	found := planDiffers{Exit: exit}
	found.Lines = each(e.Lines, func(l approval.LineChange) planLine {
		return planLine{l.Line, masked(l.Line, l.Before), masked(l.Line, l.Now)}
	})
	found.Rows = each(e.Rows, func(r service.PlanRow) planRow {
		return planRow{payoutOf(r).ID, r.Row, newPlannedTerms(r.Before), newPlannedTerms(r.Now)}
	})
	found.Besides = each(e.Besides, func(p ledger.Payout) besidePlan {
		return besidePlan{p.ID, p.Name, p.Number.String(), p.Amount}
	})
	return found
}

func payoutOf(r service.PlanRow) *approval.Payout {
	if r.Now != nil {
		return r.Now
	}
	return r.Before
}

// WordPlan says what is wrong with a plan, or how the file differs from it: the lines, and
// the first rows by name. A script gets all of them. Again is the command that plans anew,
// empty for none, and exit the code that follows. Other errors stay as they are.
func (u *UI) WordPlan(err error, again string, exit int) error {
	if taken, is := errors.AsType[*service.TakenError](err); is && errors.Is(err, fsx.ErrTaken) {
		return UsageOf(Worded(u.Text("planned.taken", "file", taken.Path), err), u.Text("taken.remove_hint"))
	}
	differs, is := errors.AsType[*service.PlanError](err)
	if !is {
		if errors.Is(err, approval.ErrText) {
			return Advise(Worded(u.Text("planned.damaged", "reason", err.Error()), err), u.Text("planned.damaged_hint"))
		}
		return err
	}
	if u.JSON() {
		if err := u.PrintObject("plan_differs", newPlanDiffers(differs, exit)); err != nil {
			return err
		}
	}
	var hints []string
	for _, line := range differs.Lines {
		follows := line.Line == "list" || line.Line == "file" || line.Line == highest
		if follows && len(differs.Rows) > 0 {
			continue // from the rows
		}
		planned, now := orNothing(masked(line.Line, line.Before)), orNothing(masked(line.Line, line.Now))
		hints = append(hints, u.Text("planned.line", "line", line.Line, "planned", planned, "now", now))
	}
	switch changed := keysOf(differs.Lines); {
	case slices.Equal(changed, []string{"file"}):
		hints = append(hints, u.Text("planned.resaved"))
	case slices.Equal(changed, []string{"file", "list"}) && len(differs.Rows) == 0:
		hints = append(hints, u.Text("planned.reordered"))
	}
	hints = append(hints, listed(u, differs.Rows, u.plannedRow)...)
	hints = append(hints, listed(u, differs.Besides, func(p ledger.Payout) string {
		return u.Text("planned.beside", "person", u.PersonLine(NewPayout(p)))
	})...)
	if again != "" {
		hints = append(hints, u.Text("planned.differs_hint", "command", again))
	}
	return Advise(Worded(u.Text("planned.differs"), err), hints...)
}

func keysOf(lines []approval.LineChange) []string {
	return each(lines, func(l approval.LineChange) string { return l.Line })
}

// highest is the line of a plan that has a number in it.
const highest = "highest-to-one-number"

// masked is a line of a plan without its number in full.
func masked(line, fields string) string {
	number, amount, found := strings.Cut(strings.TrimPrefix(fields, `"`), `" `)
	if line != highest || !found {
		return fields
	}
	return phone.E164(number).String() + " " + amount
}

// orNothing stands a dash where there is nothing.
func orNothing(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

// plannedRow words how a row differs from the plan.
func (u *UI) plannedRow(r service.PlanRow) string {
	who := payoutOf(r).ID
	if r.Row > 0 {
		who = u.rowWords(strconv.Itoa(r.Row), 1) + ", " + who
	}
	whole := func(p *approval.Payout) string {
		return strings.Join([]string{catalogue.Visible(p.Name), p.Number.String(), money.Currency(p.Currency).Of(p.Amount).String()}, ", ")
	}
	switch {
	case r.Before == nil:
		return u.Text("planned.added", "who", who, "person", whole(r.Now))
	case r.Now == nil:
		return u.Text("planned.missing", "who", who, "person", whole(r.Before))
	}
	var parts []string
	part := func(field, before, now string) {
		parts = append(parts, u.Text("planned.field."+field)+" "+catalogue.Visible(before)+" → "+catalogue.Visible(now))
	}
	before, now := r.Before, r.Now
	if before.Number != now.Number {
		part("number", before.Number.String(), now.Number.String())
		if before.Number.String() == now.Number.String() {
			parts[0] += " " + u.Text("planned.hidden")
		}
	}
	for _, field := range [][3]string{
		{"name", before.Name, now.Name},
		{"amount", money.Currency(before.Currency).Of(before.Amount).String(), money.Currency(now.Currency).Of(now.Amount).String()},
		{"operator", before.Scheme, now.Scheme},
		{"country", before.Country, now.Country},
		{"note", before.Note, now.Note},
	} {
		if field[1] != field[2] {
			part(field[0], orNothing(field[1]), orNothing(field[2]))
		}
	}
	return u.labelled(who+", "+catalogue.Visible(now.Name), strings.Join(parts, ", "))
}
