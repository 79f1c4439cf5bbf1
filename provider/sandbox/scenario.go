package sandbox

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
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

// Merchant is an API key and its secret. Each merchant has books and a balance of
// its own in each X-Environment, and knows nothing of others'.
type Merchant struct {
	Key    string `yaml:"key"`
	Secret string `yaml:"secret"`
	// Of makes it a further key of the merchant with that key, as after a change of
	// keys: both see the same books. Empty for a merchant of its own.
	Of string `yaml:"of"`
}

// Scenario describes a provider's day. See the package comment for the file
// form. Amounts are whole XOF, weights are percent.
type Scenario struct {
	// Seed decides every draw.
	Seed uint64 `yaml:"seed"`
	// Latency is the time that an answer takes; acceptance comes before it.
	Latency Range `yaml:"latency"`
	// Settle is the time that a pending transfer takes to become final.
	Settle Range `yaml:"settle"`
	// Delays of single faults; see the catalogue.
	Late      Range `yaml:"late"`
	LookupLag Range `yaml:"lookup_lag"`
	Slow      Range `yaml:"slow"`
	Forever   Range `yaml:"forever"`
	Reversal  Range `yaml:"reversal"`
	// RetryAfter is the pause that 429 and 503 ask for, in whole seconds, rounded up.
	RetryAfter Range `yaml:"retry_after"`

	// TokenLife is the life of a token.
	TokenLife time.Duration `yaml:"token_life"`
	// Balance is the merchant's at the start.
	Balance Francs `yaml:"balance"`
	// FeeBasisPoints is the fee on top of every amount, in hundredths of a
	// percent: 100 makes 7.5 on 750. The default is SampleFees.
	FeeBasisPoints int64 `yaml:"fee_basis_points"`
	// RateCap is the number of requests other than for tokens that are taken in any
	// second; the rest get 429. 0 is no cap.
	RateCap int `yaml:"rate_cap"`
	// RepeatedReference is the answer to a transaction_id that was accepted before.
	RepeatedReference Choice `yaml:"repeated_reference"`
	// Settings lists what these can be.
	LookupFinds  Choice `yaml:"lookup_finds"`
	NotFound     Choice `yaml:"not_found"`
	List         Choice `yaml:"list"`
	BalanceWords Choice `yaml:"balance_words"`
	Writing      Choice `yaml:"writing"`
	// ClockAhead is the lead of the provider's clock, by which it dates answers and
	// transfers, is ahead of this machine's; negative if it is behind.
	ClockAhead time.Duration `yaml:"clock_ahead"`
	// Merchants may call besides the one of Options.
	Merchants []Merchant `yaml:"merchants"`

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

// defaults is the scenario that a file starts from: every value but the faults.
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
		LookupFinds:       FindsBoth,
		NotFound:          NotFoundDocumented,
		List:              ListWhole,
		BalanceWords:      BalanceDocumented,
		Writing:           WritingDocumented,
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
	if complaint := s.choiceComplaint(); complaint != nil {
		return complaint
	}
	for i, merchant := range s.Merchants {
		if merchant.Key == "" || merchant.Secret == "" {
			return &valueError{fmt.Sprintf("merchants[%d]", i), "needs a key and a secret"}
		}
		if merchant.Of == merchant.Key {
			return &valueError{fmt.Sprintf("merchants[%d].of", i), "is its own key"}
		}
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
