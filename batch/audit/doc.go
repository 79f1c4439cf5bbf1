// Package audit writes the evidence about a batch into a folder, and verifies such a
// folder without a ledger: what was accepted, what was approved and by whom, everything
// that happened to each payout, and what the reports say of it.
//
// It promises that whoever has the folder needs nothing else. A reader with sha256sum, jq
// and ssh-keygen can do what the folder's own VERIFY.md says; Verify does that and more:
// it replays the log into payouts and holds those against the list and the reports. What
// is not there to be checked is named, and never passes for checked.
//
// A folder shows that its parts belong together, and by whose key it was signed. That the
// key is the operator's, and that the log is the one of which reports were handed out
// before, is shown by those reports: Past brings them in. What a provider really did, and
// whether a folder is the newest, no folder can tell.
//
// What each file is made of, byte by byte, stands in docs/evidence.md.
package audit
