package ui

import (
	"strconv"
	"strings"

	"payrun/batch/intake/table"
)

// Inventory divides all rows of a file that have content. Its keys are documented in
// docs/json.md.
type Inventory struct {
	Rows      int     `json:"rows"`
	Titles    int     `json:"titles"`
	Read      int     `json:"read"`
	Prefilled int     `json:"prefilled"`
	Skipped   int     `json:"skipped"`
	Unread    []Place `json:"unread"`
}

// Place is rows that were not read.
type Place struct {
	Sheet  string `json:"sheet"`
	First  int    `json:"first"`
	Last   int    `json:"last"`
	Rows   int    `json:"rows"`
	Hidden bool   `json:"hidden"`
}

// NewInventory is an inventory as scripts get it.
func NewInventory(i table.Inventory) Inventory {
	shown := Inventory{
		Rows: i.Rows(), Titles: i.Titles, Read: i.Read, Prefilled: i.Prefilled, Skipped: i.Skipped, Unread: []Place{},
	}
	for _, p := range i.Unread {
		shown.Unread = append(shown.Unread, Place{Sheet: p.Sheet, First: p.First, Last: p.Last, Rows: p.Rows, Hidden: p.Hidden})
	}
	return shown
}

// SayInventory tells what became of every row with content, unless all of them but
// the titles were read.
func (u *UI) SayInventory(i table.Inventory) error {
	if i.Rows() == i.Read+1 || i.Rows() == i.Read {
		return nil
	}
	parts := []string{u.Text("inventory.titles", "count", strconv.Itoa(i.Titles)), u.Text("inventory.read", "count", strconv.Itoa(i.Read))}
	if i.Prefilled > 0 {
		parts = append(parts, u.Text("inventory.prefilled", "count", strconv.Itoa(i.Prefilled)))
	}
	if i.Skipped > 0 {
		parts = append(parts, u.Text("inventory.skipped", "count", strconv.Itoa(i.Skipped)))
	}
	for _, p := range i.Unread {
		args := []string{"count", strconv.Itoa(p.Rows), "sheet", p.Sheet, "first", strconv.Itoa(p.First), "last", strconv.Itoa(p.Last)}
		switch {
		case p.Hidden:
			parts = append(parts, u.Text("inventory.unread_hidden", args...))
		case p.Sheet != "":
			parts = append(parts, u.Text("inventory.unread_sheet", args...))
		default:
			parts = append(parts, u.Text("inventory.unread", args...))
		}
	}
	return u.Say("%s", u.Text("inventory.rows", "count", strconv.Itoa(i.Rows()), "parts", strings.Join(parts, ", ")))
}
