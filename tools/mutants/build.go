package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// The environment chooses a mutant, and asks for the numbers of those that are reached.
const (
	envMutant  = "MUTANT"
	envReached = "MUTANTS_REACHED"
)

// runtimeSource is the file that every mutated package gets.
//
//go:embed runtime.go.txt
var runtimeSource []byte

// build compiles the tests of a package together with the mutants, and returns the binary
// and the folder to run it in.
func build(ctx context.Context, dir string, m *mutated, tests string) (binary, folder string, err error) {
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	write := func(original string, text []byte) error {
		changed := filepath.Join(dir, strconv.Itoa(len(overlay.Replace))+".go")
		overlay.Replace[original] = changed
		return os.WriteFile(changed, text, 0o600)
	}
	for name, text := range m.files {
		if err := write(name, text); err != nil {
			return "", "", err
		}
	}
	text := bytes.Replace(runtimeSource, []byte("package mutated"), []byte("package "+m.name), 1)
	text = bytes.Replace(text, []byte("const mutants = 1"), []byte(fmt.Sprintf("const mutants = %d", len(m.mutants)+1)), 1)
	if err := write(filepath.Join(m.folder, "zz_mutants.go"), text); err != nil {
		return "", "", err
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		return "", "", err
	}
	place := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(place, list, 0o600); err != nil {
		return "", "", err
	}
	binary = filepath.Join(dir, "mutants.test")
	output, err := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-overlay", place, "-o", binary, tests).CombinedOutput()
	if err != nil {
		return "", "", fmt.Errorf("compile the mutants: %w\n%s", err, output)
	}
	if _, err := os.Stat(binary); err != nil {
		return "", "", errors.New("there are no tests")
	}
	output, err = exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", tests).Output()
	return binary, string(bytes.TrimSpace(output)), err
}
