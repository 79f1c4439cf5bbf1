package table

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

const samples = "../../../testdata/input"

// TestRealFilesAreReadAsTheirGoldenFilesSay reads every sample, of which
// testdata/input/README.md says where it comes from.
func TestRealFilesAreReadAsTheirGoldenFilesSay(t *testing.T) {
	entries, err := os.ReadDir(samples)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || name == "README.md" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			got := dump(t, filepath.Join(samples, name), Options{})
			golden := filepath.Join(samples, "golden", name+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("reading differs from %s (-want +got):\n%s", golden, diff)
			}
		})
	}
}

// TestEveryGoldenFileHasItsSample keeps a renamed sample from leaving the proof
// of something else behind.
func TestEveryGoldenFileHasItsSample(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join(samples, "golden"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		sample := filepath.Join(samples, strings.TrimSuffix(entry.Name(), ".txt"))
		if _, err := os.Stat(sample); err != nil {
			t.Errorf("golden file without its sample: %v", err)
		}
	}
}

// dump writes what was read of a file, a line per row.
func dump(t *testing.T, path string, opts Options) string {
	t.Helper()
	var b strings.Builder
	file, err := Open(path, opts)
	if err != nil {
		fmt.Fprintf(&b, "%s: %s\n", Code(err), strings.ReplaceAll(err.Error(), path, filepath.Base(path)))
		return b.String()
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	describe(&b, file.Info())
	for row, err := range file.Rows(t.Context()) {
		if err != nil {
			fmt.Fprintf(&b, "%s: %v\n", Code(err), err)
			break
		}
		fmt.Fprintf(&b, "%d:", row.Number)
		if row.Problem != "" {
			fmt.Fprintf(&b, " (%s)", row.Problem)
		}
		for _, field := range knownFields {
			writeCell(&b, field, row.Cell(field))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func describe(b *strings.Builder, info Info) {
	fmt.Fprintf(b, "format %s", info.Format)
	if info.Format == FormatCSV {
		fmt.Fprintf(b, ", encoding %s, separator %q", info.Encoding, info.Separator)
	} else {
		fmt.Fprintf(b, ", sheet %q", info.Sheet)
	}
	fmt.Fprintf(b, ", header in row %d\n", info.HeaderRow)
	for _, field := range sortedFields(info.Headers) {
		fmt.Fprintf(b, "  %s is %q\n", field, info.Headers[field])
	}
	for _, title := range info.Unknown {
		fmt.Fprintf(b, "  not read: %q\n", title)
	}
}

func writeCell(b *strings.Builder, field Field, cell Cell) {
	if cell == (Cell{}) {
		return
	}
	fmt.Fprintf(b, " %s=%q", field, cell.Text)
	if cell.Numeric {
		b.WriteString("#")
	}
	if cell.Problem != "" {
		fmt.Fprintf(b, "(%s)", cell.Problem)
	}
}

// written puts content into a file of its own.
func written(tb testing.TB, name, content string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), fs.FileMode(0o600)); err != nil {
		tb.Fatal(err)
	}
	return path
}
