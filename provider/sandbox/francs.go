package sandbox

import "payrun/ledger/money"

// Francs is an amount in whole West African CFA francs, the one currency that the
// simulator serves.
type Francs int64

// Centimes is an amount in hundredths of a franc, as fees and balances are.
type Centimes int64

// InCentimes converts whole francs to hundredths.
func (f Francs) InCentimes() Centimes { return Centimes(f) * centimesPerFranc }

const centimesPerFranc = 100

// Money returns the francs as an amount of their currency.
func (f Francs) Money() money.Amount { return money.XOF.Of(int64(f)) }

// Plain returns the digits alone.
func (f Francs) Plain() string { return f.Money().Plain() }

// Grouped returns the digits in groups of three.
func (f Francs) Grouped() string { return f.Money().Grouped() }

// String returns the shortest exact decimal number of francs: "250", "7.5".
func (c Centimes) String() string { return money.XOF.Fine(int64(c)).Plain() }

// MarshalJSON writes an exact JSON number of francs.
func (c Centimes) MarshalJSON() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalJSON reads what MarshalJSON writes.
func (c *Centimes) UnmarshalJSON(text []byte) error {
	parsed, err := money.ParseFine(money.XOF, string(text))
	if err != nil {
		return err
	}
	*c = Centimes(parsed.Hundredths)
	return nil
}
