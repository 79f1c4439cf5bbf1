package console

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"payrun/internal/catalogue"
	"payrun/ledger/money"
)

// templates holds a file for each page, which defines "title" and "main"; layout.html around
// them; and in parts/ what several pages use.
//
//go:embed templates
var templates embed.FS

// pages are the templates of each page, by language and name.
type pages map[catalogue.Language]map[string]*template.Template

// readPages parses every page in every language.
func readPages(assets map[string]asset) (pages, error) {
	all := pages{}
	names, err := templates.ReadDir("templates")
	if err != nil {
		return nil, err
	}
	for _, language := range []catalogue.Language{catalogue.French, catalogue.English} {
		words, err := catalogue.Console(language)
		if err != nil {
			return nil, err
		}
		base, err := template.New("").Funcs(functions(words, assets)).ParseFS(templates, "templates/layout.html", "templates/parts/*.html")
		if err != nil {
			return nil, err
		}
		all[language] = map[string]*template.Template{}
		for _, file := range names {
			name, isPage := strings.CutSuffix(file.Name(), ".html")
			if !isPage || name == "layout" {
				continue
			}
			page, err := base.Clone()
			if err == nil {
				_, err = page.ParseFS(templates, path.Join("templates", file.Name()))
			}
			if err != nil {
				return nil, err
			}
			all[language][name] = page
		}
	}
	return all, nil
}

// functions are those that templates may call.
func functions(words *catalogue.Catalogue, assets map[string]asset) template.FuncMap {
	return template.FuncMap{
		// t words a key, with pairs of name and value.
		"t": func(key string, args ...any) string {
			texts := make([]string, len(args))
			for i, arg := range args {
				texts[i] = shown(arg)
			}
			return words.Text(key, texts...)
		},
		// show writes an amount, a count or a text.
		"show": shown,
		// stamp is a moment for <time datetime>; when is the same for a reader, in the server's zone.
		"stamp": func(at time.Time) string { return at.UTC().Format(time.RFC3339) },
		"when":  func(at time.Time) string { return at.Local().Format("2006-01-02 15:04 MST") },
		// asset is the address of a file of static/.
		"asset": func(name string) string { return "/static/" + name + "?v=" + assets[name].version },
		// list writes words one after the other.
		"list": func(words []string) string { return strings.Join(words, ", ") },
		// title is the short name of a warning.
		"title": words.Title,
		// pair hands two values to a part of a page.
		"pair": func(first, second any) [2]any { return [2]any{first, second} },
	}
}

// shown writes a value for a reader: figures in groups, amounts with their currency.
func shown(value any) string {
	switch v := value.(type) {
	case money.Amount:
		return v.Grouped() + " " + string(v.Currency)
	case money.Fine:
		return v.Grouped() + " " + string(v.Currency)
	case *money.Fine:
		return shown(*v)
	case *money.Amount:
		return shown(*v)
	case int:
		return money.Group(int64(v))
	case int64:
		return money.Group(v)
	case uint64:
		return money.Group(int64(v)) //nolint:gosec // a count of events
	case time.Time:
		return v.Local().Format("2006-01-02 15:04 MST")
	default:
		return fmt.Sprint(v)
	}
}

// page is the part that the layout knows.
type page struct {
	// Name is that of its template.
	Name    string
	Visitor Visitor
	// Here is the address of the page, to come back to.
	Here    string
	Nav     []link
	Sandbox bool
	// Notice is the word of what was done just now, empty for nothing.
	Notice string
	// Data comes from the handler.
	Data any
}

// paging leads from a page of a list to others.
type paging struct {
	// First is the address of the first page, empty on it; Next that of the next one, empty on the last.
	First, Next string
}

// link leads to a page.
type link struct {
	Path, Words string
	// Current is the page itself, or one below it.
	Current bool
}

// render answers with a page, which is templates/NAME.html; the page has data as .Data.
func (s *server) render(w http.ResponseWriter, r *http.Request, name string, data any) error {
	return s.renderAs(w, r, http.StatusOK, name, data)
}

// renderAs is render with a status.
func (s *server) renderAs(w http.ResponseWriter, r *http.Request, status int, name string, data any) error {
	v := visitorOf(r)
	if v.Language == "" {
		v.Language = languageOf(r)
	}
	template, known := s.pages[v.Language][name]
	if !known {
		return fmt.Errorf("there is no page %q", name)
	}
	p := page{Name: name, Visitor: v, Here: here(r), Nav: s.navigation(r, v), Sandbox: s.Sandbox, Notice: s.notice(w, r), Data: data}
	var body bytes.Buffer
	if err := template.ExecuteTemplate(&body, "layout.html", p); err != nil {
		return fmt.Errorf("page %q: %w", name, err)
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Language", string(v.Language))
	header.Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	_, _ = body.WriteTo(w) // whoever asked may have gone
	return nil
}

// here is the address to come back to: that of the page, for whoever asked for one.
func here(r *http.Request) string {
	if r.Method != http.MethodGet {
		return "/"
	}
	return r.URL.RequestURI()
}

// navigation leads to the pages that a visitor may open.
func (s *server) navigation(r *http.Request, v Visitor) []link {
	var all []link
	for _, one := range s.routes() {
		if one.nav == "" || !v.SignedIn() || len(one.roles) > 0 && !v.Is(one.roles...) {
			continue
		}
		current := r.URL.Path == one.path || strings.HasPrefix(r.URL.Path, one.path+"/")
		all = append(all, link{Path: one.path, Words: one.nav, Current: current})
	}
	return all
}

// words are those of a visitor's language.
func (s *server) words(r *http.Request) *catalogue.Catalogue {
	language := visitorOf(r).Language
	if language == "" {
		language = languageOf(r)
	}
	words, err := catalogue.Console(language)
	if err != nil { // which New would have refused
		return new(catalogue.Catalogue)
	}
	return words
}
