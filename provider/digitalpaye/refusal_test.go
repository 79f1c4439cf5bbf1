package digitalpaye

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"payrun/provider"
)

// v1Refusal and v2Refusal are refusals as the documents show them.
func v1Refusal(code int, message, reason string) string {
	return fmt.Sprintf(`{"statusCode":%d,"message":%q,"reason":%q}`, code, message, reason)
}

func v2Refusal(code int, status, message string) string {
	return fmt.Sprintf(`{"code_status":%d,"status":%q,"message":%q,"data":null}`, code, status, message)
}

// told is a provider's own account of an answer, in a documented form.
func told(class provider.Class, code, message string) provider.Outcome {
	return provider.Outcome{Class: class, Code: code, Message: message, Documented: true}
}

func patiently(o provider.Outcome, wait time.Duration) provider.Outcome {
	o.BackOff, o.RetryAfter = true, wait
	return o
}

func after(value string) http.Header { return http.Header{"Retry-After": {value}} }

func TestARefusalSaysWhatWasNotDone(t *testing.T) {
	failedOld := with(t, oldPaid, `200`, `504`, "PAYMENT_IS_SUCCESSFUL", "PAYMENT_FAILED_TRY_AGAINST", `"SUCCESSFUL"`, `"FAILED"`, "effectué", "refusé")
	refused := as(paid("Transfert refusé"), provider.Failed, "PAYMENT_FAILED_TRY_AGAINST")
	tooFast := told(provider.Throttled, "TOO_MANY_REQUESTS", "Trop de requêtes")
	check(t, asked, []sentence{
		{"the provider's own 504", 504, nil, failedOld, refused},
		{"the provider's own 504 under a status line of 200", 200, nil, failedOld, refused},
		{"a 504 that says PENDING", 504, nil, with(t, newPaid, "202", "504", "SUCCESSFUL", "PENDING"), as(paid("Transfer accepted"), provider.Pending, "PENDING")},
		{"a 504 that says that it failed and that it did not", 504, nil, with(t, failedOld, `"FAILED"`, `"SUCCESSFUL"`), mismatch("the answer says two different things")},
		{"refused, new dialect", 400, nil, v1Refusal(400, "BadRequestError", "amount invalide"), told(provider.Refused, "BadRequestError", "amount invalide")},
		{"refused, old dialect", 422, nil, strings.Replace(v2Refusal(422, "INVALID_OPERATOR", "Opérateur inconnu"), "null", "[]", 1), told(provider.Refused, "INVALID_OPERATOR", "Opérateur inconnu")},
		{"refused, with an empty object for data", 422, nil, strings.Replace(v2Refusal(422, "INVALID_OPERATOR", "Opérateur inconnu"), "null", "{ }", 1), told(provider.Refused, "INVALID_OPERATOR", "Opérateur inconnu")},
		{"refused under a status line of 200", 200, nil, v1Refusal(400, "BadRequestError", "non"), told(provider.Refused, "BadRequestError", "non")},
		{"forbidden for this one", 403, nil, v1Refusal(403, "ForbiddenError", "KYC incomplet"), told(provider.Forbidden, "ForbiddenError", "KYC incomplet")},
		{"409", 409, nil, v1Refusal(409, "ConflictError", "Conflit"), told(provider.Exists, "ConflictError", "Conflit")},
		{"duplicate, told by a 500", 500, nil, `{"status":"DUPLICATE_TRANSACTION"}`, provider.Outcome{Class: provider.Exists, Code: "DUPLICATE_TRANSACTION"}},
		{"bad credentials", 401, nil, v1Refusal(401, "UnauthorizedError", "Accès refusé"), told(provider.Unauthorized, "UnauthorizedError", "Accès refusé")},
		{"a token that nobody knows", 401, nil, v1Refusal(401, "UnauthorizedError", "Jeton inconnu"), told(provider.Unauthorized, "UnauthorizedError", "Jeton inconnu")},
		{"a contract that expired", 401, nil, v1Refusal(401, "UnauthorizedError", "Votre contrat a expiré"), told(provider.Unauthorized, "UnauthorizedError", "Votre contrat a expiré")},
		{"an expired token, old dialect", 401, nil, `{"code_status":401,"status":"TOKEN_EXPIRED"}`, told(provider.Expired, "TOKEN_EXPIRED", "")},
		{"an expired token, new dialect", 401, nil, v1Refusal(401, "UnauthorizedError", "Le jeton a expiré"), told(provider.Expired, "UnauthorizedError", "Le jeton a expiré")},
		{"too fast, in seconds", 429, after("7"), v2Refusal(429, "TOO_MANY_REQUESTS", "Trop de requêtes"), patiently(tooFast, 7*time.Second)},
		{"too fast, until a time", 429, after(noon.Add(90 * time.Second).Format(http.TimeFormat)), v1Refusal(429, "TOO_MANY_REQUESTS", "Trop de requêtes"), patiently(tooFast, 90*time.Second)},
		{"too fast, for a year", 429, after("31536000"), v2Refusal(429, "TOO_MANY_REQUESTS", "Trop de requêtes"), patiently(tooFast, retryAfterMax)},
		{"too fast, since yesterday", 429, after(noon.Add(-time.Hour).Format(http.TimeFormat)), v2Refusal(429, "TOO_MANY_REQUESTS", "Trop de requêtes"), patiently(tooFast, 0)},
		{"too fast, for less than nothing", 429, after("-5"), v2Refusal(429, "TOO_MANY_REQUESTS", "Trop de requêtes"), patiently(tooFast, 0)},
		{"unavailable, with a time", 503, after("3"), v2Refusal(503, "SERVICE_UNAVAILABLE", "Revenez"), patiently(told(provider.Throttled, "SERVICE_UNAVAILABLE", "Revenez"), 3*time.Second)},
		{"unavailable, without a time", 503, nil, v2Refusal(503, "MAINTENANCE", "Revenez"), told(provider.Unknown, "MAINTENANCE", "Revenez")},
		{"an internal error", 500, nil, v1Refusal(500, "InternalServerError", "Réessayez"), told(provider.Unknown, "InternalServerError", "Réessayez")},
		{"no such beneficiary", 404, nil, v1Refusal(404, "NotFoundError", "Aucun compte pour ce numéro"), told(provider.Refused, "NotFoundError", "Aucun compte pour ce numéro")},
		{"a word from the end of the alphabet", 400, nil, v2Refusal(400, "ZERO_AMOUNT", "Montant nul"), told(provider.Refused, "ZERO_AMOUNT", "Montant nul")},
		{"a name from the beginning of the alphabet", 422, nil, v1Refusal(422, "AmountError", "Montant nul"), told(provider.Refused, "AmountError", "Montant nul")},
		{"a name from the end of the alphabet", 422, nil, v1Refusal(422, "ZoneError", "Zone fermée"), told(provider.Refused, "ZoneError", "Zone fermée")},
		{"a number in the body that is none of HTTP's", 429, nil, `{"status":"TOO_MANY_REQUESTS","code":600}`, slower("TOO_MANY_REQUESTS", 0)},
		{"a number in the body that says nothing", 429, nil, `{"status":"TOO_MANY_REQUESTS","code":0}`, slower("TOO_MANY_REQUESTS", 0)},
		{"no such page", 404, nil, v1Refusal(404, "NotFoundError", "Cannot POST /v1/transfers"), told(provider.Unknown, "NotFoundError", "Cannot POST /v1/transfers")},
	})
}

