package digitalpaye

import (
	"bytes"
	_ "embed" // the profile and the form of statements
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed profile-ci.yaml
var profileYAML []byte

//go:embed statement.yaml
var statementYAML []byte

// StatementForm returns how the dashboard writes its statements, in YAML. The caller
// owns the bytes.
func StatementForm() []byte { return bytes.Clone(statementYAML) }

// OperatorNames are the names that the API has for operators, by the operator's id and
// the dialect: OperatorNames["ORANGE"]["v2"] is "ORANGE_MONEY_CI".
type OperatorNames map[string]map[string]string

// profile reads the profile, once.
//
//nolint:gochecknoglobals // never changes
var profile = sync.OnceValues(func() (OperatorNames, error) {
	var data struct {
		Operators OperatorNames `yaml:"operators"`
	}
	if err := yaml.UnmarshalWithOptions(profileYAML, &data, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read the profile: %w", err)
	}
	return data.Operators, nil
})

// operatorNames returns what a dialect calls each operator: what the profile says, and
// what replaces or adds to it.
func operatorNames(dialect Dialect, replaced OperatorNames) (map[string]string, error) {
	known, err := profile()
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(known))
	for _, from := range []OperatorNames{known, replaced} {
		for _, operator := range slices.Sorted(maps.Keys(from)) {
			for of, name := range from[operator] {
				if Dialect(of) != V1 && Dialect(of) != V2 {
					return nil, fmt.Errorf("the name of operator %q in dialect %q: want v1 or v2", operator, of)
				}
				if Dialect(of) == dialect {
					names[operator] = name
				}
			}
		}
	}
	return names, nil
}

// operator returns what the API calls an operator: its id if nothing else is known.
func (c *Client) operator(id string) string {
	if name, known := c.operators[id]; known {
		return name
	}
	return id
}
