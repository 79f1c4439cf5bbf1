package engine

import (
	"context"
	"errors"
	"fmt"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
	"payrun/provider"
)

// nameKind is the attempt that a name belongs to.
type nameKind uint8

const (
	// ownName is the reference of the attempt that is about to be sent.
	ownName nameKind = iota
	// earlierName is that of an earlier attempt, which must not have been paid.
	earlierName
	// furtherName is one that another ledger would have given a later attempt.
	furtherName
)

// furtherNames is the number of later attempts of another ledger that are looked for.
const furtherNames = 2

// name is a reference under which the provider may have a payout, with the terms
// that it went out under.
type name struct {
	reference ledger.Reference
	kind      nameKind
	number    phone.E164
	amount    money.Amount
	// named is set if the provider once had a transfer under an earlier name.
	named bool
}

func (n name) query() provider.Query {
	return provider.Query{Reference: string(n.reference), Number: n.number, Amount: n.amount}
}

// nameOf is the payout's own name.
func nameOf(p ledger.Payout) name {
	return name{reference: p.Reference, kind: ownName, number: p.Number, amount: p.Amount}
}

// namesOf lists the names of a payout: those of earlier attempts, then its own.
func namesOf(p ledger.Payout) []name {
	names := make([]name, 0, len(p.Earlier)+1)
	for _, a := range p.Earlier {
		names = append(names, name{
			reference: a.Reference, kind: earlierName, number: a.Terms.Number, amount: a.Terms.Amount,
			named: a.Named(),
		})
	}
	return append(names, nameOf(p))
}

// furtherNamesOf lists the names of attempts of a payout that another ledger may have
// made. A name that belongs to another payout of this one is not among them.
func furtherNamesOf(ctx context.Context, config *Config, p ledger.Payout) ([]name, error) {
	var names []name
	can := config.Provider.Capabilities()
	for ahead := 1; ahead <= furtherNames; ahead++ {
		reference := ledger.Reference(can.Derive(string(p.ID), p.Attempt+ahead, 0))
		_, err := config.Store.Payout(ctx, ledger.TransactionID(reference))
		switch {
		case errors.Is(err, ledger.ErrNotFound):
			names = append(names, name{reference: reference, kind: furtherName, number: p.Number, amount: p.Amount})
		case err != nil:
			return nil, fmt.Errorf("look for %q in the ledger: %w", reference, err)
		}
	}
	return names, nil
}
