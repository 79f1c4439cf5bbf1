package sandbox

import (
	"net/http"
	"strings"
	"time"
)

// dialect is one of the two forms of the provider's API, named as the client's package
// names them: v2 is the older page, v1 the one documented later.
type dialect interface {
	// decode reads a transfer's body. It refuses only what is not JSON of the
	// right shape; order.check does the rest.
	decode(body []byte) (order, *refusal)
	// accepted answers a request for a transfer; found answers a look-up.
	accepted(v view) answer
	found(v view) answer
	// failed is the provider's own 504.
	failed(v view) answer
	refusal(r *refusal) answer
	// withData is a refusal that describes the transfer all the same.
	withData(r *refusal, v view) answer
}

var (
	_ dialect = v2{}
	_ dialect = v1{}
)

// view is a transfer at one instant.
type view struct {
	transfer *transfer
	status   Status
	// word, amount, number and operator as the answer shows them, odd as that
	// may be.
	word             string
	amount           string
	number, operator string
	// currency is the one that the answer names.
	currency string
	// at and updated are by the provider's clock.
	at      time.Time
	updated *time.Time
}

func (v view) total() Centimes { return v.transfer.Amount.InCentimes() + v.transfer.Fees }

// acceptedStatus is the HTTP status of an accepted transfer in the older
// writing.
func (v view) acceptedStatus() int {
	if v.status == StatusSuccessful {
		return http.StatusOK
	}
	return http.StatusAccepted
}

const failedTryAgain = "PAYMENT_FAILED_TRY_AGAINST" // the provider's spelling

// v2 is v2: snake_case, an envelope of code_status, status and message.
type v2 struct{}

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
	Status          string  `json:"status"`
	TypeTransaction string  `json:"type_transaction"`
	TypePayment     string  `json:"type_payment"`
	Date            string  `json:"date"`
	DateUpdate      *string `json:"date_update"`
}

func (v2) transfer(v view) any {
	var updated *string
	if v.updated != nil {
		text := v.updated.UTC().Format(time.DateTime)
		updated = &text
	}
	t := v.transfer
	return oldTransfer{
		Ref: t.Ref, TransactionID: t.TransactionID, NumberUser: v.number, NameUser: t.Name,
		Currency: v.currency, Amount: v.amount, Fees: t.Fees.String(),
		AmountReceive: t.Amount.Plain(), AmountTotal: v.total().String(),
		Status: v.word, TypeTransaction: "transfert", TypePayment: v.operator,
		Date: v.at.Format(time.DateTime), DateUpdate: updated,
	}
}

func (s v2) envelope(code int, v view) answer {
	return jsonAnswer(code, oldEnvelope{code, string(v.status), "PAYMENT_IS_" + string(v.status), s.transfer(v)})
}

func (s v2) accepted(v view) answer { return s.envelope(v.acceptedStatus(), v) }
func (s v2) found(v view) answer    { return s.envelope(http.StatusOK, v) }

func (s v2) failed(v view) answer {
	const code = http.StatusGatewayTimeout
	return jsonAnswer(code, oldEnvelope{code, failedTryAgain, "Le paiement a échoué, veuillez réessayer", s.transfer(v)})
}

func (v2) refusal(r *refusal) answer { return oldRefusal(r, nil) }

func (s v2) withData(r *refusal, v view) answer { return oldRefusal(r, s.transfer(v)) }

func oldRefusal(r *refusal, data any) answer {
	a := jsonAnswer(r.status, oldEnvelope{r.status, constant(r.code), r.reason, data})
	a.retryAfter = r.retryAfter
	return a
}

// constant writes a name of the newer writing as the older one would:
// "ForbiddenError" is FORBIDDEN.
func constant(code string) string {
	name, found := strings.CutSuffix(code, "Error")
	if !found {
		return code
	}
	var b strings.Builder
	for i, r := range name {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToUpper(b.String())
}

// v1 is v1: camelCase, an envelope of statusCode and message, and a
// reason on errors.
type v1 struct{}

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
	Status          string      `json:"status"`
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

func (v1) transfer(v view) any {
	t := v.transfer
	lastName := t.LastName
	if lastName == "" && t.FirstName == "" {
		lastName = t.Name // sent in the older writing, which has one name
	}
	return newTransfer{
		Ref: t.Ref, TransactionID: t.TransactionID, Currency: v.currency,
		Amount: v.amount, Fees: t.Fees.String(),
		AmountReceive: t.Amount.Plain(), AmountTotal: v.total().String(),
		Phone: v.number, Status: v.word, TypeTransaction: "transfer", Operator: t.Operator,
		CreatedAt: v.at.Format(time.RFC3339),
		Customer:  newCustomer{LastName: lastName, FirstName: t.FirstName, Phone: v.number},
	}
}

func (s v1) accepted(v view) answer {
	const code = http.StatusAccepted // for SUCCESSFUL too
	return jsonAnswer(code, newEnvelope{StatusCode: code, Message: "Accepted", Data: s.transfer(v)})
}

func (s v1) found(v view) answer {
	const code = http.StatusOK
	return jsonAnswer(code, newEnvelope{StatusCode: code, Message: "Successful", Data: s.transfer(v)})
}

func (s v1) failed(v view) answer {
	const code = http.StatusGatewayTimeout
	return jsonAnswer(code, newEnvelope{
		StatusCode: code, Message: failedTryAgain,
		Reason: "Le paiement a échoué, veuillez réessayer", Data: s.transfer(v),
	})
}

func (v1) refusal(r *refusal) answer { return newRefusal(r, nil) }

func (s v1) withData(r *refusal, v view) answer { return newRefusal(r, s.transfer(v)) }

func newRefusal(r *refusal, data any) answer {
	status, code := r.status, r.code
	if code == codeInvalid { // documented as a plain 400 here
		status, code = http.StatusBadRequest, codeBadRequest
	}
	a := jsonAnswer(status, newEnvelope{StatusCode: status, Message: code, Reason: r.reason, Data: data})
	a.retryAfter = r.retryAfter
	return a
}
