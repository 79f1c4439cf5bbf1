package approval

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// ErrPolicy is the kind of every complaint about a policy.
var ErrPolicy = errors.New("bad approval policy")

const (
	// approvalsMax bounds what one tier may ask for.
	approvalsMax = 20
	// expiryDefault, expiryMin and expiryMax are between sealing and the last moment
	// to begin paying.
	expiryDefault = 72 * time.Hour
	expiryMin     = time.Hour
	expiryMax     = 31 * 24 * time.Hour
	// afterNotBefore is how long a batch that may not be paid before a time can be
	// begun from then on.
	afterNotBefore = 24 * time.Hour
	// goesOn is how long a batch that began in time may go on.
	goesOn = 7 * 24 * time.Hour
)

// Makers is how it is known who made a batch.
type Makers string

// How makers are known.
const (
	Named  Makers = "named"  // by whoever enters the batch into the ledger
	Signed Makers = "signed" // by their own signature over the content
)

// Need is a number of approvals from people who have one of some roles.
type Need struct {
	Count int
	From  []string
}

// Tier states the approvals that are asked for from certain sums on, in minor units. A threshold of 0 is
// none; each is reached by exactly its sum.
type Tier struct {
	Name       string
	BatchTotal int64 // of the whole content
	OneNumber  int64 // to one number, in all its payouts together
	MakerDay   int64 // by its makers in 24 hours, with this
	Approvals  []Need
}

// Policy is how many approvals a content needs, and from whom. It is data: what it does
// not say cannot be configured.
type Policy struct {
	Currency string
	Expiry   time.Duration
	Makers   Makers
	// RetryUnchanged is true if what failed may be paid again in the same terms
	// without another approval.
	RetryUnchanged bool
	Tiers          []Tier // the first is for everything; the last that is reached counts

	text []byte
}

// policyFile is a policy as written.
type policyFile struct {
	Currency string      `yaml:"currency"`
	Expiry   expiry      `yaml:"expiry"`
	Makers   Makers      `yaml:"makers"`
	Retry    string      `yaml:"retry"`
	Tiers    []tierEntry `yaml:"tiers"`
}

type tierEntry struct {
	Name       string      `yaml:"name"`
	BatchTotal integer     `yaml:"batch_total"`
	OneNumber  integer     `yaml:"one_number"`
	MakerDay   integer     `yaml:"maker_day"`
	Approvals  []needEntry `yaml:"approvals"`
}

type needEntry struct {
	Count integer  `yaml:"count"`
	From  []string `yaml:"from"`
}

// integer is a whole number in decimal digits. The library would read 1.5 as 1.
type integer int64

// UnmarshalYAML reads an integer.
func (n *integer) UnmarshalYAML(node ast.Node) error {
	at := node.GetToken()
	_, plain := node.(*ast.IntegerNode)
	value, err := strconv.ParseInt(at.Value, 10, 64)
	if err != nil || !plain || value < 1 || value > amountMax {
		return fmt.Errorf("[%d:%d] %q is not a whole number above 0", at.Position.Line, at.Position.Column, at.Value)
	}
	*n = integer(value)
	return nil
}

// expiry is a number of hours, such as 72h.
type expiry time.Duration

// UnmarshalYAML reads an expiry.
func (e *expiry) UnmarshalYAML(node ast.Node) error {
	at := node.GetToken()
	digits, hours := strings.CutSuffix(at.Value, "h")
	value, err := strconv.ParseInt(digits, 10, 16)
	if err != nil || !hours || digits[0] < '1' || digits[0] > '9' {
		return fmt.Errorf("[%d:%d] %q is not a number of hours such as 72h", at.Position.Line, at.Position.Column, at.Value)
	}
	*e = expiry(time.Duration(value) * time.Hour)
	return nil
}

// ParsePolicy reads a policy in YAML. Unknown keys and policies that make no sense are
// errors that wrap ErrPolicy; what YAML itself finds names the line and column.
func ParsePolicy(text []byte) (Policy, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict())
	var f policyFile
	if err := decoder.Decode(&f); err != nil {
		if errors.Is(err, io.EOF) {
			return Policy{}, fmt.Errorf("%w: nothing in the file", ErrPolicy)
		}
		return Policy{}, fmt.Errorf("%w: %s", ErrPolicy, yaml.FormatError(err, false, false))
	}
	if err := decoder.Decode(new(policyFile)); !errors.Is(err, io.EOF) {
		return Policy{}, fmt.Errorf("%w: more than one document in the file", ErrPolicy)
	}
	p, err := f.policy()
	if err != nil {
		return Policy{}, fmt.Errorf("%w: %w", ErrPolicy, err)
	}
	p.text = bytes.Clone(text)
	return p, nil
}

// Text returns the policy byte for byte as it was read.
func (p Policy) Text() []byte { return bytes.Clone(p.text) }

// Digest returns the SHA-256 of those bytes.
func (p Policy) Digest() Digest { return digestOf(p.text) }

// Subject returns what a statement about the policy names, if it is to replace the one
// in force; nil if none is.
func (p Policy) Subject(inForce *Policy) Subject {
	s := Subject{Kind: AboutPolicy, Digest: p.Digest()}
	if inForce != nil {
		s.Replaces = inForce.Digest()
	}
	return s
}

