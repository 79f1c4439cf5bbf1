package approval

import "slices"

// quorum shares people out among the approvals that a tier asks for, so that each
// person stands for one of them. Who could stand for several is moved if that lets
// another one in: it is the maximum matching of people and places.
type quorum struct {
	roles [][]string // by place, who may take it
	taken []*Person  // by place, who has it
}

func newQuorum(needs []Need) *quorum {
	q := &quorum{}
	for _, n := range needs {
		for range n.Count {
			q.roles = append(q.roles, n.From)
		}
	}
	q.taken = make([]*Person, len(q.roles))
	return q
}

// seat finds a place for a person, and reports whether there is one.
func (q *quorum) seat(p *Person) bool { return q.move(p, make([]bool, len(q.roles))) }

func (q *quorum) move(p *Person, tried []bool) bool {
	for i, roles := range q.roles {
		if tried[i] || !p.Has(roles) {
			continue
		}
		tried[i] = true
		if q.taken[i] == nil || q.move(q.taken[i], tried) {
			q.taken[i] = p
			return true
		}
	}
	return false
}

// full reports whether every place is taken.
func (q *quorum) full() bool { return !slices.Contains(q.taken, nil) }

// wouldSeat reports whether there is a place for one more person, who does not take it.
func (q *quorum) wouldSeat(p *Person) bool {
	return (&quorum{roles: q.roles, taken: slices.Clone(q.taken)}).seat(p)
}

// missing says how many are missing from which roles.
func (q *quorum) missing() []Need {
	var needs []Need
	for i, roles := range q.roles {
		if q.taken[i] != nil {
			continue
		}
		if last := len(needs) - 1; last >= 0 && slices.Equal(needs[last].From, roles) {
			needs[last].Count++
			continue
		}
		needs = append(needs, Need{Count: 1, From: roles})
	}
	return needs
}
