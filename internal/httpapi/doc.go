// Package httpapi is the server's API: the use cases of package service, under /v1, for
// programs that hold a token.
//
// It has no rule of its own about what may be paid. A call is a use case, its errors are
// problem documents (RFC 9457) with the stable codes of package service, and everything
// that changes a batch is done in the name of the person whose token it is. The
// description of the API (OpenAPI 3.1) is made from the same types that the handlers take
// and return, so that the two cannot differ.
package httpapi
