package sandbox

import (
	"fmt"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// ParseScenario reads a scenario file. What it leaves out is as in
// DefaultScenario, except that only the faults it names occur. Unknown keys,
// unknown faults and values out of range are errors that wrap ErrScenario and
// say in which line and column.
func ParseScenario(text []byte) (Scenario, error) {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return Scenario{}, fmt.Errorf("%w: %s", ErrScenario, yaml.FormatError(err, false, false))
	}
	scenario := defaults()
	if isEmpty(file) {
		return scenario, nil
	}
	if at, what := badDuration(file); at != nil {
		return Scenario{}, fmt.Errorf("%w: %s%s", ErrScenario, position(at), what)
	}
	if err := yaml.UnmarshalWithOptions(text, &scenario, yaml.Strict()); err != nil {
		return Scenario{}, fmt.Errorf("%w: %s", ErrScenario, yaml.FormatError(err, false, false))
	}
	if complaint := scenario.complaint(); complaint != nil {
		return Scenario{}, fmt.Errorf("%w: %s%w", ErrScenario, position(tokenOf(file, complaint.key)), complaint)
	}
	return scenario, nil
}

// isEmpty reports whether a file says nothing, comments apart. The decoder
// would clear the defaults for it.
func isEmpty(file *ast.File) bool {
	for _, document := range file.Docs {
		if body := document.Body; body != nil && body.Type() != ast.NullType && body.Type() != ast.CommentType {
			return false
		}
	}
	return true
}

// durationKeys are the keys whose values are spans of time.
//
//nolint:gochecknoglobals // table
var durationKeys = map[string]bool{"min": true, "max": true, "after": true, "for": true, "token_life": true}

// badDuration returns the first span of time that is none. The decoder would
// not say where it is, and takes a number without a unit for nanoseconds.
func badDuration(file *ast.File) (at *token.Token, what string) {
	for _, document := range file.Docs {
		for _, node := range ast.Filter(ast.MappingValueType, document) {
			entry, ok := node.(*ast.MappingValueNode)
			if !ok || !durationKeys[entry.Key.String()] || entry.Value == nil {
				continue
			}
			value := entry.Value.GetToken()
			if _, err := time.ParseDuration(value.Value); err != nil {
				return value, fmt.Sprintf("%s: %q is not a duration such as 300ms, 2s or 1h", entry.Key, value.Value)
			}
		}
	}
	return nil, ""
}

// tokenOf returns where a key's value stands, nil if it is not in the file.
func tokenOf(file *ast.File, key string) *token.Token {
	path, err := yaml.PathString("$." + key)
	if err != nil {
		return nil
	}
	node, err := path.FilterFile(file)
	if err != nil || node == nil {
		return nil
	}
	return node.GetToken()
}

// position is how the decoder writes where its complaints are.
func position(at *token.Token) string {
	if at == nil || at.Position == nil {
		return ""
	}
	return fmt.Sprintf("[%d:%d] ", at.Position.Line, at.Position.Column)
}
