package ledger

// Places is a set of places in a batch, which count from 1: a bit each, since a file may have a
// million. The zero value is empty. It is not safe for concurrent use.
type Places struct {
	bits  []uint64
	count int
}

const placesPerWord = 64

// Add takes a place in, once.
func (p *Places) Add(place int) {
	word, bit := place/placesPerWord, uint64(1)<<(place%placesPerWord)
	for len(p.bits) <= word {
		p.bits = append(p.bits, 0)
	}
	if p.bits[word]&bit == 0 {
		p.bits[word] |= bit
		p.count++
	}
}

// Has reports whether a place is in the set.
func (p *Places) Has(place int) bool {
	word := place / placesPerWord
	return word < len(p.bits) && p.bits[word]&(1<<(place%placesPerWord)) != 0
}

// Count returns how many there are.
func (p *Places) Count() int { return p.count }
