package digitalpaye

import (
	"payrun/ledger/money"
	"payrun/provider"
)

const (
	// referenceLength is the longest transaction_id of the v2 transfers page. The
	// v1 page names no length.
	referenceLength = 20
	// nameLength is this side's caution: no page names one.
	nameLength = 100
)

// capabilities are those of both dialects. The documents name no set of characters for
// a reference; these stand in a URL's path as they are. Look-ups find a transfer by
// either name and describe it, its number mostly.
func capabilities() provider.Capabilities {
	return provider.Capabilities{
		ReferenceLength: referenceLength, ReferenceAlphabet: provider.ASCIILettersDigits + "-_.",
		NameLength: nameLength,
		Countries:  []string{"CI"}, Currencies: []money.Currency{money.XOF},
		LookUp: provider.LookUpFields{Reference: true, ProviderRef: true, Number: true, Amount: true},
		List:   true, Balance: true,
	}
}

// Capabilities implements provider.Provider.
func (c *Client) Capabilities() provider.Capabilities { return capabilities() }
