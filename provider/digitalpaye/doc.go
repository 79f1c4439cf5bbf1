// Package digitalpaye speaks to Digitalpaye, a payment provider of Côte
// d'Ivoire, in both dialects of its API.
//
// It makes one attempt per call and says what is known afterwards. It does not
// retry, limit, log or remember payouts.
//
// # What an answer means
//
// The provider puts its verdict into the body, and proxies in front of it answer
// with pages and JSON of their own, so the body is judged first and the status line
// only where there is no verdict. The rules and where they come from:
//
//	answer                                            class         source
//	no connection was had                             NotSent       nothing left
//	time-out, reset or end of stream after that       Unknown       it may have left
//	101 and other 1xx                                 Unknown       assume the worst
//	data about what was sent, whatever the number
//	above it (200, 202, 401, 412, 429, 504):
//	  status SUCCESSFUL, or a word for it             Successful    v1, v2 transfers
//	  status PENDING, or a word that is not known     Pending       v1, v2 transfers
//	  status FAILED or CANCEL, or a word for it       Failed        v2 transfers, status
//	2xx unreadable, contradicting itself, or data
//	about another reference, amount, unit or number   Unknown       assume the worst
//	a refusal that says "already exists"              Exists        assume the worst
//	a refusal in a documented form, without data:
//	  401 that says the token has expired             Expired       v2 errors
//	  other 401                                       Unauthorized  v1 errors
//	  403                                             Forbidden     assume it is about one
//	  402, 412; 400, 403, 422 that say the balance
//	  is too low                                      NoBalance     v2 errors
//	  400, 422; 404 to a transfer that speaks of no
//	  page                                            Refused       v1 errors
//	  409                                             Exists        assume the worst
//	  404 to a look-up that says a transaction was
//	  not found                                       NotFound      v1 errors
//	  429; 503 with Retry-After                       Throttled     RFC 6585, RFC 9110
//	  500, 503, anything else                         Unknown       assume the worst
//	the same numbers in any other form, with data or
//	as a page                                         Unknown       assume the worst
//
// "2xx" and the other numbers are those of the body's code_status or statusCode,
// and the status line's where the body has none. To a look-up 400, 402, 403, 412 and
// 422 are Unknown as well: they are about the look-up. A look-up's 404, 405 or 410 that
// is Unknown is marked NoPage: the address may be wrong.
//
// A refusal is in a documented form if it has, in v2, a code_status and a status
// such as AMOUNT_INSUFFISANT, or, in v1, a statusCode, a message such as
// BadRequestError, the one that belongs to the number, and a reason. Gateways write
// {"message":"Not Found"} or {"statusCode":404,"message":"Resource not found"}, and
// the provider behind them may have gone on. So it may behind a 429, 401 or 403 that
// is no more than a page: those ask for a slower pace besides (BackOff).
//
// A 504 is the provider's verdict if it is its JSON and says FAILED, and a
// proxy's shrug if not: opposite meanings.
//
// An answer is about what was sent if it names the same transaction id and the
// same amount, both of which every documented answer carries, and the same
// number if it carries one. Amounts, numbers, dates and statuses are also read as
// they are written for people, where there is one way to read them: "150 000,00
// FCFA", "(+225) 07****0304", "Réussi". "150.000" can be read in two. The operator it
// names is ignored, because the documents' own samples name the wrong one. A field
// that is not known is ignored; one that is given twice, in whatever case, makes an
// answer unreadable.
//
// # Tokens
//
// A token is asked for when the first call needs one, by one caller for all, and
// renewed when a tenth of its life is left. Without one nothing is sent: the
// outcome is then Unauthorized, Throttled or NotSent, and Unsent. An expiry that
// makes no sense, as when the clocks differ, is taken for a minute. A token that is
// turned away is given up; what only asks is asked again with the next one, while a
// transfer is the caller's to send again.
package digitalpaye
