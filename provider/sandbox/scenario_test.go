package sandbox_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/provider/sandbox"
)

func TestAScenarioFileIsReadWhole(t *testing.T) {
	got, err := sandbox.ParseScenario([]byte(`
seed: 7
latency: {min: 10ms, max: 20ms}
token_life: 30s
balance: 5000000
fee_basis_points: 150
rate_cap: 50
repeated_reference: refuse
faults:
  drop_after: 2.5
  pending: 10
outages:
  - {after: 5s, for: 2s, refuse: true}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := sandbox.DefaultScenario() // for what the file leaves out
	want.Seed = 7
	want.Latency = sandbox.Range{Min: 10 * time.Millisecond, Max: 20 * time.Millisecond}
	want.TokenLife = 30 * time.Second
	want.Balance = 5_000_000
	want.FeeBasisPoints = 150
	want.RateCap = 50
	want.RepeatedReference = sandbox.RepeatRefuse
	want.Faults = map[sandbox.Fault]float64{sandbox.DropAfter: 2.5, sandbox.Pending: 10}
	want.Outages = []sandbox.Outage{{After: 5 * time.Second, For: 2 * time.Second, Refuse: true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnEmptyScenarioHasNoFaults(t *testing.T) {
	for _, text := range []string{"", "# quiet\n", "---\n", "seed: 1\n", "faults: {}\n"} {
		got, err := sandbox.ParseScenario([]byte(text))
		if err != nil || len(got.Faults) != 0 || got.TokenLife != 600*time.Second {
			t.Errorf("%q: got %+v, %v", text, got, err)
		}
	}
}

func TestABadScenarioSaysWhereAndWhat(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"unknown key", "seed: 1\nlatancy: {min: 1s}\n", `[2:1] unknown field "latancy"`},
		{"unknown key inside", "latency:\n  mix: 1s\n", `[2:3] unknown field "mix"`},
		{"unknown fault", "faults:\n  pending: 1\n  drop: 5\n", "[3:9] faults.drop: no such fault"},
		{"weight above 100", "faults: {pending: 101}\n", "[1:19] faults.pending: 101 is not between"},
		{"negative weight", "faults: {pending: -1}\n", "faults.pending: -1 is not between"},
		{"no number", "faults: {pending: .nan}\n", "faults.pending: NaN is not between"},
		{"weights together", "faults: {drop_after: 60, http_500: 50}\n", "the answer faults add up to more than 100"},
		{"range upside down", "settle: {min: 5s, max: 1s}\n", "settle: min 5s and max 1s are no range"},
		{"not a duration", "settle: {min: soon}\n", `[1:15] min: "soon" is not a duration`},
		{"duration without a unit", "latency:\n  max: 5\n", `[2:8] max: "5" is not a duration`},
		{"text for a number", "seed: x\n", "[1:7]"},
		{"negative balance", "balance: -1\n", "[1:10] balance: is negative"},
		{"fee of more than everything", "fee_basis_points: 10001\n", "fee_basis_points: is not between"},
		{"repeat", "repeated_reference: maybe\n", `"maybe" is not one of [pay refuse`},
		{"token life", "token_life: 1ms\n", "token_life: a token lives a second at least"},
		{"rate", "rate_cap: -1\n", "rate_cap: is negative"},
		{"outage without length", "outages:\n  - {after: 1s}\n", "outages[0]: needs a positive"},
		{"key twice", "seed: 1\nseed: 2\n", `[2:1] mapping key "seed" already defined`},
		{"two documents", "seed: 1\n---\nseed: 2\n", "[3:5] a second document"},
		{"not YAML", "{", "["},
	} {
		_, err := sandbox.ParseScenario([]byte(test.text))
		if !errors.Is(err, sandbox.ErrScenario) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: more than a line: %q", test.name, err)
		}
	}
}

func TestTheDefaultsAreSound(t *testing.T) {
	if err := sandbox.DefaultScenario().Validate(); err != nil {
		t.Error(err)
	}
	_, err := sandbox.New(sandbox.Options{Scenario: &sandbox.Scenario{}})
	if !errors.Is(err, sandbox.ErrScenario) {
		t.Errorf("an empty scenario opened: %v", err)
	}
}

// The samples are documentation: they must be readable, and complete. A rough day is
// one that a client survives; the other breaks what it takes for granted.
func TestTheSamplesHaveEveryFault(t *testing.T) {
	rough, broken := sample(t, "rough-day.yaml"), sample(t, "broken-day.yaml")
	for _, entry := range sandbox.Catalogue() {
		in, out := rough, broken
		if entry.Beyond != "" {
			in, out = broken, rough
		}
		if in.Faults[entry.Fault] == 0 || out.Faults[entry.Fault] != 0 {
			t.Errorf("%s is in the wrong sample, or in none", entry.Fault)
		}
	}
}

func sample(t *testing.T, name string) sandbox.Scenario {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	scenario, err := sandbox.ParseScenario(text)
	if err != nil {
		t.Fatal(err)
	}
	return scenario
}

// TestThePageAboutTheSandboxNamesEveryFaultAndChoice keeps docs/sandbox.md whole.
func TestThePageAboutTheSandboxNamesEveryFaultAndChoice(t *testing.T) {
	text, err := os.ReadFile("../../docs/sandbox.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range sandbox.Catalogue() {
		if row := fmt.Sprintf("| `%s` | %s |", entry.Fault, entry.Means); !strings.Contains(string(text), row) {
			t.Errorf("docs/sandbox.md has no row %s", row)
		}
	}
	for _, setting := range sandbox.Settings() {
		if row := fmt.Sprintf("| `%s: %s` | %s |", setting.Key, setting.Choice, setting.Means); !strings.Contains(string(text), row) {
			t.Errorf("docs/sandbox.md has no row %s", row)
		}
	}
}

func FuzzAScenarioIsSoundOrRefused(f *testing.F) {
	sample, err := os.ReadFile("testdata/rough-day.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	f.Add([]byte("faults: {pending: 1e400}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		scenario, err := sandbox.ParseScenario(text)
		if err != nil {
			if !errors.Is(err, sandbox.ErrScenario) {
				t.Errorf("%v does not wrap ErrScenario", err)
			}
			return
		}
		if err := scenario.Validate(); err != nil {
			t.Errorf("read without complaint, yet %v", err)
		}
	})
}
