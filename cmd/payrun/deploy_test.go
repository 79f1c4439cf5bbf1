package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestTheDeploymentsSayWhatPayrunUnderstands reads the files for containers, and has every
// command line in them parsed.
func TestTheDeploymentsSayWhatPayrunUnderstands(t *testing.T) {
	type composition struct {
		Services map[string]struct {
			Image   string   `yaml:"image"`
			Command []string `yaml:"command"`
		} `yaml:"services"`
	}
	var workers, server composition
	readYAML(t, "machines/compose.yaml", &workers)
	readYAML(t, "recipes/container/compose.yaml", &server)
	var kubernetes struct {
		Kind string `yaml:"kind"`
		Spec struct {
			Template struct {
				Spec struct {
					Containers []struct {
						Image string   `yaml:"image"`
						Args  []string `yaml:"args"`
					} `yaml:"containers"`
				} `yaml:"spec"`
			} `yaml:"template"`
		} `yaml:"spec"`
	}
	readYAML(t, "machines/kubernetes.yaml", &kubernetes)
	lines := map[string][]string{}
	for of, compose := range map[string]composition{"workers": workers, "server": server} {
		for name, service := range compose.Services {
			if service.Image == "payrun" {
				lines["compose of "+of+", "+name] = service.Command
			}
		}
	}
	for _, container := range kubernetes.Spec.Template.Spec.Containers {
		lines["kubernetes "+kubernetes.Kind] = container.Args
	}
	const expected = 6
	if len(lines) != expected {
		t.Errorf("%d command lines, want %d: the test looks in the wrong place", len(lines), expected)
	}
	for where, args := range lines {
		cmd, rest, err := newApp(t.Context(), environment{}).rootCommand().Find(args)
		if err != nil || !cmd.Runnable() || cmd.ParseFlags(rest) != nil || cmd.ValidateArgs(cmd.Flags().Args()) != nil {
			t.Errorf("%s: payrun does not understand %q: %v", where, args, err)
		}
	}
}

func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}
