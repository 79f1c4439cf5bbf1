package sandbox

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"time"
)

// draw makes the random choices about one request. Each is a hash of the seed,
// the reference, the request's number among those for that reference and the
// question asked, never a number from a shared stream: the same history
// meets the same faults whatever else goes on at the same time.
type draw struct {
	seed      uint64
	subject   string // what is being counted: "transfer", "lookup"
	reference string
	nth       int // from 1
}

// roll returns a uniform number for the question.
func (d draw) roll(question string) uint64 {
	text := make([]byte, 0, 96) // room for the usual reference
	text = binary.LittleEndian.AppendUint64(text, d.seed)
	for _, part := range [...]string{d.subject, d.reference, strconv.Itoa(d.nth), question} {
		text = append(text, part...)
		text = append(text, 0)
	}
	sum := sha256.Sum256(text)
	return binary.LittleEndian.Uint64(sum[:])
}

// oneIn reports true for one draw in n.
func (d draw) oneIn(n uint64, question string) bool { return d.roll(question)%n == 0 }

// within returns a delay from the range, to the nanosecond, so that no two
// things that wait end at the same instant.
func (d draw) within(delay Range, question string) time.Duration {
	span := uint64(delay.Max - delay.Min) //nolint:gosec // ranges are checked: never negative
	if span == 0 {
		return delay.Min
	}
	return delay.Min + time.Duration(d.roll(question)%(span+1)) //nolint:gosec // below span
}

// hundred is the sum that the weights of a group may reach.
const hundred = 100

// faultTable is a group's faults with their cumulated weights.
type faultTable struct {
	group Group
	slots []slot
}

type slot struct {
	fault Fault
	upTo  float64 // percent
}

func newFaultTable(group Group, weights map[Fault]float64) faultTable {
	w := faultTable{group: group}
	upTo := 0.0
	for _, entry := range catalogue {
		if weight := weights[entry.Fault]; entry.Group == group && weight > 0 {
			upTo += weight
			w.slots = append(w.slots, slot{entry.Fault, upTo})
		}
	}
	return w
}

// pick returns the fault that strikes, or "" for none.
func (w faultTable) pick(d draw) Fault {
	if len(w.slots) == 0 {
		return ""
	}
	const mantissa = 53
	point := float64(d.roll(string(w.group))>>(64-mantissa)) / (1 << mantissa) * hundred
	for _, s := range w.slots {
		if point < s.upTo {
			return s.fault
		}
	}
	return ""
}
