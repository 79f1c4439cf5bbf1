// Package digitalpaye speaks to Digitalpaye, a payment provider of Côte
// d'Ivoire, in both dialects of its API.
//
// It makes one attempt per call and says what is known afterwards. It does not
// retry, limit, log or remember payouts.
//
// # What an answer means
//
// The provider puts its verdict into the body, and proxies in front of it answer
// with pages of their own, so the body is judged first and the status line only
// where there is no verdict. The rules and where they come from:
//
//	answer                                            class         source
//	no connection was had                             NotSent       nothing left
//	time-out, reset or end of stream after that       Unknown       it may have left
//	2xx, status SUCCESSFUL, about what was sent       Successful    v1, v2 transfers
//	2xx, status PENDING or a word not documented      Pending       v1, v2 transfers
//	2xx or 504, status FAILED or CANCEL               Failed        v2 transfers, status
//	2xx unreadable, contradicting itself, or about
//	another reference, amount or number               Unknown       assume the worst
//	401 that says the token has expired               renewed once  v2 errors
//	other 401, 403                                    Unauthorized  v1 errors
//	412 AMOUNT_INSUFFISANT                            NoBalance     v2 errors
//	400, 422 with the provider's JSON                 Refused       v1 errors
//	409, or a refusal that says "already exists"      Exists        assume the worst
//	404 to a look-up, in JSON that says a
//	transaction was not found                         NotFound      v1 errors
//	429; 503 with Retry-After                         Throttled     RFC 6585, RFC 9110
//	a refusal of a transfer that it also calls alive  Unknown       assume the worst
//	anything else                                     Unknown       assume the worst
//
// "2xx" and the other numbers are those of the body's code_status or statusCode,
// and the status line's where the body has none.
//
// A 504 is the provider's verdict if it is its JSON and says FAILED, and a
// proxy's shrug if not: opposite meanings.
//
// An answer is about what was sent if it names the same transaction id and the
// same amount, both of which every documented answer carries, and the same
// number if it carries one. The operator it names is ignored, because the
// documents' own samples name the wrong one. A field that is not known is
// ignored; one that is given twice, in whatever case, makes an answer unreadable.
//
// # Tokens
//
// A token is asked for when the first call needs one, by one caller for all, and
// renewed when a tenth of its life is left. Without one nothing is sent: the
// outcome is then Unauthorized, Throttled or NotSent. An expiry that makes no
// sense, as when the clocks differ, is taken for a minute.
package digitalpaye