// TestOnlyTheProvidersOwnFormSaysThatNothingWasDone has what gateways, firewalls and
// frameworks write, and refusals that are almost as documented. The provider behind
// may have taken the transfer.
func TestOnlyTheProvidersOwnFormSaysThatNothingWasDone(t *testing.T) {
	for says, row := range map[string]sentence{
		"AWS, forbidden":                    {status: 403, body: `{"message":"Forbidden"}`},
		"AWS, too fast":                     {status: 429, body: `{"message":"Too Many Requests"}`},
		"AWS, token":                        {status: 401, body: `{"message":"The incoming token has expired"}`},
		"AWS WAF":                           {status: 403, body: `{"Message":"Request blocked"}`},
		"Azure, too fast":                   {status: 429, header: after("5"), body: `{"statusCode":429,"message":"Rate limit is exceeded. Try again in 5 seconds."}`},
		"Azure, no key":                     {status: 401, body: `{"statusCode":401,"message":"Access denied due to missing subscription key."}`},
		"Azure, token":                      {status: 401, body: `{"statusCode":401,"message":"JWT expired"}`},
		"a name without its underscore":     {status: 401, body: `{"codestatus":401,"status":"TOKEN_EXPIRED"}`},
		"a name with an underscore":         {status: 401, body: `{"status_code":401,"message":"UnauthorizedError","reason":"Accès refusé"}`},
		"a name with a hyphen":              {status: 429, header: after("1"), body: `{"code-status":429,"status":"TOO_MANY_REQUESTS"}`},
		"Kong":                              {status: 429, body: `{"message":"API rate limit exceeded"}`},
		"Kong, upstream":                    {status: 503, header: after("1"), body: `{"message":"failure to get a peer from the ring-balancer"}`},
		"Google":                            {status: 429, body: `{"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED"}}`},
		"Google endpoints":                  {status: 401, body: `{"code":401,"message":"Jwt is expired"}`},
		"Cloudflare":                        {status: 429, body: `{"success":false,"errors":[{"code":10000,"message":"Rate limited"}]}`},
		"problem details":                   {status: 503, header: after("9"), body: `{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"Try later"}`},
		"NestJS":                            {status: 429, body: `{"statusCode":429,"message":"ThrottlerException: Too Many Requests"}`},
		"NestJS, forbidden":                 {status: 403, body: `{"statusCode":403,"message":"Forbidden resource","error":"Forbidden"}`},
		"Spring":                            {status: 400, body: `{"timestamp":"2026-05-29T12:00:00Z","status":400,"error":"Bad Request","path":"/v2/transfers"}`},
		"a validation without the form":     {status: 400, body: `{"statusCode":400,"message":["amount must be positive"]}`},
		"a balance without the form":        {status: 412, body: `{"message":"Solde insuffisant"}`},
		"v1 without a reason":               {status: 400, body: `{"statusCode":400,"message":"BadRequestError"}`},
		"v1 with another number's message":  {status: 400, body: v1Refusal(400, "NotFoundError", "non")},
		"v1 with a sentence for a message":  {status: 400, body: v1Refusal(400, "Bad request error", "non")},
		"v1 with a word that is no error's": {status: 403, body: v1Refusal(403, "Forbidden", "Blocked by policy")},
		"v1 with a name in small letters":   {status: 422, body: v1Refusal(422, "validationError", "non")},
		"v1 with a name of two words":       {status: 422, body: v1Refusal(422, "Validation Error", "non")},
		"v2 with a sentence for a status":   {status: 400, body: v2Refusal(400, "bad request", "non")},
		"v2 without a status":               {status: 400, body: `{"code_status":400,"message":"non"}`},
		"with data about something":         {status: 400, body: `{"statusCode":400,"message":"BadRequestError","reason":"non","data":{"field":"amount"}}`},
		"with data that cannot be read":     {status: 412, body: `{"code_status":412,"status":"AMOUNT_INSUFFISANT","message":"non","data":"DP-1"}`},
		"with a number for data":            {status: 412, body: `{"code_status":412,"status":"AMOUNT_INSUFFISANT","message":"non","data":5}`},
		"with an end of no transfer":        {status: 412, body: `{"code_status":412,"status":"AMOUNT_INSUFFISANT","message":"non","data":{"status":"FAILED"}}`},
		"with data in a list":               {status: 412, body: `{"code_status":412,"status":"AMOUNT_INSUFFISANT","message":"non","data":[{"ref":"DP-1"}]}`},
		"with our id in data, and no more":  {status: 429, body: `{"code_status":429,"status":"TOO_MANY","data":{"transaction_id":"SAL-001"}}`},
		"with a ref where none is expected": {status: 401, body: `{"code_status":401,"status":"TOKEN_EXPIRED","message":"non","ref":"DP-1"}`},
		"with a ref beside empty data":      {status: 401, body: `{"code_status":401,"status":"TOKEN_EXPIRED","data":{},"ref":"DP-1"}`},
	} {
		t.Run(says, func(t *testing.T) {
			for _, lookup := range []bool{false, true} {
				about := asked
				about.lookup = lookup
				o := judge(exchange{status: row.status, header: row.header, body: []byte(row.body), at: noon, left: true}, about)
				if o.Class != provider.Unknown || o.Mismatch {
					t.Errorf("look-up %t: %s, about another transfer %t, on the word of %s", lookup, o.Class, o.Mismatch, row.body)
				}
				barred := row.status == http.StatusTooManyRequests || row.status == http.StatusServiceUnavailable ||
					(row.status == http.StatusForbidden || row.status == http.StatusUnauthorized) && !o.Documented
				if o.BackOff != barred {
					t.Errorf("look-up %t: slows down %t, want %t", lookup, o.BackOff, barred)
				}
			}
		})
	}
}

