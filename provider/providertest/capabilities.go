package providertest

import (
	"context"
	"fmt"
	"strings"

	"payrun/provider"
)

// keepsItsCapabilities tries the limits that a provider states: what they take is paid
// and found again, what they do not take is refused, and what they offer is there.
func keepsItsCapabilities(ctx context.Context, h Harness) error {
	can := h.Provider.Capabilities()
	if err := coherent(can, h.Template); err != nil {
		return err
	}
	if _, lists := h.Provider.(provider.Lister); can.List && !lists {
		return fmt.Errorf("%+v: states a list and has no method for it", can)
	}
	if _, err := h.Provider.Balance(ctx); can.Balance && err != nil {
		return fmt.Errorf("states a balance: %w", err)
	}
	for _, reference := range longest(can) {
		if err := h.payOnce(ctx, h.request(reference, typical)); err != nil {
			return fmt.Errorf("a reference that it states to take: %w", err)
		}
	}
	long := h.request("", typical)
	long.Reference = strings.Repeat("9", can.ReferenceLength+1)
	if o := h.Provider.Send(ctx, long); o.Class != provider.Refused {
		return fmt.Errorf("send %q, longer than it states to take: %+v, want it refused", long.Reference, o)
	}
	return h.credited(long, 0)
}

// coherent checks that the capabilities can be what they state, and take the template.
func coherent(can provider.Capabilities, template provider.Request) error {
	switch {
	case can.ReferenceLength < provider.ReferenceLengthMin, strings.Trim(provider.Digits, can.ReferenceAlphabet) != "":
		return fmt.Errorf("%+v: no room for references of %d digits", can, provider.ReferenceLengthMin)
	case strings.ContainsFunc(can.ReferenceAlphabet, func(r rune) bool { return r <= ' ' || r > '~' }):
		return fmt.Errorf("%+v: references are printable ASCII", can)
	case !can.LookUp.Reference && !can.LookUp.ProviderRef:
		return fmt.Errorf("%+v: nothing can be looked up", can)
	case !can.Pays(template.Country, template.Amount.Currency), !can.TakesName(template.Name):
		return fmt.Errorf("%+v: does not take the template %+v", can, template)
	}
	return nil
}

// longest returns references of the greatest length that have every character between
// them, none with a point at its end, which some addresses would lose.
func longest(can provider.Capabilities) []string {
	var references []string
	rest := can.ReferenceAlphabet
	for rest != "" {
		part := rest[:min(len(rest), can.ReferenceLength-2)]
		rest = rest[len(part):]
		references = append(references, "9"+part+strings.Repeat("9", can.ReferenceLength-1-len(part)))
	}
	return references
}
