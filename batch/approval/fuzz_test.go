package approval_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"payrun/batch/approval"
)

func seed(f *testing.F, name string) {
	f.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
}

// FuzzParseContent holds that what is read is written as the same bytes.
func FuzzParseContent(f *testing.F) {
	seed(f, "content.txt")
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := approval.ParseContent(text)
		if err != nil {
			return
		}
		if written, err := c.Text(); err != nil || !bytes.Equal(written, text) {
			t.Fatalf("%q is written as %q: %v", text, written, err)
		}
	})
}

// FuzzParseStatement holds the same of decisions.
func FuzzParseStatement(f *testing.F) {
	seed(f, "decision.txt")
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := approval.ParseStatement(text)
		if err != nil {
			return
		}
		if written, err := s.Text(); err != nil || !bytes.Equal(written, text) {
			t.Fatalf("%q is written as %q: %v", text, written, err)
		}
	})
}

// FuzzParseAct holds the same of acts on the list of people.
func FuzzParseAct(f *testing.F) {
	seed(f, "person.txt")
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := approval.ParseAct(text)
		if err != nil {
			return
		}
		if written, err := a.Text(); err != nil || !bytes.Equal(written, text) {
			t.Fatalf("%q is written as %q: %v", text, written, err)
		}
	})
}

// FuzzParsePolicy holds that a policy that is read never does without a second person.
func FuzzParsePolicy(f *testing.F) {
	f.Add([]byte(policyText))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := approval.ParsePolicy(text)
		if err != nil {
			return
		}
		for _, tier := range p.Tiers {
			for _, need := range tier.Approvals {
				if need.Count < 1 || len(need.From) == 0 {
					t.Fatalf("%q: %+v", text, tier)
				}
			}
			if len(tier.Approvals) == 0 {
				t.Fatalf("%q: %+v", text, tier)
			}
		}
	})
}
