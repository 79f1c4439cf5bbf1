package reconcile

import (
	"strings"

	"payrun/ledger"
)

// prefixMin is the shortest prefix that is used: a shorter one begins many other
// references, too.
const prefixMin = 3

// prefixOf finds what the ids of a batch have in common.
type prefixOf struct {
	common string
	begun  bool
}

func (p *prefixOf) add(id ledger.TransactionID) {
	if !p.begun {
		p.common, p.begun = string(id), true
		return
	}
	n := 0
	for n < len(p.common) && n < len(id) && p.common[n] == id[n] {
		n++
	}
	p.common = p.common[:n]
}

// prefix returns the part that names the batch and not one of its payouts: up to
// the last separator of what the ids share, or without the digits at its end
// where there is none: "NOV-" of NOV-0001 and NOV-0017. It is empty for ids that
// share too little to tell them from anybody else's.
func (p *prefixOf) prefix() string {
	prefix := strings.TrimRight(p.common, "0123456789")
	if at := strings.LastIndexAny(p.common, "-_./:"); at >= 0 {
		prefix = p.common[:at+1]
	}
	if len(prefix) < prefixMin {
		return ""
	}
	return prefix
}
