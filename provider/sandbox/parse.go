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
	body, err := content(file)
	if err != nil {
		return Scenario{}, err
	}
	if body == nil {
		return scenario, nil
	}
	if at, what := badDuration(body); at != nil {
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

// content returns what a file says, nil if that is nothing, comments apart: the
// decoder would clear the defaults for it.
func content(file *ast.File) (ast.Node, error) {
	var content ast.Node
	for _, document := range file.Docs {
		body := document.Body
		if body == nil || body.Type() == ast.NullType || body.Type() == ast.CommentType {
			continue
		}
		if content != nil {
			return nil, fmt.Errorf("%w: %sa second document", ErrScenario, position(body.GetToken()))
		}
		content = body
	}
	return content, nil
}

// durationKeys are the keys whose values are spans of time.
//
//nolint:gochecknoglobals // table
var durationKeys = map[string]bool{"min": true, "max": true, "after": true, "for": true, "token_life": true, "clock_ahead": true}

// badDuration returns the first span of time that is none. The decoder would
// not say where it is, and takes a number without a unit for nanoseconds.
func badDuration(body ast.Node) (at *token.Token, what string) {
	for _, node := range ast.Filter(ast.MappingValueType, body) {
		entry, ok := node.(*ast.MappingValueNode)
		if !ok || !durationKeys[entry.Key.String()] || entry.Value == nil {
			continue
		}
		value := entry.Value.GetToken()
		if _, err := time.ParseDuration(value.Value); err != nil {
			return value, fmt.Sprintf("%s: %q is not a duration such as 300ms, 2s or 1h", entry.Key, value.Value)
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

// position is the decoder's form of a place.
func position(at *token.Token) string {
	if at == nil || at.Position == nil {
		return ""
	}
	return fmt.Sprintf("[%d:%d] ", at.Position.Line, at.Position.Column)
}
