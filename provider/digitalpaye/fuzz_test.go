package digitalpaye

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"payrun/provider"
)

// FuzzAnswer looks for an answer that is taken for a verdict on our payout
// without naming it. It reads the body once more on its own, by way of a map.
func FuzzAnswer(f *testing.F) {
	for _, sample := range []string{
		oldPaid, newPaid, page, "", "{}", "[]", `{"data":[]}`, `{"statusCode":404,"message":"NotFoundError"}`,
		strings.ReplaceAll(oldPaid, "SUCCESSFUL", "FAILED"), `{"transactionId":"SAL-001","amount":500,"status":"FAILED"}`,
		v1Refusal(404, "NotFoundError", "Transaction introuvable"), v2Refusal(412, "AMOUNT_INSUFFISANT", "non"), v2Refusal(401, "TOKEN_EXPIRED", ""),
		v1Refusal(400, "BadRequestError", "non"), v1Refusal(403, "ForbiddenError", "non"), v2Refusal(429, "TOO_MANY", "non"),
		`{"message":"Not Found"}`, `{"statusCode":404,"message":"Resource not found"}`,
		`{"statusCode":202,"data":{"transactionId":"SAL-001","amount":"500,00 F CFA","phone":"07****1308","status":"Réussi"}}`,
		`{"data":{"amount":"500","status":"SUCCESSFUL","transaction_id":"SAL-001"},"DATA":{"status":"FAILED"}}`,
	} {
		for _, status := range []int{200, 400, 401, 404, 412, 429, 504} {
			f.Add(sample, status, "5", true, false)
		}
	}
	f.Add(oldPaid[:40], 200, "", false, true)
	client := bareClient(f)
	f.Fuzz(func(t *testing.T, text string, status int, retry string, lookup, broken bool) {
		about := asked
		about.lookup = lookup
		done := exchange{status: status, header: map[string][]string{"Retry-After": {retry}}, body: []byte(text), at: noon, left: true}
		if broken {
			done.err = io.ErrUnexpectedEOF
		}
		o := client.redact(judge(done, about), about.number)

		if broken && o.Class != provider.Unknown {
			t.Errorf("a broken answer is %s", o.Class)
		}
		if final(o.Class) && !names(t, text, about) {
			t.Errorf("%s on the word of %q", o.Class, text)
		}
		if (o.Class == provider.NotFound && !lookup) || o.Class == provider.NotSent || o.Unsent {
			t.Errorf("an answer is %s, unsent %t", o.Class, o.Unsent)
		}
		if turnedAway(o.Class) && (!o.Documented || !refuses(text)) {
			t.Errorf("%s on the word of %q", o.Class, text)
		}
		if o.RetryAfter < 0 || o.RetryAfter > retryAfterMax {
			t.Errorf("wait %s", o.RetryAfter)
		}
		for _, said := range []string{o.Code, o.Message, o.ProviderRef} {
			if utf8.RuneCountInString(said) > textMax || strings.ContainsAny(said, "\n\r\x00\x1b") || strings.Contains(said, "0777101308") {
				t.Errorf("an outcome says %q", said)
			}
		}
	})
}

// turnedAway reports whether a class says that nothing was done.
func turnedAway(class provider.Class) bool {
	return class.NotProcessed() || class == provider.Refused || class == provider.NotFound
}

// refuses reports whether a text is a refusal in one of the documented forms and says
// nothing of a transfer.
func refuses(text string) bool {
	var envelope map[string]any
	if json.Unmarshal([]byte(text), &envelope) != nil {
		return false
	}
	var form bool
	for key, value := range envelope {
		switch strings.ToLower(key) {
		case "code_status":
			form = true
		case "reason":
			form = form || value != ""
		case "ref", "transaction_id", "transactionid", "amount", "phone", "recipient", "number_user":
			if _, composed := value.(map[string]any); value != nil && value != "" && !composed {
				_, list := value.([]any)
				_, truth := value.(bool)
				if !list && !truth {
					return false
				}
			}
		case "data":
			switch value := value.(type) {
			case nil:
			case string:
				if value != "" {
					return false
				}
			case []any:
				if len(value) > 0 {
					return false
				}
			case map[string]any:
				if len(value) > 0 {
					return false
				}
			default:
				return false
			}
		}
	}
	return form
}

func final(class provider.Class) bool {
	return class == provider.Successful || class == provider.Failed || class == provider.Pending
}

