// Package httpclient calls a server's API (internal/httpapi) with a token, by the types that
// the server answers with.
//
// A server that answers with a problem is a *httpapi.Problem; one that cannot be reached, or
// is no payrun, is ErrNoServer. It follows no redirect: a token is for the server that it was
// given for.
package httpclient
