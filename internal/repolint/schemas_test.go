package repolint

import (
	"encoding/json"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"payrun/ledger"
)

// schema is the part of a JSON Schema about one place that can be held against a type.
type schema struct {
	Ref         string             `json:"$ref"`
	Description string             `json:"description"`
	Type        any                `json:"type"`
	Format      string             `json:"format"`
	Const       any                `json:"const"`
	Enum        []any              `json:"enum"`
	AnyOf       []schema           `json:"anyOf"`
	Required    []string           `json:"required"`
	Properties  map[string]schema  `json:"properties"`
	Others      json.RawMessage    `json:"additionalProperties"`
	Items       *schema            `json:"items"`
	Defs        map[string]*schema `json:"$defs"`
}

// printedSchemas reads the schemas of what commands print, by kind.
func printedSchemas(t *testing.T, kinds []string) map[string]schema {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "docs", "schema", "*.schema.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("schemas %v, %v", files, err)
	}
	byKind := map[string]schema{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var s schema
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if kind, is := s.Properties["kind"].Const.(string); is && slices.Contains(kinds, kind) {
			byKind[kind] = s
		}
	}
	return byKind
}

// TestSchemasSayWhatIsPrinted: each key of each type that a command prints is in the schema of
// its kind with a description, and no other; what always stands there is required; what has
// words of its own is an enum of just these.
func TestSchemasSayWhatIsPrinted(t *testing.T) {
	printed := printedObjects(t)
	kinds := slices.Sorted(maps.Keys(printed))
	if len(kinds) < 40 {
		t.Fatalf("only %v are printed: the test looks in the wrong place", kinds)
	}
	schemas := printedSchemas(t, kinds)
	for _, kind := range kinds {
		s, is := schemas[kind]
		if !is {
			t.Errorf("the kind %q has no schema", kind)
			continue
		}
		c := comparison{T: t, file: s, seen: map[string]bool{}}
		delete(s.Properties, "kind")
		s.Required = slices.DeleteFunc(s.Required, func(key string) bool { return key == "kind" })
		var shapes []map[string]keyOf
		for _, shape := range printed[kind] {
			if pointer, is := shape.Underlying().(*types.Pointer); is {
				shape = pointer.Elem()
			}
			structure, is := shape.Underlying().(*types.Struct)
			if !is {
				t.Fatalf("%s is printed as %s, whose keys nobody can know", kind, shape)
			}
			shapes = append(shapes, keysOf(structure))
		}
		c.object(kind, s, shapes...)
	}
}

// comparison holds the schema of a file against types.
type comparison struct {
	*testing.T

	file schema
	// seen has the definitions that were compared.
	seen map[string]bool
}

// object compares an object with the shapes that it may have.
func (c comparison) object(where string, s schema, shapes ...map[string]keyOf) {
	all, always := map[string]keyOf{}, map[string]int{}
	for _, shape := range shapes {
		maps.Copy(all, shape)
		for key, of := range shape {
			if !of.optional {
				always[key]++
			}
		}
	}
	if string(s.Others) != "false" {
		c.Errorf("%s: additionalProperties is %s, want false", where, s.Others)
	}
	for key, of := range all {
		property, is := s.Properties[key]
		if !is {
			c.Errorf("%s: %s is printed, and not in the schema", where, key)
			continue
		}
		if property.Description == "" {
			c.Errorf("%s: %s has no description", where, key)
		}
		if required := slices.Contains(s.Required, key); required != (always[key] == len(shapes)) {
			c.Errorf("%s: %s is required: %t, and printed by %d of %d shapes", where, key, required, always[key], len(shapes))
		}
		c.value(where+"."+key, property, of.typ)
	}
	for key := range s.Properties {
		if _, is := all[key]; !is {
			c.Errorf("%s: nothing is printed as %s", where, key)
		}
	}
}

// value compares what stands in one place with its type.
func (c comparison) value(where string, s schema, t types.Type) {
	if name, is := strings.CutPrefix(s.Ref, "#/$defs/"); is {
		// A definition stands for one type; it need not be compared twice.
		key := name + " " + types.TypeString(t, nil)
		if c.seen[key] {
			return
		}
		c.seen[key] = true
		definition := c.file.Defs[name]
		if definition == nil {
			c.Errorf("%s: there is no %s", where, s.Ref)
			return
		}
		c.value(where, *definition, t)
		return
	}
	if words := wordsOf(t); len(words) > 0 && !isOpen(t) {
		c.words(where, s, words)
		return
	}
	if _, isPointer := t.(*types.Pointer); !isPointer && writesItself(t) {
		c.leaf(where, s, t)
		return
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		if len(s.AnyOf) == 2 && s.AnyOf[1].Type == "null" {
			s = s.AnyOf[0]
		} else if types, is := s.Type.([]any); !is || !slices.Contains(types, any("null")) {
			c.Errorf("%s may be null, and the schema does not know", where)
		}
		c.value(where, s, u.Elem())
	case *types.Struct:
		c.object(where, s, keysOf(u))
	case *types.Slice:
		if s.Type != "array" || s.Items == nil {
			c.Errorf("%s is a list, and %v in the schema", where, s.Type)
			return
		}
		c.value(where+"[]", *s.Items, u.Elem())
	case *types.Map:
		var value schema
		if err := json.Unmarshal(s.Others, &value); err != nil || s.Type != "object" {
			c.Errorf("%s is an object of any keys, and %v in the schema: %v", where, s.Type, err)
			return
		}
		c.value(where+"{}", value, u.Elem())
	case *types.Basic:
		c.basic(where, s, u)
	default:
		c.Errorf("%s is of type %s, whose keys nobody can know", where, t)
	}
}

// isOpen reports whether a type has constants, and other values as well.
func isOpen(t types.Type) bool {
	return slices.Contains([]string{"Currency", "Operator", "ActCode"}, t.(*types.Named).Obj().Name())
}

func (c comparison) words(where string, s schema, want []string) {
	var got []string
	for _, word := range s.Enum {
		if text, is := word.(string); is && text != "" {
			got = append(got, text)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		c.Errorf("%s is one of %v, want %v", where, got, want)
	}
}

// leaf compares what writes itself.
func (c comparison) leaf(where string, s schema, t types.Type) {
	switch name := types.TypeString(t, func(p *types.Package) string { return p.Name() }); name {
	case "ledger.State":
		c.words(where, s, namesOf(ledger.States()))
	case "ledger.BatchState":
		c.words(where, s, namesOf(ledger.BatchStates()))
	case "time.Time":
		if s.Format != "date-time" {
			c.Errorf("%s is a time, and the schema does not say so", where)
		}
	case "money.Amount", "money.Fine":
		if types, is := s.Type.([]any); !is || !slices.Equal(types, []any{"number", "null"}) {
			c.Errorf("%s is an amount, and %v in the schema", where, s.Type)
		}
	case "ledger.ByState", "ledger.Said":
	default:
		c.Errorf("%s is of type %s, which writes itself: say here what it writes", where, name)
	}
}

func namesOf[S interface{ String() string }](all []S) []string {
	var names []string
	for _, one := range all {
		names = append(names, one.String())
	}
	return names
}

func (c comparison) basic(where string, s schema, b *types.Basic) {
	want := "string"
	switch {
	case b.Info()&types.IsBoolean != 0:
		want = "boolean"
	case b.Info()&types.IsInteger != 0:
		want = "integer"
	}
	kind := s.Type
	if several, is := kind.([]any); is {
		kind = several[0] // the other is null
	}
	if kind != want && len(s.Enum) == 0 {
		c.Errorf("%s is %s, and %v in the schema", where, want, s.Type)
	}
}
