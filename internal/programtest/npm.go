package programtest

import (
	"os"
	"path/filepath"
	"testing"
)

// packages is where npm puts what tools/npm/package.json asks for, below the root of the
// checkout.
const packages = "tools/npm/node_modules"

// Package returns the path of a file of an npm package, such as axe-core/axe.min.js, which
// `npm ci --prefix tools/npm` installs. Without it the test is skipped; in CI it fails.
func Package(t *testing.T, name string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a package of npm")
	}
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; folder = filepath.Dir(folder) {
		path := filepath.Join(folder, packages, name)
		if _, err := os.Stat(path); err == nil {
			return path
		}
		if folder == filepath.Dir(folder) {
			break
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed in %s, and CI must have it", name, packages)
	}
	t.Skipf("%s is not installed: npm ci --prefix tools/npm", name)
	return ""
}
