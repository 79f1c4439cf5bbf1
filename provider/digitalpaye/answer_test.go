package digitalpaye

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/provider"
)

// noon is when every answer of these tests arrives.
var noon = time.Date(2026, 5, 29, 12, 0, 0, 0, time.UTC)

// asked is the transfer that every answer of the table should be about.
var asked = subject{reference: "SAL-001", number: "0777101308", amount: 500}

// sentence is a row of the answer table: what comes, and what it means.
type sentence struct {
	says   string
	status int
	header http.Header
	body   string
	want   provider.Outcome
}

const (
	// oldPaid and newPaid are the documents' own samples, with our transfer.
	oldPaid = `{"code_status":200,"status":"PAYMENT_IS_SUCCESSFUL","message":"Transfert effectué","data":{` +
		`"ref":"DP-1","transaction_id":"SAL-001","number_user":"+2250777101308","name_user":"Awa Koné",` +
		`"currency":"XOF","amount":"500","fees":"7.5","amount_receive":"500","amount_total":"507.5",` +
		`"status":"SUCCESSFUL","type_transaction":"transfert","type_payment":"MTN_MONEY_CI",` +
		`"date":"2026-05-29 12:00:00","date_update":null}}`
	newPaid = `{"statusCode":202,"message":"Transfer accepted","data":{` +
		`"ref":"DP-1","transactionId":"SAL-001","currency":"XOF","amount":"500","fees":"7.5",` +
		`"amountReceive":"500","amountTotal":"507.5","phone":"2250777101308","status":"SUCCESSFUL",` +
		`"typeTransaction":"transfer","operator":"ORANGE_MONEY_CI","createdAt":"2026-05-29T12:00:00.000Z",` +
		`"customer":{"lastName":"Koné"}}}`
	page = "<html><body><h1>Bad Gateway</h1></body></html>"
)

// with replaces parts of a sample, given in pairs, and fails if one is not there.
func with(t *testing.T, sample string, pairs ...string) string {
	t.Helper()
	for pair := range slices.Chunk(pairs, 2) {
		if !strings.Contains(sample, pair[0]) {
			t.Fatalf("the sample has no %q", pair[0])
		}
		sample = strings.Replace(sample, pair[0], pair[1], 1)
	}
	return sample
}

func check(t *testing.T, about subject, rows []sentence) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.says, func(t *testing.T) {
			got := judge(exchange{
				status: row.status, header: row.header, body: []byte(row.body), at: noon, left: true,
			}, about)
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("HTTP %d %s\n(-want +got)\n%s", row.status, row.body, diff)
			}
		})
	}
}

func paid(message string) provider.Outcome {
	return provider.Outcome{
		Class: provider.Successful, Code: "SUCCESSFUL", Message: message, ProviderRef: "DP-1", Fees: 750, FeesKnown: true,
	}
}

func as(o provider.Outcome, class provider.Class, code string) provider.Outcome {
	o.Class, o.Code = class, code
	return o
}

func mismatch(why string) provider.Outcome {
	return provider.Outcome{Mismatch: true, Code: provider.CodeMismatch, Message: why}
}

func unknown(code string) provider.Outcome { return provider.Outcome{Code: code} }

