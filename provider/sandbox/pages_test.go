package sandbox_test

import (
	"net/http"
	"testing"

	"payrun/provider/sandbox"
)

func TestATransferIsPaidInEitherDialect(t *testing.T) {
	for _, test := range []struct {
		name, path, body string
		status           int
		id, fees         string // keys of the data
	}{
		{"v2", v2Path, v2Body("T1"), http.StatusOK, "transaction_id", "7.5"},
		{"v2 body at the v1 address", v1Path, v2Body("T1"), http.StatusOK, "transaction_id", "7.5"},
		{"v1", v1Path, v1Body("T1"), http.StatusAccepted, "transactionId", "7.5"},
		{"v1 singular", "/v1/transfer/mobile-money", v1Body("T1"), http.StatusAccepted, "transactionId", "7.5"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := overHTTP(t, with(day("")))
			r := c.post(test.path, test.body)
			if r.status != test.status || r.data()["status"] != "SUCCESSFUL" || r.data()[test.id] != "T1" ||
				r.data()["amount"] != "750" || r.data()["fees"] != test.fees {
				t.Fatalf("answered %d %s", r.status, r.text)
			}
			books := c.box.Books()
			if books.Credited != (sandbox.Total{Count: 1, Amount: 750}) || books.Fees != 750 {
				t.Errorf("books say %+v credited, fees %s", books.Credited, books.Fees)
			}
		})
	}
}
