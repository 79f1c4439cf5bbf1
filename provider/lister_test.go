package provider_test

import (
	"slices"
	"testing"
	"time"

	"payrun/provider"
	"payrun/provider/providertest"
)

// TestAListedTransferStandsBesideAnAnswerAboutAnother: both have names, which differ, and the
// listed one is paid or may be.
func TestAListedTransferStandsBesideAnAnswerAboutAnother(t *testing.T) {
	for name, test := range map[string]struct {
		listed provider.Transaction
		said   string
		want   bool
	}{
		"another was paid":            {provider.Transaction{ProviderRef: "A", Class: provider.Successful}, "B", true},
		"another is under way":        {provider.Transaction{ProviderRef: "A", Class: provider.Pending}, "B", true},
		"another failed":              {provider.Transaction{ProviderRef: "A", Class: provider.Failed}, "B", false},
		"the same":                    {provider.Transaction{ProviderRef: "A", Class: provider.Successful}, "A", false},
		"the list gives it no name":   {provider.Transaction{Class: provider.Successful}, "B", false},
		"the answer gives it no name": {provider.Transaction{ProviderRef: "A", Class: provider.Successful}, "", false},
	} {
		if got := test.listed.Beside(provider.Outcome{Class: provider.Failed, ProviderRef: test.said}); got != test.want {
			t.Errorf("%s: beside it %t", name, got)
		}
	}
}

// capable is a provider with a list, which may say that it has none.
type capable struct {
	*providertest.Double
	lists bool
}

func (c capable) Capabilities() provider.Capabilities {
	can := c.Double.Capabilities()
	can.List = c.lists
	return can
}

// TestAProviderThatSaysItHasNoListHasNone whatever methods it has.
func TestAProviderThatSaysItHasNoListHasNone(t *testing.T) {
	for _, lists := range []bool{true, false} {
		if _, can := provider.AsLister(capable{&providertest.Double{}, lists}); can != lists {
			t.Errorf("a list is used: %t, want %t", can, lists)
		}
	}
	if _, can := provider.AsLister(providertest.Answers{}); can {
		t.Error("a list is used that is not there")
	}
}

// TestWhatIsNotDatedIsNeitherBeforeNorAfter: nothing is concluded from a date that is missing.
func TestWhatIsNotDatedIsNeitherBeforeNorAfter(t *testing.T) {
	now := time.Now()
	if (provider.Outcome{}).DatedBefore(now) || (provider.Outcome{}).DatedAfter(time.Time{}.Add(-time.Hour)) {
		t.Error("an outcome without a date is before or after something")
	}
	dated := provider.Outcome{Described: provider.Described{At: now}}
	if !dated.DatedBefore(now.Add(48*time.Hour)) || !dated.DatedAfter(now.Add(-48*time.Hour)) {
		t.Error("days apart are before and after on any clock")
	}
}

// TestARegistryHasEachSettingOnce, and a driver those that are its own.
func TestARegistryHasEachSettingOnce(t *testing.T) {
	one := provider.Driver{Name: "one", Settings: []provider.Setting{{Name: "profile"}, {Name: "dialect"}}}
	two := provider.Driver{Name: "two", Settings: []provider.Setting{{Name: "dialect"}, {Name: "region"}}}
	registry := provider.Registry{one, two}
	var names []string
	for _, s := range registry.Settings() {
		names = append(names, s.Name)
	}
	if !slices.Equal(names, []string{"profile", "dialect", "region"}) {
		t.Errorf("%v", names)
	}
	if !one.Owns("profile") || one.Owns("region") || registry.First().Name != "one" || (provider.Registry{}).First().Name != "" {
		t.Error("a setting or a driver that is another's")
	}
}
