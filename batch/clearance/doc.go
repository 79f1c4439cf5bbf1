// Package clearance says whether what a batch would send was approved, by what the ledger
// has of policies, people and their signatures. It promises that the answer is
// approval.Evaluate's alone, over the payouts as the ledger has them now and never as they
// were signed: a payout that entered, was corrected or got another attempt since is not
// cleared by signatures from before. It records nothing.
//
// Where no policy ever came into force, nothing is asked of anybody, and nothing is read
// but the ledger's identity.
package clearance
