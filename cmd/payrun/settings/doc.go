// Package settings holds the settings of an invocation of payrun, each with its origin:
// typed, in the environment, or in a configuration file.
//
// It also says what follows from where a setting came from: which files may speak for a
// person at all, which host their credentials may go to, and where their ledger lies; and
// what follows from the definitions of the flags: completion, manual pages, the template of
// the configuration file, and the commands that a person can type next.
package settings
