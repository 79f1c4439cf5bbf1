// Package console is the pages of the server on which people bring files in, approve and
// follow payments: plain HTML that works without a script.
//
// What a page may do is what the use cases of batch/service do; the package decides nothing
// about payments or approvals. The role that a page asks for says who is shown it; the
// approval policy says what their signature counts.
package console