func TestAnAnswerIsBelievedOnlyAboutWhatWasSent(t *testing.T) {
	oldWord, newWord := paid("Transfert effectué"), paid("Transfer accepted")
	const (
		other  = "the answer is about another transaction"
		amount = "the answer is about another amount"
		number = "the answer is about another number"
		twice  = "the answer says two different things"
	)
	check(t, asked, []sentence{
		{"paid, old dialect", 200, nil, oldPaid, oldWord},
		{"paid, new dialect", 202, nil, newPaid, newWord},
		{"accepted, old dialect", 202, nil, with(t, oldPaid, "IS_SUCCESSFUL", "IS_PENDING", `"SUCCESSFUL"`, `"PENDING"`), as(oldWord, provider.Pending, "PENDING")},
		{"accepted, new dialect", 202, nil, with(t, newPaid, "SUCCESSFUL", "PENDING"), as(newWord, provider.Pending, "PENDING")},
		{"the verdict as a word in code_status", 200, nil, with(t, oldPaid, "200", `"SUCCESSFUL"`), oldWord},
		{"a status nobody documented is not final", 200, nil, with(t, newPaid, "SUCCESSFUL", "en cours"), as(newWord, provider.Pending, "EN COURS")},
		{"failed with a 200", 200, nil, with(t, newPaid, "SUCCESSFUL", "FAILED"), as(newWord, provider.Failed, "FAILED")},
		{"cancelled", 200, nil, with(t, newPaid, "SUCCESSFUL", "CANCEL"), as(newWord, provider.Failed, "CANCEL")},
		{"a number and an integer amount", 200, nil, with(t, newPaid, `"500"`, `500`), newWord},
		{"decimals that are zero", 200, nil, with(t, newPaid, `"500"`, `"500.00"`), newWord},
		{"fees with too many decimals are not known", 200, nil, with(t, newPaid, `"7.5"`, `"4.995"`), without(newWord)},
		{"a transfer for nothing", 200, nil, with(t, newPaid, `"7.5"`, `"0"`), free(newWord)},
		{"fees below nothing are not known", 200, nil, with(t, newPaid, `"7.5"`, `"-1"`), without(newWord)},
		{"no fees", 200, nil, with(t, newPaid, `"7.5"`, `null`), without(newWord)},
		{"the number without prefix", 200, nil, with(t, newPaid, "2250777", "0777"), newWord},
		{"the number with 00225 and spaces", 200, nil, with(t, newPaid, "2250777101308", "00225 07 77 10 13 08"), newWord},
		{"no number at all", 200, nil, with(t, newPaid, `"2250777101308"`, "null"), newWord},
		{"an HTTP 400 around a body that says 202", 400, nil, newPaid, newWord},

		{"another transaction", 200, nil, with(t, newPaid, "SAL-001", "SAL-002"), mismatch(other)},
		{"the same id in another case", 200, nil, with(t, newPaid, "SAL-001", "sal-001"), mismatch(other)},
		{"no transaction", 200, nil, with(t, newPaid, `"transactionId"`, `"id"`), mismatch(other)},
		{"two transactions in one", 200, nil, with(t, oldPaid, `"ref"`, `"transactionId":"SAL-002","ref"`), mismatch(other)},
		{"another amount", 200, nil, with(t, newPaid, `"500"`, `"5000"`), mismatch(amount)},
		{"a fraction of a franc", 200, nil, with(t, newPaid, `"500"`, `"500.5"`), mismatch(amount)},
		{"an exponent", 200, nil, with(t, newPaid, `"500"`, `5e2`), mismatch(amount)},
		{"no amount", 200, nil, with(t, newPaid, `"amount":"500"`, `"amount":null`), mismatch(amount)},
		{"another number", 200, nil, with(t, newPaid, "0777101308", "0777101309"), mismatch(number)},
		{"failed, but of another number", 504, nil, with(t, oldPaid, "200", "504", "IS_SUCCESSFUL", "FAILED_TRY_AGAINST", `"SUCCESSFUL"`, `"FAILED"`, "101308", "101309"), mismatch(number)},
		{"envelope and transfer differ", 200, nil, with(t, oldPaid, `"SUCCESSFUL"`, `"FAILED"`), mismatch(twice)},
		{"the envelope's word does not stand in for the transfer's", 200, nil, with(t, oldPaid, `"status":"SUCCESSFUL",`, ""), mismatch("the answer has no status")},
		{"no transfer", 200, nil, `{"code_status":200,"status":"SUCCESSFUL","message":"ok"}`, mismatch("the answer describes no transfer")},
		{"PHP's empty list for a transfer", 200, nil, `{"statusCode":200,"data":[]}`, mismatch("the answer describes no transfer")},
	})
}

func free(o provider.Outcome) provider.Outcome {
	o.Fees, o.FeesKnown = 0, true
	return o
}

func without(o provider.Outcome) provider.Outcome {
	o.Fees, o.FeesKnown = 0, false
	return o
}

