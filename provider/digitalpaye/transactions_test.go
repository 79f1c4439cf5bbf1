package digitalpaye_test

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/ledger/money"
	"payrun/provider"
	"payrun/provider/digitalpaye"
)

func TestTransactionsAreListed(t *testing.T) {
	old := `{"ref":"DP-1","transaction_id":"SAL-001","number_user":"+2250777101308","amount":"500","fees":"7.5","status":"SUCCESSFUL","type_transaction":"transfert","date":"2026-05-29 12:00:00"}`
	young := `{"ref":"DP-2","transactionId":"SAL-002","phone":"0501020304","amount":1000,"fees":null,"status":"pending","typeTransaction":"transfer","createdAt":"2026-05-29T12:00:00.000Z"}`
	collected := `{"ref":"DP-3","type_transaction":"payment","amount":"3.5"}`
	noon := time.Date(2026, 5, 29, 12, 0, 0, 0, time.UTC)
	both := []provider.Transaction{
		{ProviderRef: "DP-1", Reference: "SAL-001", Number: "+2250777101308", Amount: money.XOF.Of(500), Fees: money.XOF.Fine(750), FeesKnown: true, Class: provider.Successful, Code: "SUCCESSFUL", At: noon},
		{ProviderRef: "DP-2", Reference: "SAL-002", Number: "+2250501020304", Amount: money.XOF.Of(1000), Class: provider.Pending, Code: "PENDING", At: noon},
	}
	abroad := `{"ref":"DP-4","transactionId":"SAL-003","phone":"33612345678","amount":500,"status":"FAILED"}`
	list := "[" + old + "," + collected + "," + young + "]"
	for _, test := range []struct {
		says   string
		status int
		body   string
		want   []provider.Transaction
		code   string // of the error at the end
	}{
		{"in data", 200, `{"statusCode":200,"data":` + list + `}`, both, ""},
		{"in items", 200, `{"data":{"items":` + list + `,"total":3}}`, both, ""},
		{"bare", 200, list, both, ""},
		{"a number of another country, as it is said", 200, "[" + abroad + "]", []provider.Transaction{
			{ProviderRef: "DP-4", Reference: "SAL-003", Number: "33612345678", Amount: money.XOF.Of(500), Class: provider.Failed, Code: "FAILED"},
		}, ""},
		{"none of none", 200, `{"data":{"items":[ ],"total":0}}`, nil, ""},
		{"none of some, on a page", 200, `{"data":{"items":[],"total":12}}`, nil, provider.CodeGarbage},
		{"none of some", 200, `{"total":"12","data":[]}`, nil, provider.CodeGarbage},
		{"a page of more", 200, `{"data":{"items":` + list + `,"total":4}}`, both, provider.CodeGarbage},
		{"a page of more, said beside it", 200, `{"total":"40","data":` + list + `}`, both, provider.CodeGarbage},
		{"a total that is no number of transactions", 200, `{"total":"1 500 XOF","data":` + list + `}`, both, ""},
		{"none", 200, `{"data":[]}`, nil, ""},
		{"none, as v1 says that all is well", 200, `{"statusCode":200,"message":"Successful","data":[]}`, nil, ""},
		{"none, as v2 does", 200, `{"code_status":200,"status":"SUCCESSFUL","message":"OK","data":[]}`, nil, ""},
		{"none, in a sentence beside a code", 200, `{"statusCode":200,"message":"Aucune transaction","data":[]}`, nil, ""},
		{"none, without an error", 200, `{"success":true,"error":0,"errors":[],"data":[]}`, nil, ""},
		{"some, whatever is said beside them", 200, `{"status":"PARTIAL","data":` + list + `}`, both, ""},
		{"a status that is no success, with PHP's empty data", 200, `{"status":"TOKEN_EXPIRED","data":[]}`, nil, provider.CodeGarbage},
		{"the same beside a code", 200, `{"code_status":200,"status":"TOKEN_EXPIRED","data":[]}`, nil, provider.CodeGarbage},
		{"a code that is a word", 200, `{"code":"ERR_AUTH","data":{"items":[]}}`, nil, provider.CodeGarbage},
		{"an error's name", 200, `{"statusCode":200,"message":"ForbiddenError","data":[]}`, nil, provider.CodeGarbage},
		{"a reason", 200, `{"statusCode":200,"message":"Successful","reason":"compte suspendu","data":[]}`, nil, provider.CodeGarbage},
		{"a sentence and no code", 200, `{"message":"Votre session a expiré","data":[]}`, nil, provider.CodeGarbage},
		{"no success", 200, `{"success":false,"data":[]}`, nil, provider.CodeGarbage},
		{"errors", 200, `{"errors":["unauthenticated"],"data":[]}`, nil, provider.CodeGarbage},
		{"one that cannot be read ends it", 200, `{"data":[` + old + `,{"transaction_id":"X","amount":"1.5","status":"FAILED"},` + young + `]}`, both[:1], provider.CodeGarbage},
		{"cut short", 200, `{"data":[` + old + `,`, nil, provider.CodeGarbage},
		{"no list", 200, `{"data":{"ref":"DP-1"}}`, nil, provider.CodeGarbage},
		{"refused", 403, `{"statusCode":403,"message":"ForbiddenError"}`, nil, "ForbiddenError"},
		{"refused, with PHP's empty data", 500, `{"code_status":500,"status":"ERROR","data":[]}`, nil, "ERROR"},
		{"refused under a status line of 200, with PHP's empty data", 200, `{"code_status":403,"status":"FORBIDDEN","data":[]}`, nil, "FORBIDDEN"},
		{"an expired token under a status line of 200, with PHP's empty data", 200, `{"code_status":401,"status":"TOKEN_EXPIRED","data":[]}`, nil, "TOKEN_EXPIRED"},
	} {
		t.Run(test.says, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			})
			var got []provider.Transaction
			var code string
			for entry, err := range open(t, digitalpaye.Config{BaseURL: server.URL}).Transactions(t.Context()) {
				if refused := (*provider.Error)(nil); errors.As(err, &refused) {
					code = refused.Code
					continue
				}
				got = append(got, entry)
			}
			if diff := cmp.Diff(test.want, got); diff != "" || code != test.code {
				t.Errorf("ended with %q, want %q (-want +got)\n%s", code, test.code, diff)
			}
		})
	}
}

// TestAListThatBreaksOffIsNoList, though what came of it could be one: that nothing is in
// it would decide that nobody was ever paid.
func TestAListThatBreaksOffIsNoList(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "5000")
		_, _ = io.WriteString(w, "[]")
	})
	ended := false
	for entry, err := range open(t, digitalpaye.Config{BaseURL: server.URL}).Transactions(t.Context()) {
		broken := (*provider.Error)(nil)
		if ended = errors.As(err, &broken); !ended || broken.Class != provider.Unknown || broken.Code != provider.CodeBroken {
			t.Errorf("%+v, %v, want it told as broken", entry, err)
		}
	}
	if !ended {
		t.Error("it ended as a list does")
	}
}
