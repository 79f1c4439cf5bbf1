package settings

import (
	"strconv"
	"strings"

	"payrun/cmd/payrun/ui"
	"payrun/ledger/anchor"
)

// ParseHead reads a number of events and the hash of the last, "1234:9f86d0…".
func ParseHead(text string) (anchor.Head, error) {
	count, hash, found := strings.Cut(text, ":")
	events, err := strconv.ParseUint(count, 10, 64)
	const hashDigits = 64
	if err != nil || !found || events == 0 || len(hash) != hashDigits {
		return anchor.Head{}, ui.Mistaken("expect_head", "given", text)
	}
	return anchor.Head{Events: events, Hash: strings.ToLower(hash)}, nil
}
