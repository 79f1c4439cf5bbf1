// Package providertest holds what every provider.Provider must keep, and doubles
// that behave in one way each.
//
// Run tries an implementation against a simulated provider on days of several
// kinds. It judges by the books of that provider, never by what the
// implementation says of itself: a payout may be called not processed only if
// nobody was paid, and paid only if somebody was, once, the amount asked for.
//
// The doubles are for tests of what stands above a provider. They keep books
// too, pay a repeated reference again as the worst of providers would, and
// forget nothing.
package providertest
