package reconcile

import (
	"testing"

	"payrun/ledger"
)

func TestTheIDsOfABatchGiveItsPrefix(t *testing.T) {
	for want, ids := range map[string][]ledger.TransactionID{
		"NOV-":      {"NOV-0001", "NOV-0017"},
		"NOV-2026-": {"NOV-2026-0001", "NOV-2026-0200"},
		"MAY-":      {"MAY-1"},
		"SALAIRE":   {"SALAIRE20261101", "SALAIRE20261199"},
		"":          {"A-1", "A-2"},
		" ":         nil,
	} {
		var p prefixOf
		for _, id := range ids {
			p.add(id)
		}
		if got := p.prefix(); got != want && want != " " || ids == nil && got != "" {
			t.Errorf("%q share %q, want %q", ids, got, want)
		}
	}
}
