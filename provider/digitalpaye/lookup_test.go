package digitalpaye

import (
	"strings"
	"testing"
	"time"

	"payrun/provider"
)

func TestALookUpIsBelievedOnlyAboutItsTransfer(t *testing.T) {
	about := asked
	about.lookup = true
	flat := `{"ref":"DP-1","transactionId":"SAL-001","amount":"500","fees":"7.5","status":"SUCCESSFUL"}`
	failed := as(paid("Transfer accepted"), provider.Failed, "FAILED")
	check(t, about, []sentence{
		{"paid, old writing", 200, nil, oldPaid, paid("Transfert effectué")},
		{"paid, new writing", 200, nil, newPaid, paid("Transfer accepted")},
		{"paid, without an envelope", 200, nil, flat, paid("")},
		{"failed, though the look-up itself was successful", 200, nil, with(t, newPaid, `"message"`, `"status":"SUCCESSFUL","message"`, `"phone":"2250777101308","status":"SUCCESSFUL"`, `"status":"FAILED"`), failed},
		{"a successful look-up of a transfer without a status", 200, nil, with(t, oldPaid, `"status":"SUCCESSFUL",`, ""), mismatch("the answer has no status")},
		{"failed, of another amount", 200, nil, with(t, newPaid, `"500"`, `"501"`, "SUCCESSFUL", "FAILED"), mismatch("the answer is about another amount")},
		{"not found, and there it is", 404, nil, with(t, newPaid, "202", "404"), paid("Transfer accepted")},
		{"an internal error", 500, nil, v1Refusal(500, "InternalServerError", "non"), told(provider.Unknown, "InternalServerError", "non")},
		{"a refusal of the look-up is not one of the transfer", 400, nil, v1Refusal(400, "BadRequestError", "non"), told(provider.Unknown, "BadRequestError", "non")},
		{"a balance that does not matter", 412, nil, v2Refusal(412, "AMOUNT_INSUFFISANT", "non"), told(provider.Unknown, "AMOUNT_INSUFFISANT", "non")},
		{"forbidden", 403, nil, v1Refusal(403, "ForbiddenError", "non"), told(provider.Unknown, "ForbiddenError", "non")},
		{"too fast", 429, after("2"), v1Refusal(429, "TOO_MANY_REQUESTS", "non"), patiently(told(provider.Throttled, "TOO_MANY_REQUESTS", "non"), 2*time.Second)},
		{"too fast, says a page", 429, after("2"), page, slower("HTTP_429", 2*time.Second)},
		{"bad credentials", 401, nil, v1Refusal(401, "UnauthorizedError", "non"), told(provider.Unauthorized, "UnauthorizedError", "non")},
		{"bad credentials, says a page", 401, nil, page, slower("HTTP_401", 0)},
	})
}

// TestNotFoundIsTheDocumentedWordAboutATransfer has the forms in which others say
// that a page, a route or an account is not there. Taken for the provider's word
// about a transfer, each would have everybody paid again.
func TestNotFoundIsTheDocumentedWordAboutATransfer(t *testing.T) {
	about := asked
	about.lookup = true
	for _, test := range []struct {
		says   string
		status int
		body   string
		found  bool // that it is not found
	}{
		{"as documented", 404, v1Refusal(404, "NotFoundError", "Transaction introuvable"), true},
		{"in other words", 404, v1Refusal(404, "NotFoundError", "Aucune transaction"), true},
		{"in the old writing", 404, v2Refusal(404, "TRANSACTION_NOT_FOUND", "Transaction inconnue"), true},
		{"in the old writing, with PHP's empty data", 404, `{"code_status":404,"status":"NOT_FOUND","data":[]}`, true},
		{"under a status line of 200", 200, v1Refusal(404, "NotFoundError", "La ressource demandée n'existe pas"), true},
		{"without a reason", 404, `{"statusCode":404,"message":"NotFoundError"}`, false},
		{"Azure's", 404, `{"statusCode":404,"message":"Resource not found"}`, false},
		{"AWS's", 404, `{"message":"Not Found"}`, false},
		{"AWS's REST gateway", 403, `{"message":"Missing Authentication Token"}`, false},
		{"Kong's", 404, `{"message":"no Route matched with those values","request_id":"8e"}`, false},
		{"Google's", 404, `{"error":{"code":404,"message":"Not found","status":"NOT_FOUND"}}`, false},
		{"Google's endpoints", 404, `{"code":404,"message":"Method does not exist."}`, false},
		{"NestJS's", 404, `{"statusCode":404,"message":"Cannot GET /v1/get-status/SAL-001","error":"Not Found"}`, false},
		{"Fastify's", 404, `{"message":"Route GET:/v1/transaction/SAL-001 not found","error":"Not Found","statusCode":404}`, false},
		{"Spring's", 404, `{"timestamp":"2026-05-29T12:00:00Z","status":404,"error":"Not Found","path":"/v1/transaction/SAL-001"}`, false},
		{"Laravel's", 404, `{"message":"The route v1/transaction could not be found."}`, false},
		{"problem details", 404, `{"type":"about:blank","title":"Not Found","status":404}`, false},
		{"Cloudflare's", 404, `{"success":false,"errors":[{"code":7003,"message":"Could not route"}]}`, false},
		{"a page", 404, page, false},
		{"nothing", 404, "", false},
		{"the provider's word about a route", 404, v1Refusal(404, "NotFoundError", "Route GET:/v1/get-status-payment/SAL-001 not found"), false},
		{"the provider's word about a page", 404, v1Refusal(404, "NotFoundError", "Cette page n'existe pas"), false},
		{"the provider's word about an account", 404, v1Refusal(404, "NotFoundError", "Compte marchand introuvable"), false},
		{"the provider's word about nothing", 404, v2Refusal(404, "ERROR", "Erreur"), false},
		{"with a transfer that has no status", 404, `{"statusCode":404,"message":"NotFoundError","reason":"Transaction introuvable","data":{"ref":"DP-1"}}`, false},
		{"in another number", 410, v1Refusal(410, "NotFoundError", "Transaction introuvable"), false},
	} {
		o := judge(exchange{status: test.status, body: []byte(test.body), at: noon, left: true}, about)
		want := provider.Unknown
		if test.found {
			want = provider.NotFound
		}
		if o.Class != want || (test.found && !o.Documented) {
			t.Errorf("%s: %+v, want %s", test.says, o, want)
		}
		missing := !test.found && test.status != 403 && !strings.Contains(test.says, "with a transfer")
		if o.NoPage != missing {
			t.Errorf("%s: %+v, want it told as a page that is not there: %t", test.says, o, missing)
		}
	}
}
