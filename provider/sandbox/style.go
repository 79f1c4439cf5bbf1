package sandbox

import (
	"net/http"
	"time"

	"payrun/ledger/money"
)

// style is one of the provider's two ways of writing the same things. Names are
// by age, because the older writing carries the higher version number: v2 is
// the older page, v1 the one documented later.
type style interface {
	// decode reads a transfer's body. It refuses only what is not JSON of the
	// right shape; order.check does the rest.
	decode(body []byte) (order, *refusal)
	// accepted answers a request for a transfer; found answers a look-up.
	accepted(v view) answer
	found(v view) answer
	// failed is the provider's own 504.
	failed(v view) answer
	refusal(r *refusal) answer
}

var (
	_ style = oldStyle{}
	_ style = newStyle{}
)

// view is a transfer at one instant.
type view struct {
	transfer *transfer
	status   Status
	// number and operator as the answer shows them, odd as that may be.
	number, operator string
	updated          *time.Time
}

func (v view) total() money.Centimes { return v.transfer.Amount.InCentimes() + v.transfer.Fees }

// acceptedStatus is the HTTP status of an accepted transfer in the older
// writing.
func (v view) acceptedStatus() int {
	if v.status == StatusSuccessful {
		return http.StatusOK
	}
	return http.StatusAccepted
}

const failedTryAgain = "PAYMENT_FAILED_TRY_AGAINST" // the provider's spelling

// oldStyle is v2: snake_case, an envelope of code_status, status and message.
type oldStyle struct{}

type oldEnvelope struct {
	CodeStatus int    `json:"code_status"`
	Status     string `json:"status"`
	Message    string `json:"message"`
	Data       any    `json:"data"`
}

type oldTransfer struct {
	Ref             string  `json:"ref"`
	TransactionID   string  `json:"transaction_id"`
	NumberUser      string  `json:"number_user"`
	NameUser        string  `json:"name_user"`
	Currency        string  `json:"currency"`
	Amount          string  `json:"amount"`
	Fees            string  `json:"fees"`
	AmountReceive   string  `json:"amount_receive"`
	AmountTotal     string  `json:"amount_total"`
	Status          Status  `json:"status"`
	TypeTransaction string  `json:"type_transaction"`
	TypePayment     string  `json:"type_payment"`
	Date            string  `json:"date"`
	DateUpdate      *string `json:"date_update"`
}

func (oldStyle) transfer(v view) any {
	var updated *string
	if v.updated != nil {
		text := v.updated.UTC().Format(time.DateTime)
		updated = &text
	}
	t := v.transfer
	return oldTransfer{
		Ref: t.Ref, TransactionID: t.TransactionID, NumberUser: v.number, NameUser: t.Name,
		Currency: "XOF", Amount: t.Amount.Plain(), Fees: t.Fees.String(),
		AmountReceive: t.Amount.Plain(), AmountTotal: v.total().String(),
		Status: v.status, TypeTransaction: "transfert", TypePayment: v.operator,
		Date: t.AcceptedAt.UTC().Format(time.DateTime), DateUpdate: updated,
	}
}

func (s oldStyle) envelope(code int, v view) answer {
	return jsonAnswer(code, oldEnvelope{code, string(v.status), "PAYMENT_IS_" + string(v.status), s.transfer(v)})
}

func (s oldStyle) accepted(v view) answer { return s.envelope(v.acceptedStatus(), v) }
func (s oldStyle) found(v view) answer    { return s.envelope(http.StatusOK, v) }

func (s oldStyle) failed(v view) answer {
	const code = http.StatusGatewayTimeout
	return jsonAnswer(code, oldEnvelope{code, failedTryAgain, "Le paiement a échoué, veuillez réessayer", s.transfer(v)})
}

func (oldStyle) refusal(r *refusal) answer {
	a := jsonAnswer(r.status, oldEnvelope{r.status, r.code, r.reason, nil})
	a.retryAfter = r.retryAfter
	return a
}

// newStyle is v1: camelCase, an envelope of statusCode and message, and a
// reason on errors.
type newStyle struct{}

type newEnvelope struct {
	StatusCode int    `json:"statusCode"`
	Message    string `json:"message"`
	Reason     string `json:"reason,omitempty"`
	Data       any    `json:"data,omitempty"`
}

type newTransfer struct {
	Ref             string      `json:"ref"`
	TransactionID   string      `json:"transactionId"`
	Currency        string      `json:"currency"`
	Amount          string      `json:"amount"`
	Fees            string      `json:"fees"`
	AmountReceive   string      `json:"amountReceive"`
	AmountTotal     string      `json:"amountTotal"`
	Phone           string      `json:"phone"`
	Status          Status      `json:"status"`
	TypeTransaction string      `json:"typeTransaction"`
	Operator        string      `json:"operator"`
	CreatedAt       string      `json:"createdAt"`
	Customer        newCustomer `json:"customer"`
}

type newCustomer struct {
	LastName  string  `json:"lastName"`
	FirstName string  `json:"firstName"`
	Phone     string  `json:"phone"`
	Email     *string `json:"email"`
}

func (newStyle) transfer(v view) any {
	t := v.transfer
	lastName := t.LastName
	if lastName == "" && t.FirstName == "" {
		lastName = t.Name // sent in the older writing, which has one name
	}
	return newTransfer{
		Ref: t.Ref, TransactionID: t.TransactionID, Currency: "XOF",
		Amount: t.Amount.Plain(), Fees: t.Fees.String(),
		AmountReceive: t.Amount.Plain(), AmountTotal: v.total().String(),
		Phone: v.number, Status: v.status, TypeTransaction: "transfer", Operator: t.Operator,
		CreatedAt: t.AcceptedAt.UTC().Format(time.RFC3339),
		Customer:  newCustomer{LastName: lastName, FirstName: t.FirstName, Phone: v.number},
	}
}

func (s newStyle) accepted(v view) answer {
	const code = http.StatusAccepted // for SUCCESSFUL too
	return jsonAnswer(code, newEnvelope{StatusCode: code, Message: "Accepted", Data: s.transfer(v)})
}

func (s newStyle) found(v view) answer {
	const code = http.StatusOK
	return jsonAnswer(code, newEnvelope{StatusCode: code, Message: "Successful", Data: s.transfer(v)})
}

func (s newStyle) failed(v view) answer {
	const code = http.StatusGatewayTimeout
	return jsonAnswer(code, newEnvelope{
		StatusCode: code, Message: failedTryAgain,
		Reason: "Le paiement a échoué, veuillez réessayer", Data: s.transfer(v),
	})
}

func (newStyle) refusal(r *refusal) answer {
	status, code := r.status, r.code
	if code == codeInvalid { // documented as a plain 400 here
		status, code = http.StatusBadRequest, codeBadRequest
	}
	a := jsonAnswer(status, newEnvelope{StatusCode: status, Message: code, Reason: r.reason})
	a.retryAfter = r.retryAfter
	return a
}
