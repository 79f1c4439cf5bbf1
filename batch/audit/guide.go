package audit

import (
	"bytes"
	"embed"
	"text/template"
)

// The instructions of a folder, in both languages, over the same commands.
//
//go:embed guide/*.tmpl
var guideFiles embed.FS

// guide says which of the instructions a folder needs.
type guide struct {
	// Signed is set if the folder is, Copy is the name of the copy of the file, empty if
	// there is none.
	Signed bool
	Copy   string
	// Approved is set if something was submitted for approval.
	Approved bool
	// Elsewhere is set if payouts of other batches are in the report.
	Elsewhere bool
}

func guideOf(i Index, signed bool) guide {
	return guide{Signed: signed, Copy: i.File.Copy, Elsewhere: len(i.Elsewhere) > 0, Approved: i.Submissions > 0}
}

// text is that of the instructions.
func (g guide) text(french bool) ([]byte, error) {
	parsed, err := template.ParseFS(guideFiles, "guide/*.tmpl")
	if err != nil {
		return nil, err
	}
	name := "verify.en.md.tmpl"
	if french {
		name = "verify.fr.md.tmpl"
	}
	var text bytes.Buffer
	err = parsed.ExecuteTemplate(&text, name, g)
	return text.Bytes(), err
}
