package boltledger

import (
	"errors"
	"testing"
)

// TestATableThatCannotBeReadIsNotAnEmptyOne, whatever is asked of it.
func TestATableThatCannotBeReadIsNotAnEmptyOne(t *testing.T) {
	damaged := table{err: errPages}
	key := []byte("key")
	for name, ask := range map[string]func() error{
		"get":    func() error { _, err := damaged.get(key); return err },
		"has":    func() error { _, err := damaged.has(key); return err },
		"put":    func() error { return damaged.put(key, nil) },
		"delete": func() error { return damaged.delete(key) },
		"each":   func() error { return damaged.each(nil, func([]byte, []byte) (bool, error) { return true, nil }) },
		"count":  func() error { _, err := damaged.count(); return err },
		"seek":   func() error { _, _, err := damaged.cursor().seek(key); return err },
		"next":   func() error { _, _, err := damaged.cursor().next(); return err },
		"read":   func() error { _, err := readerOf(damaged).get(key); return err },
	} {
		if err := ask(); !errors.Is(err, errPages) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAChecksumIsThatOfItsFormat holds it against one that a ledger of this format has.
func TestAChecksumIsThatOfItsFormat(t *testing.T) {
	ours := table{seed: seedOf(bucketOpen, "may")}
	if sum := ours.sum([]byte("position"), []byte("value")); sum != 0x70b1f8f33508154c || format != "payrun-ledger 7" {
		t.Errorf("%#x, in format %q", sum, format)
	}
}