// NotAfter returns until when paying may begin at most: the expiry after the sealing,
// or a day after the time before which it may not, if that is later.
func (p Policy) NotAfter(sealed, notBefore time.Time) time.Time {
	end := sealed.Add(p.Expiry)
	if later := notBefore.Add(afterNotBefore); !notBefore.IsZero() && later.After(end) {
		return later
	}
	return end
}

// Asks reports whether payments of a purpose need approval at all.
func (p Policy) Asks(purpose Purpose) bool { return purpose != Retry || !p.RetryUnchanged }

// TierOf returns the highest tier that a content reaches.
func (p Policy) TierOf(c Content) Tier {
	for _, t := range slices.Backward(p.Tiers) {
		if t.reached(c) {
			return t
		}
	}
	return p.Tiers[0]
}

func (t Tier) reached(c Content) bool {
	return t.BatchTotal > 0 && c.Total >= t.BatchTotal ||
		t.OneNumber > 0 && c.Highest.Amount >= t.OneNumber ||
		t.MakerDay > 0 && c.MakerDay >= t.MakerDay
}

// count is how many approvals a tier asks for.
func (t Tier) count() int {
	var sum int
	for _, n := range t.Approvals {
		sum += n.Count
	}
	return sum
}

// Roles lists the roles that count somewhere in the policy, some of them more than once.
func (p Policy) Roles() []string {
	var roles []string
	for _, t := range p.Tiers {
		for _, n := range t.Approvals {
			roles = append(roles, n.From...)
		}
	}
	return roles
}

func (f policyFile) policy() (Policy, error) {
	p := Policy{Currency: f.Currency, Expiry: time.Duration(f.Expiry), Makers: f.Makers}
	if p.Expiry == 0 {
		p.Expiry = expiryDefault
	}
	if p.Makers == "" {
		p.Makers = Named
	}
	switch {
	case (Currency{Code: f.Currency}).check() != nil:
		return p, errors.New("currency is a code of three capital letters, such as XOF")
	case p.Expiry < expiryMin || p.Expiry > expiryMax:
		return p, fmt.Errorf("expiry is between 1h and %dh", expiryMax/time.Hour)
	case p.Makers != Named && p.Makers != Signed:
		return p, errors.New("makers is named or signed")
	case len(f.Tiers) == 0:
		return p, errors.New("no tiers")
	}
	switch f.Retry {
	case "", "approve":
	case "unchanged":
		p.RetryUnchanged = true
	default:
		return p, errors.New("retry is approve or unchanged")
	}
	for i, entry := range f.Tiers {
		t, err := entry.tier()
		if err != nil {
			return p, fmt.Errorf("tier %q: %w", entry.Name, err)
		}
		if i == 0 && (t.BatchTotal > 0 || t.OneNumber > 0 || t.MakerDay > 0) {
			return p, fmt.Errorf("tier %q: the first tier is for everything, without a sum", t.Name)
		}
		if i > 0 {
			if err := above(p.Tiers, t); err != nil {
				return p, fmt.Errorf("tier %q: %w", t.Name, err)
			}
		}
		p.Tiers = append(p.Tiers, t)
	}
	return p, nil
}

func (e tierEntry) tier() (Tier, error) {
	t := Tier{Name: e.Name, BatchTotal: int64(e.BatchTotal), OneNumber: int64(e.OneNumber), MakerDay: int64(e.MakerDay)}
	if e.Name == "" || !textOK(e.Name) {
		return t, errors.New("a tier has a name")
	}
	if len(e.Approvals) == 0 {
		return t, errors.New("no approvals: under a policy nothing is paid without a second person")
	}
	for _, need := range e.Approvals {
		if need.Count < 1 || need.Count > approvalsMax || len(need.From) == 0 {
			return t, fmt.Errorf("approvals is a count between 1 and %d, from one role or more", approvalsMax)
		}
		for _, role := range need.From {
			if !roleOK(role) {
				return t, fmt.Errorf("%q is not a role, which is a word in small letters", role)
			}
		}
		t.Approvals = append(t.Approvals, Need{Count: int(need.Count), From: need.From})
	}
	if t.count() > approvalsMax {
		return t, fmt.Errorf("more than %d approvals", approvalsMax)
	}
	return t, nil
}

// above wants a tier to be reached by a sum, later than those before it, and to ask for
// no fewer approvals.
func above(lower []Tier, t Tier) error {
	if t.BatchTotal == 0 && t.OneNumber == 0 && t.MakerDay == 0 {
		return errors.New("no sum from which it counts")
	}
	for _, l := range lower {
		switch {
		case l.Name == t.Name:
			return errors.New("the name is there twice")
		case t.BatchTotal > 0 && t.BatchTotal <= l.BatchTotal || t.OneNumber > 0 && t.OneNumber <= l.OneNumber ||
			t.MakerDay > 0 && t.MakerDay <= l.MakerDay:
			return fmt.Errorf("a sum is not above that of tier %q", l.Name)
		case t.count() < l.count():
			return fmt.Errorf("fewer approvals than tier %q", l.Name)
		}
	}
	return nil
}
