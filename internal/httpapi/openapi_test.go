package httpapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// description is the part of the description that tests look at.
type description struct {
	OpenAPI string `json:"openapi"`
	Paths   map[string]map[string]struct {
		OperationID string                `json:"operationId"`
		Security    []map[string][]string `json:"security"`
		RequestBody map[string]any        `json:"requestBody"`
		Responses   map[string]struct {
			Content map[string]struct {
				Schema json.RawMessage `json:"schema"`
			} `json:"content"`
		} `json:"responses"`
	} `json:"paths"`
}

func describe(t *testing.T, o *office) (description, []byte) {
	t.Helper()
	text := o.as("", http.MethodGet, "/v1/openapi.json", "")
	if text.status != http.StatusOK {
		t.Fatalf("the description: %d %s", text.status, text.body)
	}
	var d description
	text.into(t, &d)
	return d, text.body
}

// describedCalls are the calls that the server says it has.
func describedCalls(t *testing.T, o *office) []string {
	t.Helper()
	d, _ := describe(t, o)
	var all []string
	for path, methods := range d.Paths {
		for method := range methods {
			all = append(all, strings.ToUpper(method)+" "+path)
		}
	}
	if len(all) < 15 {
		t.Fatalf("the description has %v", all)
	}
	return all
}

// TestEachAnswerIsAsDescribed: its status, the kind of its body, and every key of it.
func TestEachAnswerIsAsDescribed(t *testing.T) {
	o := open(t, false)
	d, text := describe(t, o)
	if !strings.HasPrefix(d.OpenAPI, "3.1") {
		t.Errorf("it is OpenAPI %s", d.OpenAPI)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("openapi.json", document); err != nil {
		t.Fatal(err)
	}
	checked := 0
	check := func(method, template, path, body string, headers ...string) {
		t.Helper()
		got := o.call(method, path, body, headers...)
		operation := d.Paths[template][strings.ToLower(method)]
		response, described := operation.Responses[strconv.Itoa(got.status)]
		if !described {
			t.Errorf("%s %s answers %d, which is not described: %s", method, path, got.status, got.body)
			return
		}
		kind := got.header.Get("Content-Type")
		if _, described := response.Content[kind]; !described {
			t.Errorf("%s %s answers %d as %q, which is not described", method, path, got.status, kind)
			return
		}
		if !strings.HasSuffix(kind, "json") {
			return // a file, or lines
		}
		pointer := "openapi.json#/paths/" + strings.ReplaceAll(template, "/", "~1") + "/" + strings.ToLower(method) +
			"/responses/" + strconv.Itoa(got.status) + "/content/" + strings.ReplaceAll(kind, "/", "~1") + "/schema"
		schema, err := compiler.Compile(pointer)
		if err != nil {
			t.Fatalf("%s: %v", pointer, err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(got.body))
		if err == nil {
			err = schema.Validate(value)
		}
		if err != nil {
			t.Errorf("%s %s answers %d otherwise than described: %v\n%s", method, path, got.status, err, got.body)
		}
		checked++
	}
	const one = "/v1/batches/{id}"
	check(http.MethodPost, "/v1/batches", "/v1/batches?batch=november", november)
	check(http.MethodPost, "/v1/batches", "/v1/batches?batch=december&check=true&repeat_ok=3", strings.ReplaceAll(november, "NOV", "DEC"))
	check(http.MethodPost, "/v1/batches", "/v1/batches?batch=bad", "transaction_id,name\n1,2\n")
	check(http.MethodPost, "/v1/batches", "/v1/batches?batch=large", strings.Repeat("x", 2<<20))
	check(http.MethodGet, "/v1/batches", "/v1/batches", "")
	check(http.MethodGet, "/v1/batches", "/v1/batches?limit=0", "")
	check(http.MethodGet, one, "/v1/batches/november", "")
	check(http.MethodGet, one, "/v1/batches/nobody", "")
	check(http.MethodGet, one+"/progress", "/v1/batches/november/progress", "")
	check(http.MethodGet, one+"/progress", "/v1/batches/nobody/progress", "")
	check(http.MethodGet, one+"/payouts", "/v1/batches/november/payouts", "")
	check(http.MethodGet, one+"/payouts", "/v1/batches/november/payouts?after=x", "")
	check(http.MethodGet, one+"/payouts/{payout}", "/v1/batches/november/payouts/NOV-001", "")
	check(http.MethodGet, one+"/payouts/{payout}", "/v1/batches/november/payouts/NOV-999", "")
	check(http.MethodGet, one+"/rejected", "/v1/batches/november/rejected", "")
	check(http.MethodPost, one+"/pay", "/v1/batches/november/pay", `{"count":1,"total":1}`)
	check(http.MethodPost, one+"/pay", "/v1/batches/november/pay", `{"count":"x"}`)
	check(http.MethodPost, one+"/pay", "/v1/batches/november/pay", `{"count":3,"total":275500}`)
	check(http.MethodPost, one+"/retry", "/v1/batches/november/retry", `{"count":3,"total":275500}`)
	check(http.MethodGet, one+"/retry", "/v1/batches/november/retry", "")
	check(http.MethodGet, one+"/retry", "/v1/batches/november/retry?only=NOBODY", "")
	check(http.MethodGet, one+"/cancel", "/v1/batches/november/cancel", "")
	check(http.MethodPost, one+"/cancel", "/v1/batches/november/cancel", "")
	check(http.MethodPost, one+"/payouts/{payout}/resolve", "/v1/batches/november/payouts/NOV-001/resolve", `{"paid":false,"because":"seen"}`)
	check(http.MethodGet, one+"/approval", "/v1/batches/november/approval", "")
	check(http.MethodGet, one+"/approval", "/v1/batches/november/approval?name=awa", "")
	check(http.MethodPost, one+"/decisions", "/v1/batches/november/decisions", `{"text":"x","signature":"y"}`)
	for _, ending := range []string{"json", "csv", "xlsx", "html", "journal.csv"} {
		check(http.MethodGet, one+"/report."+ending, "/v1/batches/november/report."+ending, "")
	}
	check(http.MethodGet, one+"/receipts.html", "/v1/batches/november/receipts.html", "")
	check(http.MethodGet, one+"/receipts.html", "/v1/batches/november/receipts.html?payout=NOBODY", "")
	check(http.MethodGet, one+"/report.journal.csv", "/v1/batches/november/report.journal.csv?account_wallet=6317", "")
	check(http.MethodGet, one+"/evidence.zip", "/v1/batches/november/evidence.zip", "")
	check(http.MethodGet, one+"/approval/list.jsonl", "/v1/batches/november/approval/list.jsonl", "")
	check(http.MethodPost, one+"/reconcile", "/v1/batches/november/reconcile", "")
	check(http.MethodPost, one+"/reconcile", "/v1/batches/november/reconcile", `{"transfers":[{"reference":"X","amount":5.5,"state":"successful"}]}`)
	check(http.MethodPost, one+"/reconcile", "/v1/batches/november/reconcile", `{"transfers":[{"reference":"X","amount":5,"state":"successful"}]}`)
	check(http.MethodPost, one+"/reconcile", "/v1/batches/nobody/reconcile", "")
	check(http.MethodGet, "/v1/ledger.jsonl", "/v1/ledger.jsonl", "")
	check(http.MethodGet, "/v1/people", "/v1/people", "")
	check(http.MethodPost, "/v1/people", "/v1/people", `{"text":"x","signature":"y"}`)
	check(http.MethodPost, "/v1/invitations", "/v1/invitations", `{"person":"koffi@firm","roles":["maker"]}`)
	check(http.MethodPost, "/v1/invitations", "/v1/invitations", `{"person":"Koffi","roles":["maker"]}`)
	check(http.MethodGet, "/v1/policy", "/v1/policy", "")
	check(http.MethodPost, "/v1/policy", "/v1/policy", `{"text":"tiers: nonsense"}`)
	check(http.MethodPost, "/v1/policy/decisions", "/v1/policy/decisions", `{"text":"x","signature":"y"}`)
	check(http.MethodGet, "/v1/tokens", "/v1/tokens", "")
	check(http.MethodPost, "/v1/tokens", "/v1/tokens", `{"name":"x","scopes":["read"],"days":1}`)
	check(http.MethodDelete, "/v1/tokens/{id}", "/v1/tokens/nobody", "")
	if checked < 18 {
		t.Errorf("%d answers were checked", checked)
	}
}

// TestEachCallIsDescribedForAGenerator: a name of its own, its scope, and what it takes.
func TestEachCallIsDescribedForAGenerator(t *testing.T) {
	o := open(t, false)
	d, _ := describe(t, o)
	names := map[string]bool{}
	for path, methods := range d.Paths {
		for method, operation := range methods {
			if names[operation.OperationID] || !regexp.MustCompile(`^[a-z]+(-[a-z]+)+$`).MatchString(operation.OperationID) {
				t.Errorf("%s %s is called %q", method, path, operation.OperationID)
			}
			names[operation.OperationID] = true
			if len(operation.Security) != 1 || len(operation.Security[0]["token"]) != 1 {
				t.Errorf("%s %s needs %v, want one scope", method, path, operation.Security)
			}
		}
	}
	_, text := describe(t, o)
	if bytes.Contains(text, []byte(`["array","null"]`)) || !bytes.Contains(text, []byte(`"Event":{`)) {
		t.Error("a list may be null, or nobody knows what an event is")
	}
	if body := d.Paths["/v1/batches"]["post"].RequestBody; body == nil || body["required"] != true {
		t.Errorf("the call that brings a file in takes %v", body)
	}
}
