package sandbox

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"payrun/ledger/money"
)

// Range is a span that delays are drawn from, both ends included.
type Range struct {
	Min time.Duration `yaml:"min"`
	Max time.Duration `yaml:"max"`
}

// Outage is a window, counted from the sandbox's start, in which nothing but
// the sandbox's own pages answers.
type Outage struct {
	After time.Duration `yaml:"after"`
	For   time.Duration `yaml:"for"`
	// Refuse breaks connections instead of answering 503 with an HTML page.
	Refuse bool `yaml:"refuse"`
}

// Repeat says what a transaction_id that was accepted before gets.
type Repeat string

// The ways to treat a repeated transaction_id. The provider's documents do not
// say, so the default is the one that costs money.
const (
	RepeatPay    Repeat = "pay"    // pays it again
	RepeatRefuse Repeat = "refuse" // 409
	RepeatIgnore Repeat = "ignore" // answers with the first transfer's state
)

// Scenario describes a provider's day. See the package comment for the file
// form. Amounts are whole XOF, weights are percent.
type Scenario struct {
	// Seed decides every draw.
	Seed uint64 `yaml:"seed"`
	// Latency is how long an answer takes; acceptance comes before it.
	Latency Range `yaml:"latency"`
	// Settle is how long a pending transfer takes to become final.
	Settle Range `yaml:"settle"`
	// Delays of single faults; see the catalogue.
	Late      Range `yaml:"late"`
	LookupLag Range `yaml:"lookup_lag"`
	Slow      Range `yaml:"slow"`
	Forever   Range `yaml:"forever"`
	Reversal  Range `yaml:"reversal"`
	// RetryAfter is what 429 and 503 ask for, in whole seconds, rounded up.
	RetryAfter Range `yaml:"retry_after"`

	// TokenLife is how long a token is good.
	TokenLife time.Duration `yaml:"token_life"`
	// Balance is what the merchant's account holds at the start.
	Balance money.XOF `yaml:"balance"`
	// FeeBasisPoints is the fee on top of every amount, in hundredths of a
	// percent: 100 makes 7.5 on 750. The default is SampleFees.
	FeeBasisPoints int64 `yaml:"fee_basis_points"`
	// RateCap is how many requests other than for tokens are taken in any
	// second; the rest get 429. 0 is no cap.
	RateCap int `yaml:"rate_cap"`
	// RepeatedReference is what a transaction_id accepted before gets.
	RepeatedReference Repeat `yaml:"repeated_reference"`

	// Faults holds the weight of each fault in percent.
	Faults map[Fault]float64 `yaml:"faults"`
	// Outages are the windows in which the provider is down.
	Outages []Outage `yaml:"outages"`
}

// DefaultScenario is a good day: no faults, answers at once, and two transfers
// in a hundred that stay pending for up to a second.
func DefaultScenario() Scenario {
	scenario := defaults()
	scenario.Faults = map[Fault]float64{Pending: 2}
	return scenario
}

// defaults is what a scenario file starts from: every value but the faults.
func defaults() Scenario {
	const tokenLife = 600 * time.Second // the documents' sample tokens
	return Scenario{
		Seed:              1,
		Settle:            Range{300 * time.Millisecond, time.Second},
		Late:              Range{2 * time.Second, 20 * time.Second},
		LookupLag:         Range{500 * time.Millisecond, 5 * time.Second},
		Slow:              Range{2 * time.Second, 10 * time.Second},
		Forever:           Range{time.Hour, 3 * time.Hour},
		Reversal:          Range{time.Second, 10 * time.Second},
		RetryAfter:        Range{time.Second, 2 * time.Second},
		TokenLife:         tokenLife,
		Balance:           1_000_000_000_000,
		FeeBasisPoints:    SampleFees,
		RepeatedReference: RepeatPay,
	}
}

// ErrScenario is wrapped by every complaint about a scenario.
var ErrScenario = errors.New("bad scenario")

// valueError is a value of a scenario that makes no sense.
type valueError struct {
	key  string // as a YAML path without the "$."
	what string
}

func (e *valueError) Error() string { return e.key + ": " + e.what }

// Validate checks a scenario that was put together in Go. The error wraps
// ErrScenario.
func (s Scenario) Validate() error {
	if complaint := s.complaint(); complaint != nil {
		return fmt.Errorf("%w: %w", ErrScenario, complaint)
	}
	return nil
}

func (s Scenario) complaint() *valueError {
	for _, r := range []struct {
		key   string
		delay Range
	}{
		{"latency", s.Latency},
		{"settle", s.Settle},
		{"late", s.Late},
		{"lookup_lag", s.LookupLag},
		{"slow", s.Slow},
		{"forever", s.Forever},
		{"reversal", s.Reversal},
		{"retry_after", s.RetryAfter},
	} {
		if r.delay.Min < 0 || r.delay.Max < r.delay.Min {
			return &valueError{r.key, fmt.Sprintf("min %s and max %s are no range", r.delay.Min, r.delay.Max)}
		}
	}
	switch {
	case s.TokenLife < time.Second:
		return &valueError{"token_life", "a token lives a second at least"}
	case s.Balance < 0:
		return &valueError{"balance", "is negative"}
	case s.FeeBasisPoints < SampleFees || s.FeeBasisPoints > basisPoints:
		return &valueError{"fee_basis_points", "is not between 0 and 10000"}
	case s.RateCap < 0:
		return &valueError{"rate_cap", "is negative"}
	}
	switch s.RepeatedReference {
	case RepeatPay, RepeatRefuse, RepeatIgnore:
	default:
		return &valueError{"repeated_reference", fmt.Sprintf("%q is not pay, refuse or ignore", s.RepeatedReference)}
	}
	for i, outage := range s.Outages {
		if outage.After < 0 || outage.For <= 0 {
			return &valueError{fmt.Sprintf("outages[%d]", i), "needs a positive `for` and an `after` that is not negative"}
		}
	}
	return s.weightComplaint()
}

// weightComplaint checks the faults, in a fixed order so that the same file
// gets the same complaint.
func (s Scenario) weightComplaint() *valueError {
	for _, fault := range slices.Sorted(maps.Keys(s.Faults)) {
		key := "faults." + string(fault)
		if _, known := groupOf(fault); !known {
			return &valueError{key, "no such fault"}
		}
		if weight := s.Faults[fault]; !(weight >= 0 && weight <= hundred) { // also catches NaN
			return &valueError{key, fmt.Sprintf("%v is not between 0 and 100 percent", weight)}
		}
	}
	sums := map[Group]float64{}
	for _, entry := range catalogue {
		sums[entry.Group] += s.Faults[entry.Fault]
		if sums[entry.Group] > hundred+1e-9 {
			return &valueError{"faults", fmt.Sprintf("the %s faults add up to more than 100 percent", entry.Group)}
		}
	}
	return nil
}
