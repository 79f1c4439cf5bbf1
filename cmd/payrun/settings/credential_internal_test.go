package settings

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestASecretIsItsOwners: or that of the unit whose credentials systemd keeps, to which an access
// list lets the unit's user alone.
func TestASecretIsItsOwners(t *testing.T) {
	folder, elsewhere := t.TempDir(), t.TempDir()
	for _, test := range []struct {
		folder, credentials string
		mode                fs.FileMode
		read                bool
	}{
		{folder, "", 0o400, true},
		{folder, "", 0o440, false},
		{folder, folder, 0o440, true},
		{folder, folder + "/", 0o440, true},
		{folder, folder, 0o444, false},
		{folder, folder, 0o460, false},
		{elsewhere, folder, 0o440, false},
		{folder, ".", 0o440, false},
	} {
		path := filepath.Join(test.folder, "key")
		if err := os.WriteFile(path, []byte("secret\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, test.mode); err != nil {
			t.Fatal(err)
		}
		s := &Settings{Env: func(string) (string, bool) { return test.credentials, test.credentials != "" }}
		if value, err := s.readSecret(path); (err == nil) != test.read || (test.read && value != "secret") {
			t.Errorf("%o with CREDENTIALS_DIRECTORY=%q: %q, %v", test.mode, test.credentials, value, err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}