func TestABalanceIsToldInManyWords(t *testing.T) {
	for _, test := range []struct {
		code int
		said string
		want provider.Class
	}{
		{412, "n'importe quoi", provider.NoBalance},
		{402, "Payment required", provider.NoBalance},
		{400, "Solde insuffisant", provider.NoBalance},
		{400, "Le solde de votre compte est insuffisant", provider.NoBalance},
		{422, "Fonds insuffisants", provider.NoBalance},
		{400, "Insufficient funds", provider.NoBalance},
		{403, "insufficient account balance", provider.NoBalance},
		{400, "Your balance is too low", provider.NoBalance},
		{400, "Provision insuffisante", provider.NoBalance},
		{400, "Veuillez recharger votre compte", provider.NoBalance},
		{400, "Not enough funds", provider.NoBalance},
		{400, "Montant insuffisant : 100 au moins", provider.Refused},
		{400, "Solde du bénéficiaire insuffisant", provider.Refused},
		{400, "Insufficient data", provider.Refused},
		{500, "Solde insuffisant", provider.Unknown},
	} {
		for _, body := range []string{v1Refusal(test.code, wordFor(test.code), test.said), v2Refusal(test.code, "REJET", test.said)} {
			o := judge(exchange{status: test.code, body: []byte(body), at: noon, left: true}, asked)
			if o.Class != test.want {
				t.Errorf("%s: %s, want %s", body, o.Class, test.want)
			}
		}
	}
}

// wordFor is the message with which v1 refuses.
func wordFor(code int) string {
	if name, known := errorNames[code]; known {
		return name
	}
	return "OtherError"
}

func TestARepeatIsRecognisedInManyWords(t *testing.T) {
	for _, test := range []struct {
		said string
		want provider.Class
	}{
		{"Transaction already exists", provider.Exists},
		{"Cet identifiant existe déjà", provider.Exists},
		{"transactionId must be unique", provider.Exists},
		{"L'identifiant doit être unique", provider.Exists},
		{"Cette référence est déjà prise", provider.Exists},
		{"This reference has already been taken", provider.Exists},
		{"Doublon", provider.Exists},
		{"Référence déjà attribuée", provider.Exists},
		{"Paiement déjà reçu", provider.Exists},
		{"Compte déjà bloqué", provider.Refused},
		{"Un identifiant unique est requis", provider.Refused},
	} {
		o := judge(exchange{status: 400, body: []byte(v1Refusal(400, "BadRequestError", test.said)), at: noon, left: true}, asked)
		if o.Class != test.want {
			t.Errorf("%q: %s, want %s", test.said, o.Class, test.want)
		}
	}
}
