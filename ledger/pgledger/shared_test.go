package pgledger_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"
)

// TestMachinesShareATextOneAtATime has three stores count in it at once.
func TestMachinesShareATextOneAtATime(t *testing.T) {
	const machines, times = 3, 20
	address := begin(t)
	var all sync.WaitGroup
	for range machines {
		store := open(t, address)
		defer store.Close()
		all.Go(func() {
			cell := store.Shared("https://pay.example")
			var last time.Time
			for range times {
				err := cell.Exchange(t.Context(), func(text []byte, now time.Time) ([]byte, error) {
					if now.Before(last) {
						t.Errorf("the server's time went from %s to %s", last, now)
					}
					last = now
					count, err := strconv.Atoi(string(append([]byte("0"), text...)))
					return []byte(strconv.Itoa(count + 1)), err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	store := open(t, address)
	defer store.Close()
	no := errors.New("no")
	for account, want := range map[string]string{"https://pay.example": strconv.Itoa(machines * times), "https://other.example": ""} {
		err := store.Shared(account).Exchange(t.Context(), func(text []byte, _ time.Time) ([]byte, error) {
			if string(text) != want {
				t.Errorf("%s has %q, want %q", account, text, want)
			}
			return []byte("1000"), no // which is not kept
		})
		if !errors.Is(err, no) {
			t.Errorf("an exchange that was refused: %v", err)
		}
		err = store.Shared(account).Exchange(t.Context(), func(text []byte, _ time.Time) ([]byte, error) {
			if string(text) != want {
				t.Errorf("%s has %q after that", account, text)
			}
			return nil, nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := store.Shared("x").Exchange(gone, func([]byte, time.Time) ([]byte, error) { return nil, nil }); err == nil {
		t.Error("an exchange without a server went well")
	}
}
