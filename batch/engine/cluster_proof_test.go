package engine_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/engine"
	"payrun/provider"
)

// asked is a question or a transfer of a machine, in the order in which the provider got them.
type asked struct {
	host string
	sent bool
	// found is set for a look-up that found a transfer.
	found bool
}

// overheard notes what the machines of a cluster ask.
type overheard struct {
	mu  sync.Mutex
	all []asked
}

func (o *overheard) add(a asked) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, a)
}

// before returns what was asked before the first transfer, by machine, and which machines sent.
func (o *overheard) before() (lookUps map[string]int, senders []string) {
	lookUps = map[string]int{}
	for _, a := range o.all {
		switch {
		case a.sent && !slices.Contains(senders, a.host):
			senders = append(senders, a.host)
		case !a.sent && len(senders) == 0:
			lookUps[a.host]++
		}
	}
	return lookUps, senders
}

// wiretap notes what one machine asks.
type wiretap struct {
	provider.Provider
	host string
	*overheard
}

// Send implements provider.Provider.
func (w wiretap) Send(ctx context.Context, r provider.Request) provider.Outcome {
	w.add(asked{host: w.host, sent: true})
	return w.Provider.Send(ctx, r)
}

// LookUp implements provider.Provider.
func (w wiretap) LookUp(ctx context.Context, q provider.Query) provider.Outcome {
	o := w.Provider.LookUp(ctx, q)
	w.add(asked{host: w.host, found: o.Class == provider.Successful || o.Class == provider.Pending})
	return o
}

// unproven is a cluster without troubles for whose ledger nothing vouches, and what its machines
// ask: all of them begin at once, at one request a second.
func unproven(t *testing.T, machines int, trust func(host int) engine.Trust) (*cluster, *overheard) {
	t.Helper()
	w := newClusterWorld(t, 1)
	w.scenario.Faults = nil
	w.config.Rate = 1
	w.open(t)
	c, heard := newCluster(t, w, 0, make([]plan, machines), 20*time.Minute), &overheard{}
	c.steady = true
	c.plantConfig = func(p *process, config *engine.Config) {
		for i := range machines {
			if p.name == fmt.Sprint("host ", i) {
				config.Trust = trust(i)
			}
		}
		config.Provider = wiretap{config.Provider, p.name, heard}
	}
	return c, heard
}

// TestMachinesShareTheProofOfTheirLedger: of three that begin together one asks the provider
// about the ledger, as it would by itself, and all of them pay.
func TestMachinesShareTheProofOfTheirLedger(t *testing.T) {
	first := map[int]int{}
	for _, machines := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			c, heard := unproven(t, machines, func(int) engine.Trust { return engine.Trust{New: true} })
			if err := c.pays(t); err != nil {
				t.Error(err)
			}
			lookUps, senders := heard.before()
			if len(lookUps) != 1 || len(senders) != machines {
				t.Errorf("%d machines: look-ups before the first transfer %v, transfers by %v; want look-ups by one, transfers by all", machines, lookUps, senders)
			}
			for _, count := range lookUps {
				first[machines] = count
			}
			alone := slices.IndexFunc(heard.all, func(a asked) bool { return a.sent })
			behind := heard.all[alone+1:]
			if next := slices.IndexFunc(behind, func(a asked) bool { return a.sent || a.found }); next < 0 || !behind[next].found {
				t.Error("a second transfer left before the first was found")
			}
		})
	}
	if first[1] != first[3] || first[1] == 0 {
		t.Errorf("%d look-ups by one machine alone, %d among three", first[1], first[3])
	}
}

// TestAProofThatDiesWithItsMachineIsMadeByAnother: the machine that asks is killed. Another reads
// what it left, and asks.
func TestAProofThatDiesWithItsMachineIsMadeByAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, heard := unproven(t, 3, func(int) engine.Trust { return engine.Trust{New: true} })
		for i := range c.plans {
			c.plans[i].joins = time.Duration(i) * time.Second
		}
		c.plans[0].deaths = []time.Duration{5 * time.Second}
		if err := c.pays(t); err != nil {
			t.Error(err)
		}
		lookUps, _ := heard.before()
		asked := 0
		for _, count := range lookUps {
			asked += count
		}
		if alone, died := 3*len(c.entries), 5; asked <= alone || asked > alone+died {
			t.Errorf("look-ups before the first transfer: %v, want the %d of one proof and a few of the one that died", lookUps, alone)
		}
	})
}

// TestAMachineWhoseAnchorSpeaksAgainstTheLedgerAsksForItself, whatever others have found. One
// whose anchors know nothing takes their word.
func TestAMachineWhoseAnchorSpeaksAgainstTheLedgerAsksForItself(t *testing.T) {
	for _, doubted := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			c, heard := unproven(t, 2, func(host int) engine.Trust { return engine.Trust{Vouched: host == 0, Doubted: host == 1 && doubted} })
			c.plans[1].joins = 5 * time.Second
			if err := c.pays(t); err != nil {
				t.Error(err)
			}
			others := slices.DeleteFunc(heard.all, func(a asked) bool { return a.host != "host 1" })
			if doubted != !others[0].sent {
				t.Errorf("in doubt %v: it began with %+v", doubted, others[0])
			}
		})
	}
}
