package console

import (
	"net/http"
	"strconv"
	"strings"

	"payrun/batch/inbox"
	"payrun/batch/intake"
	"payrun/batch/intake/table"
	"payrun/batch/intake/template"
	"payrun/batch/service"
	"payrun/ledger"
)

// choose keeps what a person says of a file.
func (s *server) choose(w http.ResponseWriter, r *http.Request) error {
	up, err := s.uploadOf(r)
	if err != nil {
		return err
	}
	found, err := s.understand(r.Context(), up)
	if err != nil {
		return err
	}
	form := r.PostFormValue
	if name := strings.TrimSpace(form("batch")); name != "" {
		if !intake.ValidID(name) {
			return errBatchName
		}
		up.Batch = ledger.BatchID(name)
	}
	up.Sheet = form("sheet")
	switch hidden := table.Hidden(form("hidden")); hidden {
	case "", table.HiddenPay, table.HiddenSkip:
		up.Hidden = hidden
	default:
		return errRequest
	}
	up.RestoreZero, up.SkipInvalid = form("restore_zero") == "yes", form("skip_invalid") == "yes"
	if up.Repeats = nil; strings.TrimSpace(form("repeats")) != "" {
		count, err := strconv.Atoi(strings.TrimSpace(form("repeats")))
		if err != nil || count < 0 {
			return errRequest
		}
		up.Repeats = &count
	}
	if err := chooseColumns(&up, found, form); err != nil {
		return err
	}
	if err := s.submits.apart(up.ID, func() error { return s.inbox.Put(up) }); err != nil {
		return err
	}
	s.redirect(w, r, uploadPath(up, ""))
	return nil
}

// errBatchName is a name that no batch can have.
var errBatchName error = &problem{"batch_name", http.StatusUnprocessableEntity}

// chooseColumns keeps the columns that a person chose: what they leave as it was found is no choice.
func chooseColumns(up *inbox.Upload, found service.Understood, form func(string) string) error {
	chosen := map[table.Field]int{}
	for _, field := range template.Fields() {
		text := form("column." + string(field))
		if text == "" {
			continue
		}
		column, err := strconv.Atoi(text)
		if err != nil || column < 0 || column >= len(found.Columns.List) {
			return errRequest
		}
		_, before := up.Columns[field]
		if before || column != takenFor(found, field) {
			chosen[field] = column
		}
	}
	if up.Columns = nil; len(chosen) > 0 {
		up.Columns = chosen
	}
	return nil
}
