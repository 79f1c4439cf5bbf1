package engine_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"payrun/batch/engine"
	"payrun/ledger"
)

// drawCluster draws machines and what goes wrong with them.
func drawCluster(t *testing.T, seed uint64) *cluster {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 3))
	w := newClusterWorld(t, seed)
	const trouble = 20 * time.Minute
	plans := make([]plan, 2+random.IntN(3))
	for i := range plans {
		plans[i] = drawPlan(random, len(w.entries))
	}
	plans[0].joins = 0
	c := newCluster(t, w, (random.Float64()-0.5)/50, plans, trouble)
	if random.IntN(3) == 0 {
		c.config.Trust = engine.Trust{New: true} // one of them asks the provider for all
	}
	return c
}

func drawPlan(random *rand.Rand, rows int) (p plan) {
	between := func(least, most time.Duration) time.Duration {
		return least + time.Duration(random.Int64N(int64(most-least)))
	}
	p.joins = between(0, 20*time.Second)
	p.skew = between(-3*time.Minute, 3*time.Minute)
	p.ledgerNotices = between(5*time.Second, time.Minute)
	for range 1 + random.IntN(4) {
		p.freezes = append(p.freezes, drawFreeze(random, between, rows))
	}
	for range random.IntN(2) {
		p.cuts = append(p.cuts, stretch{between(0, time.Minute), between(time.Second, 3*time.Minute)})
	}
	for range random.IntN(2) {
		p.silences = append(p.silences, stretch{between(0, time.Minute), between(time.Second, 2*time.Minute)})
	}
	for range random.IntN(3) {
		p.deaths = append(p.deaths, between(time.Second, time.Minute))
	}
	return p
}

// drawFreeze draws a standstill. Where nothing but the grace protects, it is over within half
// of the grace after others took over: the other half is for late acceptances and look-ups
// that lag.
func drawFreeze(random *rand.Rand, between func(least, most time.Duration) time.Duration, rows int) *freeze {
	f := &freeze{
		at:      drawPoint(random),
		row:     ledger.TransactionID(fmt.Sprintf("SIM-%04d", random.IntN(rows))),
		commit:  1 + random.IntN(10),
		lasts:   between(time.Second, 15*time.Minute),
		stopped: random.IntN(2) == 0,
		thaws:   between(time.Second, clusterGrace/2),
	}
	switch random.IntN(3) {
	case 0: // only its lease ends
	case 1:
		f.evicted = between(time.Second, 5*time.Minute)
	default:
		f.noticed = between(time.Second, time.Minute)
	}
	return f
}

// drawPoint draws where a standstill begins: most often where it does most harm.
func drawPoint(random *rand.Rand) point {
	return []point{beforeCheck, checked, checked, answered, committed}[random.IntN(5)]
}

// everyTrouble lists the troubles that must have struck over all seeds.
func everyTrouble() []string {
	return []string{
		"frozen", "evicted", "slow commit", "lost commit", "cut off from the ledger", "cut off from the provider", "killed",
		"joined in the middle", "thawed after it was taken over", "thawed after it was taken over, all clocks stopped",
		"taken over",
	}
}

// TestMachinesTogether has several machines pay one batch over one ledger, each with troubles
// of its own: they freeze, are cut off from the ledger or from the provider, die, are evicted,
// join in the middle, and their clocks are wrong; commits are slow, or their answers lost.
// Then one more brings the batch to its end, and ledger and books are held against each
// other.
func TestMachinesTogether(t *testing.T) {
	var troubles seen
	t.Run("worlds", func(t *testing.T) {
		inWorlds(t, clusterShare, func(t *testing.T, seed uint64) {
			c := drawCluster(t, seed)
			if err := c.pays(t); err != nil {
				failWith(t, seed, "TestMachinesTogether", err)
			}
			troubles.add(c.counts)
		})
	})
	if testing.Short() || *simSeed != 0 || *simSeeds > 0 && *simSeeds < seedsDefault {
		return
	}
	if missing := troubles.missing(everyTrouble()); len(missing) > 0 {
		t.Errorf("troubles that never struck: %v", missing)
	}
	t.Logf("troubles: %v", troubles.counts)
}

// clusterShare is how many worlds of one machine go for one of several.
const clusterShare = 10
