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

	"payrun/ledger/money"
	"payrun/provider"
)

// noon is when every answer of these tests arrives.
var noon = time.Date(2026, 5, 29, 12, 0, 0, 0, time.UTC)

// asked is the transfer that every answer of the table should be about.
var asked = subject{reference: "SAL-001", number: "+2250777101308", amount: money.XOF.Of(500)}

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
			got.Described = provider.Described{} // see said_test.go
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("HTTP %d %s\n(-want +got)\n%s", row.status, row.body, diff)
			}
		})
	}
}

func paid(message string) provider.Outcome {
	return provider.Outcome{
		Class: provider.Successful, Code: "SUCCESSFUL", Message: message, Documented: true,
		ProviderRef: "DP-1", Fees: money.XOF.Fine(750), FeesKnown: true,
	}
}

func as(o provider.Outcome, class provider.Class, code string) provider.Outcome {
	o.Class, o.Code = class, code
	return o
}

func mismatch(why string) provider.Outcome {
	return provider.Outcome{Mismatch: true, Code: provider.CodeMismatch, Message: why}
}

// slower is an unknown that asks for a slower pace.
func slower(code string, wait time.Duration) provider.Outcome {
	return provider.Outcome{Code: code, BackOff: true, RetryAfter: wait}
}

func unknown(code string) provider.Outcome { return provider.Outcome{Code: code} }

