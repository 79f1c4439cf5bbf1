// Package ui is the person's side of a command: what is asked, printed and logged, in
// their language, and how far something has come.
//
// It words what it is given and decides nothing. Words are the catalogue's; whatever
// reaches a terminal is text of which the terminal executes nothing.
package ui
