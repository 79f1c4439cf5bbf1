// Package inbox keeps files that people brought to a server and have not submitted yet, each
// with what its maker said of it until then.
//
// A file lies in a folder of its own under a random name, for the person alone who brought
// it: whoever goes on with it made the batch. It is removed once it is submitted or taken
// back, and after a week. An accepted file is kept for evidence under the digest of its
// bytes.
package inbox
