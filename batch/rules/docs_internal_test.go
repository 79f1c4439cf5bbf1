package rules

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

func TestEveryKeyOfTheRulesIsExplained(t *testing.T) {
	page, err := os.ReadFile("../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []reflect.Type{reflect.TypeFor[file](), reflect.TypeFor[operatorEntry]()} {
		for field := range kind.Fields() {
			if key := field.Tag.Get("yaml"); !strings.Contains(string(page), "`"+key+"`") {
				t.Errorf("docs/rules.md does not explain %s", key)
			}
		}
	}
}
