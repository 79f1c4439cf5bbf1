package changes

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"payrun/ledger/phone"
)

// Payee is a payout of a list, as far as it matters here. The amount is in minor
// units, and both lists are in one currency.
type Payee struct {
	ID     string
	Number phone.E164
	Name   string
	Amount int64
}

// Person is somebody on a list, with the sum of all payouts to that number and name.
type Person struct {
	IDs    []string // in the order of the list
	Number phone.E164
	Name   string
	Amount int64
}

// Pair is a person who is on both lists.
type Pair struct {
	Before, Now Person
}

// Difference returns what the person gets more, or less if it is negative.
func (p Pair) Difference() int64 { return p.Now.Amount - p.Before.Amount }

// Sum is a list's count and amount.
type Sum struct {
	Payouts int
	People  int
	Total   int64
}

// Changes are the differences between two lists, in the order of the newer one, and of
// the older one for who is gone. Whoever changed in two ways is told of twice.
type Changes struct {
	Before, Now Sum

	New     []Person // on the newer list alone
	Gone    []Person // on the older list alone
	Numbers []Pair   // the same name with another number
	Names   []Pair   // the same number under another name
	Amounts []Pair   // the same person with another sum
	// Same counts the people with whom nothing changed.
	Same int
}

// None reports whether both lists pay the same people the same sums.
func (c Changes) None() bool {
	return len(c.New)+len(c.Gone)+len(c.Numbers)+len(c.Names)+len(c.Amounts) == 0
}

// Compare says what is different from one list to a later one. A person is found again
// by number and name; else by the number, if one person on each side is left with it;
// else by the name and an id; else by the name, if one on each side is left with it.
// Who differs in number and name is another person, even under the same id.
func Compare(before, now []Payee) Changes {
	older, newer := people(before), people(now)
	c := Changes{Before: sum(before, older), Now: sum(now, newer)}
	m := &matcher{older: older, newer: newer, pairs: make([]int, len(newer)), taken: make([]bool, len(older))}
	for i := range m.pairs {
		m.pairs[i] = unmatched
	}
	m.match(func(p *entry) []string { return []string{string(p.Number) + "\x00" + p.folded} })
	m.match(func(p *entry) []string { return []string{string(p.Number)} })
	m.match(func(p *entry) []string {
		keys := make([]string, len(p.IDs))
		for i, id := range p.IDs {
			keys[i] = p.folded + "\x00" + id
		}
		return keys
	})
	m.match(func(p *entry) []string { return []string{p.folded} })
	m.tell(&c)
	return c
}

const (
	unmatched = -1
	several   = -2
)

// entry is a person with the name as it is compared.
type entry struct {
	Person

	folded string
}

// matcher finds the people of the newer list on the older one.
type matcher struct {
	older, newer []entry
	pairs        []int // by place on the newer list, the place on the older one
	taken        []bool
}

// match pairs people who are left over and whose keys lead to each other and nobody
// else.
func (m *matcher) match(keys func(*entry) []string) {
	older := index(m.older, keys, func(i int) bool { return !m.taken[i] })
	newer := index(m.newer, keys, func(j int) bool { return m.pairs[j] == unmatched })
	for j := range m.newer {
		if m.pairs[j] != unmatched {
			continue
		}
		at := only(older, keys(&m.newer[j]))
		if at >= 0 && only(newer, keys(&m.older[at])) == j {
			m.pairs[j], m.taken[at] = at, true
		}
	}
}

// index says who has a key, by place, or that several have it.
func index(entries []entry, keys func(*entry) []string, left func(int) bool) map[string]int {
	places := map[string]int{}
	for i := range entries {
		if !left(i) {
			continue
		}
		for _, key := range keys(&entries[i]) {
			if at, there := places[key]; there && at != i {
				places[key] = several
			} else {
				places[key] = i
			}
		}
	}
	return places
}

// only returns the one place to which keys lead.
func only(places map[string]int, keys []string) int {
	found := unmatched
	for _, key := range keys {
		at, there := places[key]
		switch {
		case !there:
		case found == unmatched:
			found = at
		case found != at:
			return several
		}
	}
	return found
}

// tell sorts everybody by what changed.
func (m *matcher) tell(c *Changes) {
	for j, at := range m.pairs {
		if at == unmatched {
			c.New = append(c.New, m.newer[j].Person)
			continue
		}
		before, now := &m.older[at], &m.newer[j]
		pair := Pair{Before: before.Person, Now: now.Person}
		otherNumber, otherName := before.Number != now.Number, before.folded != now.folded
		if otherNumber {
			c.Numbers = append(c.Numbers, pair)
		}
		if otherName {
			c.Names = append(c.Names, pair)
		}
		if pair.Difference() != 0 {
			c.Amounts = append(c.Amounts, pair)
		}
		if !otherNumber && !otherName && pair.Difference() == 0 {
			c.Same++
		}
	}
	for i, taken := range m.taken {
		if !taken {
			c.Gone = append(c.Gone, m.older[i].Person)
		}
	}
}

// people adds up the payouts to the same number and name.
func people(payees []Payee) []entry {
	var all []entry
	index := make(map[string]int, len(payees))
	for _, p := range payees {
		folded := fold(p.Name)
		key := string(p.Number) + "\x00" + folded
		at, there := index[key]
		if !there {
			at = len(all)
			index[key] = at
			all = append(all, entry{Person: Person{Number: p.Number, Name: p.Name}, folded: folded})
		}
		all[at].IDs = append(all[at].IDs, p.ID)
		all[at].Amount += p.Amount
	}
	return all
}

// SumOf returns a list's count and amount.
func SumOf(payees []Payee) Sum { return sum(payees, people(payees)) }

func sum(payees []Payee, people []entry) Sum {
	s := Sum{Payouts: len(payees), People: len(people)}
	for _, p := range payees {
		s.Total += p.Amount
	}
	return s
}

// fold writes a name as it is compared.
func fold(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(name) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteByte(' ')
		}
	}
	words := strings.Fields(b.String())
	slices.Sort(words)
	return strings.Join(words, " ")
}