func TestAnAnswerIsBelievedOnlyAboutWhatWasSent(t *testing.T) {
	oldWord, newWord := paid("Transfert effectué"), paid("Transfer accepted")
	const (
		other  = "the answer is about another transaction"
		amount = "the answer is about another amount"
		number = "the answer is about another number"
		unit   = "the answer is about another currency"
		twice  = "the answer says two different things"
	)
	check(t, asked, []sentence{
		{"paid, old dialect", 200, nil, oldPaid, oldWord},
		{"paid, new dialect", 202, nil, newPaid, newWord},
		{"accepted, old dialect", 202, nil, with(t, oldPaid, "IS_SUCCESSFUL", "IS_PENDING", `"SUCCESSFUL"`, `"PENDING"`), as(oldWord, provider.Pending, "PENDING")},
		{"accepted, new dialect", 202, nil, with(t, newPaid, "SUCCESSFUL", "PENDING"), as(newWord, provider.Pending, "PENDING")},
		{"the verdict as a word in code_status", 200, nil, with(t, oldPaid, "200", `"SUCCESSFUL"`), oldWord},
		{"a status in another word", 200, nil, with(t, newPaid, "SUCCESSFUL", "Réussi"), as(newWord, provider.Successful, "RÉUSSI")},
		{"the envelope's word and another for it", 200, nil, with(t, oldPaid, `"SUCCESSFUL"`, `"COMPLETED"`), as(oldWord, provider.Successful, "COMPLETED")},
		{"the envelope's word and one for the opposite", 200, nil, with(t, oldPaid, `"SUCCESSFUL"`, `"REJECTED"`), mismatch(twice)},
		{"a status nobody documented is not final", 200, nil, with(t, newPaid, "SUCCESSFUL", "en cours"), as(newWord, provider.Pending, "EN COURS")},
		{"failed with a 200", 200, nil, with(t, newPaid, "SUCCESSFUL", "FAILED"), as(newWord, provider.Failed, "FAILED")},
		{"cancelled", 200, nil, with(t, newPaid, "SUCCESSFUL", "CANCEL"), as(newWord, provider.Failed, "CANCEL")},
		{"a number and an integer amount", 200, nil, with(t, newPaid, `"500"`, `500`), newWord},
		{"thousands behind a space and a unit", 200, nil, with(t, newPaid, `"500"`, `"500,00 F CFA"`), newWord},
		{"an amount that may be thousands", 200, nil, with(t, newPaid, `"500"`, `"500.000"`), mismatch(amount)},
		{"as many euros", 200, nil, with(t, newPaid, "XOF", "EUR"), mismatch(unit)},
		{"as many euros, old dialect", 200, nil, with(t, oldPaid, "XOF", "eur"), mismatch(unit)},
		{"francs of Central Africa", 200, nil, with(t, newPaid, "XOF", "XAF"), mismatch(unit)},
		{"the currency as people write it", 200, nil, with(t, newPaid, "XOF", "F CFA"), newWord},
		{"the currency in small letters", 200, nil, with(t, newPaid, "XOF", "xof"), newWord},
		{"no currency", 200, nil, with(t, newPaid, `"currency":"XOF",`, ""), newWord},
		{"decimals that are zero", 200, nil, with(t, newPaid, `"500"`, `"500.00"`), newWord},
		{"fees with too many decimals are not known", 200, nil, with(t, newPaid, `"7.5"`, `"4.995"`), without(newWord)},
		{"a transfer for nothing", 200, nil, with(t, newPaid, `"7.5"`, `"0"`), free(newWord)},
		{"fees below nothing are not known", 200, nil, with(t, newPaid, `"7.5"`, `"-1"`), without(newWord)},
		{"no fees", 200, nil, with(t, newPaid, `"7.5"`, `null`), without(newWord)},
		{"the number without prefix", 200, nil, with(t, newPaid, "2250777", "0777"), newWord},
		{"the number with 00225 and spaces", 200, nil, with(t, newPaid, "2250777101308", "00225 07 77 10 13 08"), newWord},
		{"a masked number", 200, nil, with(t, newPaid, "2250777101308", "07****1308"), newWord},
		{"somebody else's masked number", 200, nil, with(t, newPaid, "2250777101308", "07****1309"), mismatch(number)},
		{"no number at all", 200, nil, with(t, newPaid, `"2250777101308"`, "null"), newWord},
		{"an HTTP 400 around a body that says 202", 400, nil, newPaid, newWord},
		{"turned away, with the transfer it was turned away for", 400, nil, with(t, newPaid, "202", "400"), newWord},
		{"no token any more, but paid", 401, nil, with(t, oldPaid, "200", "401", "PAYMENT_IS_SUCCESSFUL", "TOKEN_EXPIRED"), oldWord},
		{"too fast, but taken", 429, nil, with(t, newPaid, "202", "429", "SUCCESSFUL", "PENDING"), as(newWord, provider.Pending, "PENDING")},
		{"no balance, and failed", 412, nil, with(t, oldPaid, "200", "412", "PAYMENT_IS_SUCCESSFUL", "AMOUNT_INSUFFISANT", `"SUCCESSFUL"`, `"FAILED"`), as(oldWord, provider.Failed, "FAILED")},
		{"a 500 that says FAILED", 500, nil, with(t, newPaid, "202", "500", "SUCCESSFUL", "FAILED"), as(newWord, provider.Failed, "FAILED")},
		{"turned away, with somebody else's transfer", 400, nil, with(t, newPaid, "202", "400", "SAL-001", "SAL-002"), mismatch(other)},

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
	o.Fees, o.FeesKnown = money.XOF.Fine(0), true
	return o
}

func without(o provider.Outcome) provider.Outcome {
	o.Fees, o.FeesKnown = money.Fine{}, false
	return o
}

func TestAnUnreadableAnswerIsNeverAVerdict(t *testing.T) {
	garbage := provider.Outcome{Code: provider.CodeGarbage, Message: "the answer could not be read"}
	check(t, asked, []sentence{
		{"200 with a proxy's page", 200, nil, page, garbage},
		{"200 with nothing", 200, nil, "", garbage},
		{"200 cut short", 200, nil, oldPaid[:len(oldPaid)-20], garbage},
		{"200 with something after the object", 200, nil, oldPaid + `{"x":1}`, garbage},
		{"200 cut where its transfer begins", 200, nil, oldPaid[:strings.Index(oldPaid, `"data":`)+len(`"data":`)], garbage},
		{"200 cut behind the brace of its transfer", 200, nil, oldPaid[:strings.Index(oldPaid, `"ref"`)], garbage},
		{"200 with a list", 200, nil, "[" + oldPaid + "]", garbage},
		{"200 with a gateway's own object", 200, nil, `{"ok":true}`, garbage},
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
		{"429 with a page", 429, nil, page, slower("HTTP_429", 0)},
		{"503 with a page and a time", 503, http.Header{"Retry-After": {"7"}}, page, slower("HTTP_503", 7*time.Second)},
		{"401 with a page", 401, nil, page, slower("HTTP_401", 0)},
		{"403 with a page", 403, nil, page, slower("HTTP_403", 0)},
		{"400 with a gateway's empty object", 400, nil, "{}", unknown("HTTP_400")},
		{"300", 300, nil, page, unknown("HTTP_300")},
		{"302", 302, nil, "", unknown("HTTP_302")},
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
			provider.Outcome{Class: provider.NotSent, Code: provider.CodeUnreachable, Message: "refused", Unsent: true},
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
		if o := client.redact(judge(done, asked), asked.number); o.Class != provider.Successful {
			b.Fatalf("got %+v", o)
		}
	}
}
