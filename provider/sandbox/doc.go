// Package sandbox is a simulated Digitalpaye: the provider's documented pages
// over real HTTP, with books of its own and, when a scenario asks for it, the
// faults of a bad day.
package sandbox