func TestAnUnreadableAnswerIsNeverAVerdict(t *testing.T) {
	garbage := provider.Outcome{Mismatch: true, Code: provider.CodeGarbage, Message: "the answer could not be read"}
	check(t, asked, []sentence{
		{"200 with a proxy's page", 200, nil, page, garbage},
		{"200 with nothing", 200, nil, "", garbage},
		{"200 cut short", 200, nil, oldPaid[:len(oldPaid)-20], garbage},
		{"200 with something after the object", 200, nil, oldPaid + `{"x":1}`, garbage},
		{"200 with a list", 200, nil, "[" + oldPaid + "]", garbage},
		{"200 with a status given twice", 200, nil, with(t, newPaid, `"status":"SUCCESSFUL"`, `"status":"FAILED","status":"SUCCESSFUL"`), garbage},
		{"200 with a status given twice in two cases", 200, nil, with(t, newPaid, `"status":"SUCCESSFUL"`, `"STATUS":"FAILED","status":"SUCCESSFUL"`), garbage},
		{"200 with two transfers", 200, nil, with(t, newPaid, `"data"`, `"data":null,"data"`), garbage},
		{"502 with a page", 502, nil, page, unknown("HTTP_502")},
		{"504 with a page", 504, nil, page, unknown("HTTP_504")},
		{"503 with a page and no Retry-After", 503, nil, page, unknown("HTTP_503")},
		{"500 with nothing", 500, nil, "", unknown("HTTP_500")},
		{"400 with a page", 400, nil, page, unknown("HTTP_400")},
		{"422 with a page", 422, nil, page, unknown("HTTP_422")},
		{"412 with a page", 412, nil, page, unknown("HTTP_412")},
		{"409 with a page", 409, nil, page, unknown("HTTP_409")},
		{"404 with a page", 404, nil, page, unknown("HTTP_404")},
		{"400 with a gateway's empty object", 400, nil, "{}", unknown("HTTP_400")},
		{"302", 302, nil, "", unknown("HTTP_302")},
	})
}

