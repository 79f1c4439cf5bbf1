package console

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed static
var static embed.FS

// asset is a file that pages load. Its version changes with its content.
type asset struct {
	content []byte
	kind    string
	version string
}

// readAssets reads the files of static/, by name.
func readAssets() (map[string]asset, error) {
	kinds := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	files, err := static.ReadDir("static")
	if err != nil {
		return nil, err
	}
	all := map[string]asset{}
	for _, file := range files {
		content, err := static.ReadFile(path.Join("static", file.Name()))
		if err != nil {
			return nil, err
		}
		kind, known := kinds[path.Ext(file.Name())]
		if !known {
			continue // what only tools read
		}
		sum := sha256.Sum256(content)
		const enough = 8
		all[file.Name()] = asset{content, kind, hex.EncodeToString(sum[:enough])}
	}
	return all, nil
}

// asset answers with a file of static/, for ever where the version is named.
func (s *server) asset(w http.ResponseWriter, r *http.Request) {
	found, known := s.assets[r.PathValue("name")]
	if !known {
		s.tell(w, r, errNowhere)
		return
	}
	header := w.Header()
	if r.URL.Query().Get("v") == found.version {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	header.Set("Content-Type", found.kind)
	header.Set("Content-Length", strconv.Itoa(len(found.content)))
	_, _ = strings.NewReader(string(found.content)).WriteTo(w) // whoever asked may have gone
}
