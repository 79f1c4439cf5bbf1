package httpapi_test

import (
	"net/http"
	"testing"

	"payrun/internal/httpapi"
	"payrun/provider/sandbox"
)

// TestWhatFailedIsTriedAgain, by its count and total, and what the provider said stays.
func TestWhatFailedIsTriedAgain(t *testing.T) {
	scenario, err := sandbox.ParseScenario([]byte("faults: {pending_then_failed: 100}\nsettle: {min: 1ms, max: 2ms}\n"))
	if err != nil {
		t.Fatal(err)
	}
	o := openBefore(t, true, sandbox.Options{Scenario: &scenario})
	o.wants("bring in", o.call(http.MethodPost, "/v1/batches?batch=november", november), http.StatusCreated, "")
	o.wants("nothing failed", o.call(http.MethodPost, "/v1/batches/november/retry", `{"count":3,"total":275500}`), http.StatusConflict, "not_retriable")
	o.wants("pay", o.call(http.MethodPost, "/v1/batches/november/pay", `{"count":3,"total":275500}`), http.StatusOK, "")
	o.until("0", "batch.closed")
	var failed httpapi.Payouts
	o.call(http.MethodGet, "/v1/batches/november/payouts?state=failed", "").into(t, &failed)
	if len(failed.Payouts) != 3 || failed.Payouts[0].Code == "" {
		t.Fatalf("failed %+v", failed)
	}
	o.wants("another total", o.call(http.MethodPost, "/v1/batches/november/retry", `{"count":3,"total":1}`), http.StatusConflict, "not_as_confirmed")
	var would httpapi.Retriable
	o.wants("who would be", o.call(http.MethodGet, "/v1/batches/november/retry?except=NOV-002,NOV-003", ""), http.StatusOK, "").into(t, &would)
	if len(would.Chosen) != 1 || would.Chosen[0].ID != "NOV-001" || would.ToConfirm.Count != 1 || would.ToConfirm.Amount != "45000" {
		t.Errorf("would be tried again: %+v", would)
	}
	var again httpapi.Batch
	o.wants("one of them", o.call(http.MethodPost, "/v1/batches/november/retry", `{"count":1,"total":45000,"only":["NOV-001"]}`), http.StatusOK, "").into(t, &again)
	if again.State != "paying" {
		t.Errorf("it is %s", again.State)
	}
	o.wants("nobody", o.call(http.MethodPost, "/v1/batches/november/retry", `{"count":1,"total":1,"only":["XYZ"]}`), http.StatusConflict, "not_retriable")
}