func TestARefusalSaysWhatWasNotDone(t *testing.T) {
	wait := func(value string) http.Header { return http.Header{"Retry-After": {value}} }
	says := func(class provider.Class, code, message string) provider.Outcome {
		return provider.Outcome{Class: class, Code: code, Message: message}
	}
	throttled := func(code string, wait time.Duration) provider.Outcome {
		return provider.Outcome{Class: provider.Throttled, Code: code, RetryAfter: wait}
	}
	failedOld := with(t, oldPaid, `200`, `504`, "PAYMENT_IS_SUCCESSFUL", "PAYMENT_FAILED_TRY_AGAINST", `"SUCCESSFUL"`, `"FAILED"`, "effectué", "refusé")
	alive := with(t, newPaid, "202", "400")
	check(t, asked, []sentence{
		{"the provider's own 504", 504, nil, failedOld, as(paid("Transfert refusé"), provider.Failed, "PAYMENT_FAILED_TRY_AGAINST")},
		{"the provider's own 504 under a status line of 200", 200, nil, failedOld, as(paid("Transfert refusé"), provider.Failed, "PAYMENT_FAILED_TRY_AGAINST")},
		{"a 504 that does not say FAILED", 504, nil, with(t, newPaid, "202", "504", "SUCCESSFUL", "PENDING"), provider.Outcome{Mismatch: true, Code: "HTTP_504", Message: "Transfer accepted"}},
		{"a 500 that says FAILED", 500, nil, with(t, newPaid, "202", "500", "SUCCESSFUL", "FAILED"), says(provider.Unknown, "HTTP_500", "Transfer accepted")},
		{"no balance", 412, nil, `{"code_status":412,"status":"AMOUNT_INSUFFISANT","message":"Solde insuffisant","data":null}`, says(provider.NoBalance, "AMOUNT_INSUFFISANT", "Solde insuffisant")},
		{"no balance, told by a 400", 400, nil, `{"statusCode":400,"message":"BadRequestError","reason":"Solde insuffisant"}`, says(provider.NoBalance, "BadRequestError", "Solde insuffisant")},
		{"no balance is not believed of a 500", 500, nil, `{"statusCode":500,"message":"AMOUNT_INSUFFISANT"}`, says(provider.Unknown, "AMOUNT_INSUFFISANT", "AMOUNT_INSUFFISANT")},
		{"refused, new dialect", 400, nil, `{"statusCode":400,"message":"BadRequestError","reason":"amount invalide"}`, says(provider.Refused, "BadRequestError", "amount invalide")},
		{"refused, old dialect", 422, nil, `{"code_status":422,"status":"INVALID_OPERATOR","message":"Opérateur inconnu","data":[]}`, says(provider.Refused, "INVALID_OPERATOR", "Opérateur inconnu")},
		{"refused under a status line of 200", 200, nil, `{"statusCode":400,"message":"BadRequestError","reason":"non"}`, says(provider.Refused, "BadRequestError", "non")},
		{"a refusal of a transfer that lives", 400, nil, alive, provider.Outcome{Mismatch: true, Code: "HTTP_400", Message: "Transfer accepted"}},
		{"409", 409, nil, `{"statusCode":409,"message":"ConflictError"}`, says(provider.Exists, "ConflictError", "ConflictError")},
		{"already exists, in English", 400, nil, `{"statusCode":400,"message":"Transaction already exists"}`, says(provider.Exists, "HTTP_400", "Transaction already exists")},
		{"already exists, in French", 400, nil, `{"statusCode":400,"message":"BadRequestError","reason":"Cet identifiant existe déjà"}`, says(provider.Exists, "BadRequestError", "Cet identifiant existe déjà")},
		{"duplicate, told by a 500", 500, nil, `{"status":"DUPLICATE_TRANSACTION"}`, says(provider.Exists, "DUPLICATE_TRANSACTION", "")},
		{"another déjà is a refusal", 400, nil, `{"statusCode":400,"message":"BadRequestError","reason":"Compte déjà bloqué"}`, says(provider.Refused, "BadRequestError", "Compte déjà bloqué")},
		{"bad credentials", 401, nil, `{"statusCode":401,"message":"UnauthorizedError","reason":"Accès refusé"}`, says(provider.Unauthorized, "UnauthorizedError", "Accès refusé")},
		{"bad credentials, told by a proxy", 403, nil, page, says(provider.Unauthorized, "HTTP_403", "")},
		{"an expired token, the second time", 401, nil, `{"code_status":401,"status":"TOKEN_EXPIRED"}`, says(provider.Unauthorized, "TOKEN_EXPIRED", "")},
		{"too fast, in seconds", 429, wait("7"), page, throttled("HTTP_429", 7*time.Second)},
		{"too fast, until a time", 429, wait(noon.Add(90 * time.Second).Format(http.TimeFormat)), "", throttled("HTTP_429", 90*time.Second)},
		{"too fast, for a year", 429, wait("31536000"), "", throttled("HTTP_429", retryAfterMax)},
		{"too fast, since yesterday", 429, wait(noon.Add(-time.Hour).Format(http.TimeFormat)), "", throttled("HTTP_429", 0)},
		{"too fast, for less than nothing", 429, wait("-5"), "", throttled("HTTP_429", 0)},
		{"too fast, in JSON and for no time", 429, nil, `{"statusCode":429,"message":"TooMany"}`, says(provider.Throttled, "TooMany", "TooMany")},
		{"unavailable, with a time", 503, wait("3"), `{"statusCode":503}`, throttled("HTTP_503", 3*time.Second)},
		{"unavailable, without a time", 503, nil, `{"statusCode":503,"message":"Maintenance"}`, says(provider.Unknown, "Maintenance", "Maintenance")},
		{"an internal error", 500, nil, `{"statusCode":500,"message":"InternalServerError","reason":"Réessayez"}`, says(provider.Unknown, "InternalServerError", "Réessayez")},
		{"not found is no answer to a transfer", 404, nil, `{"statusCode":404,"message":"NotFoundError"}`, says(provider.Unknown, "NotFoundError", "NotFoundError")},
	})
}

