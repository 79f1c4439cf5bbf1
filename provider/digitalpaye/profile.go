package digitalpaye

import (
	"bytes"
	_ "embed" // the profile and the form of statements
	"fmt"
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

// profile reads what each dialect calls each operator, by its id, once.
//
//nolint:gochecknoglobals // never changes
var profile = sync.OnceValues(func() (map[string]map[Dialect]string, error) {
	var data struct {
		Operators map[string]map[Dialect]string `yaml:"operators"`
	}
	if err := yaml.UnmarshalWithOptions(profileYAML, &data, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read the profile: %w", err)
	}
	return data.Operators, nil
})

// operatorNames returns what a dialect calls each operator. Nothing that is set on a later
// day adds to the profile: a payout goes to the operator that was accepted.
func operatorNames(dialect Dialect) (map[string]string, error) {
	known, err := profile()
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(known))
	for operator, of := range known {
		names[operator] = of[dialect]
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