// names reports whether one object in the text names our transfer and amount.
func names(t *testing.T, text string, about subject) bool {
	t.Helper()
	var envelope map[string]any
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	if decoder.Decode(&envelope) != nil {
		return false
	}
	objects := []map[string]any{envelope}
	for _, value := range envelope {
		if object, ok := value.(map[string]any); ok {
			objects = append(objects, object)
		}
	}
	for _, object := range objects {
		var id, amount bool
		for key, value := range object {
			switch strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(key)) {
			case "transactionid":
				id = id || value == about.reference
			case "amount":
				var said string
				switch value := value.(type) {
				case string:
					said = value
				case json.Number:
					said = value.String()
				}
				amount = amount || digits(said) == about.amount.Plain()
			}
		}
		if id && amount {
			return true
		}
	}
	return false
}

// digits are those of an amount's whole francs.
func digits(said string) string {
	only := func(text string) string {
		return strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, text)
	}
	if at := strings.LastIndexAny(said, ".,"); at >= 0 && strings.Trim(only(said[at:]), "0") == "" {
		said = said[:at]
	}
	return only(said)
}

// bareClient is enough to say what an outcome shows.
func bareClient(tb testing.TB) *Client {
	tb.Helper()
	client, err := New(Config{
		BaseURL: "https://api.example", Credentials: provider.Credentials{Key: "the-key", Secret: "the-secret"},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return client
}

func TestWhatAnOutcomeSaysIsFitToBeRead(t *testing.T) {
	client := bareClient(t)
	client.tokens.keep(&token{text: "eyJhbGciOi.token"})
	for _, test := range []struct{ says, text, want string }{
		{"control characters", "a\tb\x00c\x1b[31m\u0085d\u2028", "a b c [31m d"},
		{"an invisible turn of the line", "paid\u202elaiF", "paidlaiF"},
		{"broken UTF-8", "a\xffb", "a\ufffdb"},
		{"our number", "compte 0777101308 bloqué", "compte 07•••••308 bloqué"},
		{"our number with the prefix", "+2250777101308", "07•••••308"},
		{"our number in groups", "225 07 77 10 13 08.", "07•••••308."},
		{"our number as the dashboard writes it", "+225 (07) 77-10-13-08", "07•••••308"},
		{"our number in groups that do not break", "compte 07\u00a077\u202f10\u00a013\u00a008 bloqué", "compte 07•••••308 bloqué"},
		{"our number without its zero", "compte 777101308 bloqué", "compte 07•••••308 bloqué"},
		{"our number as it was before 2021", "vers 77 10 13 08.", "vers 07•••••308."},
		{"as many digits that are no number of ours", "le 01.12.2026, ref 77101309", "le 01.12.2026, ref 77101309"},
		{"our number with marks that nobody sees", "07\u00ad77\u20601013\u061c08", "07•••••308"},
		{"somebody else's number", "vers 0501020304", "vers 05•••••304"},
		{"a long row of digits is no number", "ref 20260501020304", "ref 20260501020304"},
		{"the token", "Bearer eyJhbGciOi.token is bad", "Bearer ***** is bad"},
		{"the credentials", "key the-key, secret the-secret", "key *****, secret *****"},
		{"the credentials as they travel", client.basic, "Basic *****"},
		{"a text that just fits", strings.Repeat("é", 200), strings.Repeat("é", 200)},
		{"a long text", strings.Repeat("é", 300), strings.Repeat("é", 199) + "…"},
		{"a number where the text is cut", strings.Repeat("x", 193) + " 0777101308 y", strings.Repeat("x", 193) + " 07•••…"},
	} {
		if got := client.redactText(test.text, asked.number); got != test.want {
			t.Errorf("%s: %q, want %q", test.says, got, test.want)
		}
	}
	for before := range 40 { // wherever the text is cut
		spaced := strings.Repeat("é", before) + strings.Repeat(" 07  7 7  1 0  1 3  0 8,", 100)
		if shown := client.redactText(spaced, asked.number); strings.Contains(shown, "7 7") || !strings.HasSuffix(shown, "…") {
			t.Errorf("behind %d characters: %q", before, shown)
		}
	}
	foreign := client.redactText("to 881234567", "881234567")
	if want := "to 88••••567"; foreign != want {
		t.Errorf("a number of another country: %q, want %q", foreign, want)
	}
	if fits := strings.Repeat("R", textMax); client.redact(provider.Outcome{ProviderRef: fits}, "").ProviderRef != fits {
		t.Errorf("a ref of %d characters was not kept", textMax)
	}
	long := client.redact(provider.Outcome{ProviderRef: strings.Repeat("R", textMax+1)}, "")
	if long.ProviderRef != "" {
		t.Errorf("a ref of %d characters was kept", textMax+1)
	}
}