func TestALookUpIsBelievedOnlyAboutItsTransfer(t *testing.T) {
	about := asked
	about.lookup = true
	flat := `{"ref":"DP-1","transactionId":"SAL-001","amount":"500","fees":"7.5","status":"SUCCESSFUL"}`
	says := func(class provider.Class, code, message string) provider.Outcome {
		return provider.Outcome{Class: class, Code: code, Message: message}
	}
	check(t, about, []sentence{
		{"paid, old writing", 200, nil, oldPaid, paid("Transfert effectué")},
		{"paid, new writing", 200, nil, newPaid, paid("Transfer accepted")},
		{"paid, without an envelope", 200, nil, flat, paid("")},
		{"failed, though the look-up itself was successful", 200, nil, with(t, newPaid, `"message"`, `"status":"SUCCESSFUL","message"`, `"phone":"2250777101308","status":"SUCCESSFUL"`, `"status":"FAILED"`), as(paid("Transfer accepted"), provider.Failed, "FAILED")},
		{"a successful look-up of a transfer without a status", 200, nil, with(t, oldPaid, `"status":"SUCCESSFUL",`, ""), mismatch("the answer has no status")},
		{"failed, of another amount", 200, nil, with(t, newPaid, `"500"`, `"501"`, "SUCCESSFUL", "FAILED"), mismatch("the answer is about another amount")},
		{"not found", 404, nil, `{"statusCode":404,"message":"NotFoundError","reason":"Transaction introuvable"}`, says(provider.NotFound, "NotFoundError", "Transaction introuvable")},
		{"not found, in the old writing", 404, nil, `{"code_status":404,"status":"NOT_FOUND","data":null}`, says(provider.NotFound, "NOT_FOUND", "")},
		{"not found, under a status line of 200", 200, nil, `{"statusCode":404,"message":"NotFoundError"}`, says(provider.NotFound, "NotFoundError", "NotFoundError")},
		{"the page is not found", 404, nil, `{"statusCode":404,"message":"Cannot GET /v1/get-status/SAL-001","error":"Not Found"}`, says(provider.Unknown, "HTTP_404", "Cannot GET /v1/get-status/SAL-001")},
		{"a 404 that does not say what is missing", 404, nil, `{"statusCode":404}`, says(provider.Unknown, "HTTP_404", "")},
		{"not found, and there it is", 404, nil, with(t, newPaid, "202", "404"), provider.Outcome{Mismatch: true, Code: "HTTP_404", Message: "Transfer accepted"}},
		{"a proxy's 404", 404, nil, page, unknown("HTTP_404")},
		{"an internal error", 500, nil, `{"statusCode":500,"message":"InternalServerError"}`, says(provider.Unknown, "InternalServerError", "InternalServerError")},
		{"a refusal of the look-up is not one of the transfer", 400, nil, `{"statusCode":400,"message":"BadRequestError"}`, says(provider.Unknown, "BadRequestError", "BadRequestError")},
		{"a balance that does not matter", 412, nil, `{"statusCode":412,"message":"AMOUNT_INSUFFISANT"}`, says(provider.Unknown, "AMOUNT_INSUFFISANT", "AMOUNT_INSUFFISANT")},
		{"too fast", 429, http.Header{"Retry-After": {"2"}}, "", provider.Outcome{Class: provider.Throttled, Code: "HTTP_429", RetryAfter: 2 * time.Second}},
		{"bad credentials", 401, nil, `{"statusCode":401,"message":"UnauthorizedError"}`, says(provider.Unauthorized, "UnauthorizedError", "UnauthorizedError")},
	})
}

func TestWithoutAnAnswerOnlyAMissingConnectionIsSafe(t *testing.T) {
	for _, test := range []struct {
		says string
		done exchange
		want provider.Outcome
	}{
		{
			"no connection",
			exchange{err: errors.New("refused")},
			provider.Outcome{Class: provider.NotSent, Code: provider.CodeUnreachable, Message: "refused"},
		},
		{
			"cut",
			exchange{err: io.ErrUnexpectedEOF, left: true},
			provider.Outcome{Code: provider.CodeBroken, Message: "unexpected EOF"},
		},
		{
			"cut within a refusal",
			exchange{status: 400, body: []byte(`{"statusCode":400,"message":"no"}`), err: io.ErrUnexpectedEOF, left: true},
			provider.Outcome{Code: provider.CodeBroken, Message: "unexpected EOF"},
		},
		{
			"longer than any answer",
			exchange{status: 200, err: errTooLong, left: true},
			provider.Outcome{Code: provider.CodeGarbage, Message: errTooLong.Error()},
		},
	} {
		if diff := cmp.Diff(test.want, judge(test.done, asked)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", test.says, diff)
		}
	}
}

// BenchmarkJudge measures what classifying costs beside the request itself.
func BenchmarkJudge(b *testing.B) {
	client := bareClient(b)
	client.tokens.keep(&token{text: strings.Repeat("eyJ", 100)})
	done := exchange{status: http.StatusOK, body: []byte(oldPaid), at: noon, left: true}
	b.ReportAllocs()
	for b.Loop() {
		if o := client.shown(judge(done, asked), asked.number); o.Class != provider.Successful {
			b.Fatalf("got %+v", o)
		}
	}
}
