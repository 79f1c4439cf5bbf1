package approval_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"payrun/batch/approval"
)

// schema compiles the published schema.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	compiled, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "docs", "schema", "policy.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

const smallest = "currency: XOF\ntiers:\n  - name: all\n    approvals: [{count: 1, from: [checker]}]\n"

// TestPoliciesAndTheirSchema reads policies and holds them against the published
// schema, which knows all of it but what tiers say about each other.
func TestPoliciesAndTheirSchema(t *testing.T) {
	second := "  - name: large\n    batch_total: 5\n    approvals: [{count: 1, from: [checker]}, {count: 1, from: [director, chief-2]}]\n"
	published := schema(t)
	for name, c := range map[string]struct {
		text       string
		ok, beyond bool // beyond what a schema can say
	}{
		"smallest":          {smallest, true, false},
		"two tiers":         {smallest + second, true, false},
		"of these tests":    {policyText, true, false},
		"all keys":          {"expiry: 744h\nmakers: signed\nretry: unchanged\n" + smallest + second, true, false},
		"comments":          {"# who pays\n" + smallest, true, false},
		"no tier":           {"currency: XOF\n", false, false},
		"empty tiers":       {"currency: XOF\ntiers: []\n", false, false},
		"no currency":       {strings.Replace(smallest, "currency: XOF\n", "", 1), false, false},
		"currency in words": {strings.Replace(smallest, "XOF", "francs", 1), false, false},
		"unknown key":       {smallest + "approvers: 2\n", false, false},
		"unknown tier key":  {strings.Replace(smallest, "name: all", "name: all\n    total: 5", 1), false, false},
		"no approvals":      {strings.Replace(smallest, "[{count: 1, from: [checker]}]", "[]", 1), false, false},
		"none needed":       {strings.Replace(smallest, "count: 1", "count: 0", 1), false, false},
		"too many":          {strings.Replace(smallest, "count: 1", "count: 21", 1), false, false},
		"half a person":     {strings.Replace(smallest, "count: 1", "count: 1.5", 1), false, false},
		"a count in words":  {strings.Replace(smallest, "count: 1", `count: "1"`, 1), false, false},
		"from nobody":       {strings.Replace(smallest, "[checker]", "[]", 1), false, false},
		"a role with space": {strings.Replace(smallest, "[checker]", "[Chief Accountant]", 1), false, false},
		"no name":           {strings.Replace(smallest, "name: all", "batch_total: 5", 1), false, false},
		"first with a sum":  {strings.Replace(smallest, "name: all", "name: all\n    maker_day: 5", 1), false, false},
		"later without":     {smallest + strings.Replace(second, "    batch_total: 5\n", "", 1), false, false},
		"a sum of nothing":  {smallest + strings.Replace(second, "batch_total: 5", "batch_total: 0", 1), false, false},
		"a negative sum":    {smallest + strings.Replace(second, "batch_total: 5", "one_number: -5", 1), false, false},
		"expiry in days":    {"expiry: 3d\n" + smallest, false, false},
		"expiry of nothing": {"expiry: 0h\n" + smallest, false, false},
		"expiry of months":  {"expiry: 745h\n" + smallest, false, false},
		"makers guessed":    {"makers: guessed\n" + smallest, false, false},
		"retry at will":     {"retry: always\n" + smallest, false, false},

		"a name twice":         {smallest + strings.Replace(second, "large", "all", 1), false, true},
		"sums that fall":       {smallest + second + strings.NewReplacer("large", "larger", ": 5", ": 4").Replace(second), false, true},
		"sums of another kind": {smallest + second + strings.NewReplacer("large", "larger", "batch_total: 5", "one_number: 4").Replace(second), true, false},
		"fewer for more":       {smallest + second + "  - name: huge\n    batch_total: 9\n    approvals: [{count: 1, from: [checker]}]\n", false, true},
		"too many together":    {strings.Replace(smallest, "[{count: 1, from: [checker]}]", "[{count: 20, from: [a]}, {count: 1, from: [b]}]", 1), false, true},
	} {
		p, err := approval.ParsePolicy([]byte(c.text))
		if (err == nil) != c.ok || err != nil && !errors.Is(err, approval.ErrPolicy) {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
		inJSON, err := yaml.YAMLToJSON([]byte(c.text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(inJSON))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := published.Validate(document); (err == nil) != (c.ok || c.beyond) {
			t.Errorf("%s, by the schema: %v", name, err)
		}
	}
	for name, text := range map[string]string{"empty": "", "two documents": smallest + "---\n" + smallest, "no YAML": "tiers: ["} {
		if p, err := approval.ParsePolicy([]byte(text)); !errors.Is(err, approval.ErrPolicy) {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
}

// TestThePolicyIsItsBytes holds that a digest is that of the file, comments and all.
func TestThePolicyIsItsBytes(t *testing.T) {
	a, b := policy(t, smallest), policy(t, "# the same\n"+smallest)
	if a.Digest() == b.Digest() || string(b.Text()) != "# the same\n"+smallest {
		t.Error("two files have one digest")
	}
	if a.Expiry != 72*time.Hour || a.Makers != approval.Named || a.RetryUnchanged {
		t.Errorf("what is not said: %+v", a)
	}
	if !a.Asks(approval.Retry) || policy(t, smallest+"retry: unchanged\n").Asks(approval.Retry) || !policy(t, smallest+"retry: unchanged\n").Asks(approval.Correction) {
		t.Error("retries")
	}
}

// TestTheHighestTierThatIsReachedCounts tries sums at their edges.
func TestTheHighestTierThatIsReachedCounts(t *testing.T) {
	p := policy(t, smallest+`  - name: large
    batch_total: 1000
    one_number: 100
    approvals: [{count: 2, from: [checker]}]
  - name: huge
    batch_total: 5000
    maker_day: 9000
    approvals: [{count: 2, from: [director]}]
`)
	for _, c := range []struct {
		total, one, day int64
		want            string
	}{
		{1, 1, 1, "all"},
		{999, 99, 8999, "all"},
		{1000, 1, 1000, "large"},
		{500, 100, 500, "large"},
		{4999, 4999, 8999, "large"},
		{5000, 1, 5000, "huge"},
		{1, 1, 9000, "huge"},
	} {
		content := approval.Content{
			Summary:  approval.Summary{Total: c.total, Highest: approval.NumberSum{Amount: c.one}},
			MakerDay: c.day,
		}
		if got := p.TierOf(content).Name; got != c.want {
			t.Errorf("%+v is of tier %q", c, got)
		}
	}
}

// TestTheEndIsCountedFromSealing tries times before which nothing may be paid.
func TestTheEndIsCountedFromSealing(t *testing.T) {
	p := policy(t, smallest)
	for notBefore, want := range map[time.Duration]time.Duration{0: 72 * time.Hour, 48 * time.Hour: 72 * time.Hour, 49 * time.Hour: 73 * time.Hour, 240 * time.Hour: 264 * time.Hour} {
		var from time.Time
		if notBefore > 0 {
			from = sealed.Add(notBefore)
		}
		if got := p.NotAfter(sealed, from); !got.Equal(sealed.Add(want)) {
			t.Errorf("not before %s: until %s", notBefore, got)
		}
	}
}

// TestTheExampleIsAPolicy reads the policy that the documentation shows.
func TestTheExampleIsAPolicy(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "evidence.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"content.txt", "plan.txt", "decision.txt", "person.txt"} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(page), "```text\n"+string(text)+"```") {
			t.Errorf("docs/evidence.md does not show %s as it is", name)
		}
	}
	_, rest, found := strings.Cut(string(page), "```yaml\n")
	text, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("docs/evidence.md shows no policy")
	}
	policy(t, text)
}

// TestASumThatAPolicyDoesNotNameReachesNothing: a tier counts by the sums that it names alone.
func TestASumThatAPolicyDoesNotNameReachesNothing(t *testing.T) {
	for name, tier := range map[string]approval.Tier{
		"the batch": {BatchTotal: 100}, "one number": {OneNumber: 100}, "the makers": {MakerDay: 100},
	} {
		p := approval.Policy{Tiers: []approval.Tier{{Name: "smallest"}, tier}}
		p.Tiers[1].Name = name
		for _, other := range []int64{99, 100} {
			for sum, c := range map[string]approval.Content{
				"the batch":  {Summary: approval.Summary{Total: other}},
				"one number": {Summary: approval.Summary{Highest: approval.NumberSum{Amount: other}}},
				"the makers": {MakerDay: other},
			} {
				want := "smallest"
				if sum == name && other == 100 {
					want = name
				}
				if got := p.TierOf(c).Name; got != want {
					t.Errorf("a tier by %s, and %s comes to %d: %s, want %s", name, sum, other, got, want)
				}
			}
		}
	}
}
