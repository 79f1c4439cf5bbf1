package settings

import (
	"slices"
	"strings"

	"payrun/cmd/payrun/ui"
	"payrun/ledger"
)

// CheckState refuses a state that no payout can be in.
func CheckState(state string, ofBatch bool) error {
	if state == "" {
		return nil
	}
	if !ofBatch {
		return ui.Mistaken("state_alone")
	}
	var words []string
	for _, known := range ledger.States() {
		words = append(words, known.String())
	}
	words = append(words, ui.StateDiffers)
	if !slices.Contains(words, state) {
		return ui.Mistaken("one_of", "flag", "--state", "choices", strings.Join(words, ", "), "given", state)
	}
	return nil
}
