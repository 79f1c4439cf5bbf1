package settings

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"payrun/cmd/payrun/ui"
	"payrun/ledger/money"
)

// ControlAmount is a flag's sum as people write it: "8 545 500 XOF", "1250,50", "12.5 TND".
// How many decimals it may have is known with the file's currency. It is not given until
// it is set.
type ControlAmount struct {
	given                   string
	whole, decimals, letter string
}

// controlAmountType is the placeholder of such a flag in help texts.
const controlAmountType = "AMOUNT"

var errControlAmount = errors.New("want a sum, for example 8545500")

// controlAmount matches a sum without its blanks. More digits before the point are no sum
// that fits any ledger.
var controlAmount = regexp.MustCompile(`^([0-9]{1,15})(?:[.,]([0-9]{1,4}))?([A-Z]{3})?$`)

// Set implements pflag.Value.
func (c *ControlAmount) Set(text string) error {
	parts := controlAmount.FindStringSubmatch(strings.ToUpper(strings.Join(strings.Fields(text), "")))
	if parts == nil { // an empty one would control nothing
		return fmt.Errorf("%q: %w", text, errControlAmount)
	}
	*c = ControlAmount{given: text, whole: parts[1], decimals: parts[2], letter: parts[3]}
	return nil
}

// String implements pflag.Value: nothing is no expectation.
func (c *ControlAmount) String() string { return c.given }

// Type implements pflag.Value.
func (c *ControlAmount) Type() string { return controlAmountType }

// In is the sum in a currency, nil if none was given. The error is a mistake of whoever
// gave it. Three decimals could be thousands, and are not guessed at where they could be
// decimals as well: a total that is wrong by a thousand is what it is there to find.
func (c *ControlAmount) In(currency money.Currency) (*money.Amount, error) {
	if c.given == "" {
		return nil, nil //nolint:nilnil // nothing was said
	}
	const group = 3
	switch digits := currency.Digits(); {
	case c.letter != "" && c.letter != string(currency):
		return nil, ui.Mistaken("expect_total_currency", "given", c.given, "currency", string(currency))
	case digits >= group && len(c.decimals) == group && len(c.whole) <= group && c.whole[0] != '0':
		return nil, ui.Mistaken("expect_total_ambiguous", "given", c.given,
			"large", c.whole+c.decimals, "small", c.whole+"."+c.decimals+"0")
	case len(strings.TrimRight(c.decimals, "0")) > digits, digits == 0 && c.decimals != "":
		return nil, ui.Mistaken("expect_total", "given", c.given, "currency", string(currency),
			"digits", strconv.Itoa(digits))
	}
	decimals := strings.TrimRight(c.decimals, "0")
	minor, err := strconv.ParseInt(c.whole+decimals+strings.Repeat("0", currency.Digits()-len(decimals)), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("--expect-total %s: %w", c.given, err)
	}
	return new(currency.Of(minor)), nil
}
