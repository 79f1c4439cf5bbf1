package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// end is what became of a mutant.
type end string

const (
	killed    end = "killed"
	endless   end = "endless" // the tests took far more than they do, or stood still
	chance    end = "chance"  // a test failed, and did not again
	lived     end = "lived"
	unreached end = "unreached"
)

// judge runs tests against mutants.
type judge struct {
	binary, folder string
	args           []string
	which, skip    string
	only           string
	every          int
	workers        int
	tests          []test
	// kills counts by tests what they killed.
	mutex sync.Mutex
	kills map[string]int
}

// test is one test without a mutant: what it costs and reaches.
type test struct {
	name    string
	cost    time.Duration // of the processor
	reaches map[int]bool
}

// noFailFile keeps rapid, where the tests use it, from leaving what failed beside them.
const noFailFile = "-rapid.nofailfile"

// measure runs each test once, without a mutant.
func (j *judge) measure(ctx context.Context, dir string) error {
	list := exec.CommandContext(ctx, j.binary, "-test.list", "^(Test|Example|Fuzz)")
	list.Dir = j.folder
	output, err := list.Output()
	if err != nil {
		return fmt.Errorf("list the tests: %w", err)
	}
	if exec.CommandContext(ctx, j.binary, noFailFile, "-test.list", "^$").Run() == nil {
		j.args = append(slices.Clip(j.args), noFailFile)
	}
	skip, err := regexp.Compile(cmp.Or(j.skip, "^$"))
	if err != nil {
		return err
	}
	tests, err := regexp.Compile(j.which)
	if err != nil {
		return err
	}
	j.tests, j.kills = nil, map[string]int{}
	for name := range strings.FieldsSeq(string(output)) {
		if skip.MatchString(name) || !tests.MatchString(name) {
			continue
		}
		one, err := j.measureOne(ctx, name, filepath.Join(dir, "reached"))
		if err != nil {
			return err
		}
		j.tests = append(j.tests, one)
	}
	return nil
}

func (j *judge) measureOne(ctx context.Context, name, place string) (test, error) {
	if err := os.Remove(place); err != nil && !errors.Is(err, os.ErrNotExist) {
		return test{}, err
	}
	run := exec.CommandContext(ctx, j.binary, append([]string{"-test.run", "^" + name + "$"}, j.args...)...)
	run.Dir, run.Env = j.folder, append(os.Environ(), envReached+"="+place)
	if output, err := run.CombinedOutput(); err != nil {
		return test{}, fmt.Errorf("%s fails without a mutant: %w\n%s", name, err, output)
	}
	one := test{name: name, cost: run.ProcessState.UserTime() + run.ProcessState.SystemTime(), reaches: map[int]bool{}}
	text, err := os.ReadFile(place)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return test{}, err
	}
	for line := range strings.FieldsSeq(string(text)) {
		id, err := strconv.Atoi(line)
		if err != nil {
			return test{}, err
		}
		one.reaches[id] = true
	}
	return one, nil
}

// tryAll tries all mutants, some at once, and yields what became of each.
func (j *judge) tryAll(ctx context.Context, mutants []mutant) iter.Seq2[mutant, end] {
	return func(yield func(mutant, end) bool) {
		type tried struct {
			mutant
			end
		}
		todo, done := make(chan mutant), make(chan tried)
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		var workers sync.WaitGroup
		for range max(j.workers, 1) {
			workers.Go(func() {
				for m := range todo {
					select {
					case done <- tried{m, j.try(ctx, m)}:
					case <-ctx.Done():
					}
				}
			})
		}
		go func() {
			defer close(done)
			for _, m := range mutants {
				select {
				case todo <- m:
				case <-ctx.Done():
				}
			}
			close(todo)
			workers.Wait()
		}()
		for one := range done {
			if ctx.Err() != nil || !yield(one.mutant, one.end) {
				cancel()
				break
			}
		}
		for range done { // until all have ended
		}
	}
}

// The tests of a mutant run in groups, each about so long: the first, which kill most, are
// the shortest.
var groupCosts = []time.Duration{100 * time.Millisecond, 400 * time.Millisecond, time.Second}

// try runs the tests that reach a mutant until one fails, and again.
func (j *judge) try(ctx context.Context, m mutant) end {
	reaching := j.reaching(m)
	if len(reaching) == 0 {
		return unreached
	}
	var group []string
	var cost time.Duration
	groups, result := 0, lived
	for i, t := range reaching {
		group, cost = append(group, t.name), cost+t.cost
		if i < len(reaching)-1 && cost < groupCosts[min(groups, len(groupCosts)-1)] {
			continue
		}
		switch e := j.tryGroup(ctx, m, group, cost); e {
		case lived:
		case chance: // a test behind it may hold the line
			result = chance
		default:
			return e
		}
		group, cost, groups = nil, 0, groups+1
	}
	return result
}

// reaching returns the tests that reach a mutant, first those that are cheap and have killed
// others, as what holds one line often holds the next.
func (j *judge) reaching(m mutant) []test {
	reaching := slices.DeleteFunc(slices.Clone(j.tests), func(t test) bool { return !t.reaches[m.id] })
	j.mutex.Lock()
	defer j.mutex.Unlock()
	price := func(t test) time.Duration { return t.cost / time.Duration(1+j.kills[t.name]) }
	slices.SortStableFunc(reaching, func(a, b test) int { return cmp.Compare(price(a), price(b)) })
	return reaching
}

func (j *judge) noteKill(name string) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.kills[name]++
}

// tryGroup runs tests that cost so much. What fails has to fail twice in three times: tests that
// lean on a clock fail on a busy machine by themselves, and what is drawn at random is no promise.
// Of what takes too much of the processor the machine is not guilty. What failed once alone is
// left out, and the others are tried without it.
func (j *judge) tryGroup(ctx context.Context, m mutant, group []string, cost time.Duration) end {
	result := lived
	for len(group) > 0 {
		first, failed := j.run(ctx, m, strings.Join(group, "|"), cost)
		switch first {
		case lived:
			return result
		case endless:
			return endless
		}
		for range 2 {
			if again, _ := j.run(ctx, m, failed, cost); again != lived {
				j.noteKill(failed)
				return again
			}
		}
		result = chance
		rest := slices.DeleteFunc(slices.Clone(group), func(name string) bool { return name == failed })
		if len(rest) == len(group) { // which of them failed is not known
			return chance
		}
		group = rest
	}
	return result
}
