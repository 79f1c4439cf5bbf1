package console

import (
	"strings"

	"payrun/internal/catalogue"
)

// WordProblem words a problem as a page does.
func WordProblem(words *catalogue.Catalogue, p catalogue.Finding) (message, hint string) {
	return wordProblem(words, p)
}

// Route is an entry of the table of routes, for tests that walk through it.
type Route struct {
	Method, Path string
	Roles        []Role
	Open         bool
	Upload       bool
	Stream       bool
}

// Routes lists all there are.
func Routes() []Route {
	var all []Route
	for _, one := range new(server).routes() {
		all = append(all, Route{Method: one.method, Path: one.path, Roles: one.roles, Open: one.open, Upload: one.upload, Stream: one.stream})
	}
	return all
}

// Templates names the pages that there are.
func Templates() []string {
	files, err := templates.ReadDir("templates")
	if err != nil {
		panic(err) // they are part of the program
	}
	var names []string
	for _, one := range files {
		if name, is := strings.CutSuffix(one.Name(), ".html"); is && name != "layout" {
			names = append(names, name)
		}
	}
	return names
}

// HoldChecks has every file wait for its turn to be read, until release is called.
func (c *Console) HoldChecks() (release func()) { return c.checks.hold() }

// HoldSubmits has every file wait for its turn to be submitted, until release is called.
func (c *Console) HoldSubmits() (release func()) { return c.submits.hold() }

func (b *beside) hold() (release func()) {
	for range cap(b.turns) {
		b.turns <- struct{}{}
	}
	return func() {
		for range cap(b.turns) {
			<-b.turns
		}
	}
}
