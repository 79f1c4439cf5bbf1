// Package approval decides whether a batch may be paid because enough people have
// signed exactly what will be paid. It promises that no set of signatures without a
// second person ever passes, and that nothing but the signed content does. It reads no
// ledger and no clock: whoever asks brings what the ledger says, in the ledger's order,
// so that the engine, the console and an auditor's laptop come to the same verdict.
//
// The pieces:
//
//   - Content is what is approved, fixed when a batch is sealed. Its text is what people
//     read, and the SHA-256 of the text is what they sign. Tally makes its figures from
//     the payouts, and the canonical list of them.
//   - Decision is one person's word about one content (or one policy), with its text
//     and signature.
//   - People are who may sign, replayed from acts that an admin signed.
//   - Policy is how many approvals from whom, as data.
//   - Evaluate makes a Verdict of them: the one place that decides.
//
// What the texts look like, byte by byte, stands in docs/evidence.md. What is not
// written exactly so is refused, so that what was signed can be read in one way only.
//
// Who keeps all this, and in which order it happened, is the ledger's to say: events
// have numbers there, and this package goes by them before it goes by any clock.
package approval
