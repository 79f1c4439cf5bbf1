// Package retry gives what failed a new attempt, in the same terms or in corrected ones.
//
// It lets a payout through only if every attempt that it had is finally not paid, at that
// moment and by the provider's own word: a Retrier looks each of them up, and believes a
// "not found" only beside a transfer that is certainly there. It leaves out who was paid
// under another id meanwhile. It sends nothing: what it queues is paid by package engine.
package retry
