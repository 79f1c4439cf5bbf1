package engine

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"payrun/ledger"
	"payrun/provider"
)

// listing is the provider's list, by our references.
type listing struct {
	// readable: it was read to its end, and is empty or names our references.
	readable bool
	entries  map[string]listed
	// youngest is the last transfer that it names by reference.
	youngest provider.Transaction
	count    int
	// read is the moment at which it was asked for.
	read time.Time
}

// known is the youngest transfer that the list names.
func (l *listing) known() known {
	t := l.youngest
	return known{
		reference: ledger.Reference(t.Reference), number: t.Number, amount: t.Amount, accepted: t.At,
	}.before(l.read)
}

// listed is the transfers of a list under one reference.
type listed struct {
	class provider.Class
	at    time.Time
	// alive counts the transfers that are paid or may be; last is the last of them.
	alive int
	last  provider.Transaction
}

// listTries bounds the requests for the list, listPause is the pause between two of
// them: one "too fast" must not take away what only the list can tell.
const (
	listTries = 3
	listPause = 2 * time.Second
)

// insistOnList is readList, again if it was not readable. It is for when nothing else is
// under way.
func insistOnList(ctx context.Context, drain <-chan struct{}, lister provider.Lister, log zerolog.Logger) listing {
	list := readList(ctx, lister, log)
	for try := 1; try < listTries && !list.readable && lister != nil; try++ {
		if pause(ctx, drain, time.Now().Add(listPause)) != nil {
			break
		}
		list = readList(ctx, lister, log)
	}
	return list
}

// readList reads the provider's list. One that is not there, or cannot be read to its
// end, is not readable, and no error.
func readList(ctx context.Context, lister provider.Lister, log zerolog.Logger) listing {
	l := listing{entries: map[string]listed{}, read: time.Now()}
	if lister == nil {
		return l
	}
	for transaction, err := range lister.Transactions(ctx) {
		if err != nil {
			log.Info().Err(err).Msg("the provider's list cannot be read")
			return listing{}
		}
		l.add(transaction)
	}
	l.readable = l.count == 0 || len(l.entries) > 0
	return l
}

func (l *listing) add(t provider.Transaction) {
	l.count++
	if t.Reference == "" {
		return
	}
	one := l.entries[t.Reference]
	one.class, one.at = t.Class, t.At
	if t.Class != provider.Failed {
		one.alive++
		one.last = t
	}
	l.entries[t.Reference] = one
	if t.Number != "" && (l.youngest.Reference == "" || t.At.After(l.youngest.At)) {
		l.youngest = t
	}
}
