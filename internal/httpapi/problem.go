package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"payrun/batch/access"
	"payrun/batch/approval"
	"payrun/batch/clearance"
	"payrun/batch/intake"
	"payrun/batch/outbox"
	"payrun/batch/retry"
	"payrun/batch/service"
	"payrun/internal/catalogue"
	"payrun/ledger"
	"payrun/reports"
)

// Problem is an error as the API tells it: a problem document (RFC 9457).
type Problem struct { //nolint:errname // its name in RFC 9457
	Type   string `json:"type" doc:"urn:payrun:problem: and the code"`
	Title  string `json:"title" doc:"what happened, in the language that was asked for"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty" doc:"more about this one, in English"`
	Code   string `json:"code" doc:"stable: for programs"`
	// Found is the total that may be paid now, where something else was confirmed.
	Found *Total `json:"found,omitempty" doc:"what may be paid now, where something else was confirmed"`
	// Missing are the approvals that a policy asks for.
	Missing []MissingApproval `json:"missing,omitempty" doc:"the approvals that are still asked for"`
	// Held are payouts that got no new attempt.
	Held []HeldPayout `json:"held,omitempty" doc:"those that get no new attempt, where that is all of them"`
	// State is why a payout has no receipt.
	State string `json:"state,omitempty" doc:"of the payout, or difference, where that is why it has no receipt"`
	// File has the problems of a file.
	File   *Findings           `json:"file,omitempty" doc:"what is wrong with the file"`
	Errors []*huma.ErrorDetail `json:"errors,omitempty" doc:"what is wrong with the call"`

	err error
}

// MissingApproval is an approval that a policy asks for.
type MissingApproval struct {
	Count int      `json:"count"`
	From  []string `json:"from"`
}

func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// Unwrap returns the error that the problem tells of, nil for none.
func (p *Problem) Unwrap() error { return p.err }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (*Problem) ContentType(string) string { return "application/problem+json" }

// The codes of the API's own problems. Those of use cases are the names of
// service.TroubleOf.
const (
	codeInternal   = "internal"
	codeRequest    = "request"
	codeNowhere    = "nowhere"
	codeToken      = "token"
	codeScope      = "scope"
	codeHost       = "host"
	codeRate       = "rate"
	codeTooLarge   = "too_large"
	codeKeyReused  = "key_reused"
	codeFile       = "file"
	codeShortfall  = "shortfall"
	codeBusy       = "busy"
	codeNothing    = "nothing_open"
	codeHeldBack   = "not_retriable"
	codeCorrection = "corrections"
	codeIgnored    = "ignored"
	codeEnded      = "approval_ended"
	codeNobody     = "no_people"
	codeNoReceipt  = "no_receipt"
)

// statuses are the statuses of codes. What is not here is not the caller's doing.
//
//nolint:gochecknoglobals // a table that nothing writes to
var statuses = map[string]int{
	codeRequest: http.StatusBadRequest, codeNowhere: http.StatusNotFound, codeToken: http.StatusUnauthorized,
	codeScope: http.StatusForbidden, codeHost: http.StatusMisdirectedRequest, codeRate: http.StatusTooManyRequests,
	codeTooLarge: http.StatusRequestEntityTooLarge, codeKeyReused: http.StatusUnprocessableEntity,
	codeFile: http.StatusUnprocessableEntity, codeShortfall: http.StatusConflict, codeBusy: http.StatusServiceUnavailable,
	codeNothing: http.StatusConflict, codeHeldBack: http.StatusConflict, codeCorrection: http.StatusConflict,
	codeIgnored: http.StatusConflict, codeEnded: http.StatusConflict, codeNobody: http.StatusConflict,
	codeNoReceipt: http.StatusNotFound,

	"not_found": http.StatusNotFound, "unapproved": http.StatusConflict, "not_as_confirmed": http.StatusConflict,
	"unsealed": http.StatusConflict, "unreleased": http.StatusConflict, "other_file": http.StatusConflict,
	"known_elsewhere": http.StatusConflict, "rows_removed": http.StatusConflict, "currency": http.StatusConflict,
	"environment": http.StatusConflict, "other_key": http.StatusConflict, "country": http.StatusConflict,
	"past": http.StatusUnprocessableEntity, "not_yet": http.StatusConflict, "missed": http.StatusConflict,
	"people": http.StatusUnprocessableEntity, "policy": http.StatusUnprocessableEntity,
	"proposed": http.StatusConflict, "no_proposal": http.StatusConflict,
	"maker": http.StatusForbidden, "not_asked": http.StatusConflict, "no_ids": http.StatusUnprocessableEntity,
	"refused": http.StatusBadGateway, "unreachable": http.StatusBadGateway, "credentials": http.StatusBadGateway,
	"interrupted": http.StatusServiceUnavailable, "recording": http.StatusServiceUnavailable, "locked": http.StatusServiceUnavailable,
	"moved": http.StatusServiceUnavailable,
}

// StatusOf returns the HTTP status of a code.
func StatusOf(code string) int {
	if status, known := statuses[code]; known {
		return status
	}
	return http.StatusInternalServerError
}

// CodeOf returns the code of an error, "internal" for one that nobody foresaw.
func CodeOf(err error) string {
	switch {
	case is[*service.ShortfallError](err):
		return codeShortfall
	case is[*service.ControlError](err):
		return codeCorrection
	case errors.Is(err, service.ErrNothingOpen), errors.Is(err, service.ErrNeverSent), is[*ledger.BatchStateError](err):
		return codeNothing
	case is[*service.IgnoredError](err):
		return codeIgnored
	case is[*service.ApprovalEndedError](err):
		return codeEnded
	case is[*retry.NotRetriableError](err), errors.Is(err, service.ErrNothingToRetry):
		return codeHeldBack
	case errors.Is(err, access.ErrScope), errors.Is(err, access.ErrName), errors.Is(err, access.ErrExpiry):
		return codeRequest
	case errors.Is(err, access.ErrUnknown), errors.Is(err, outbox.ErrUnknown):
		return "not_found"
	case is[*reports.NoReceiptError](err):
		return codeNoReceipt
	case errors.Is(err, context.DeadlineExceeded):
		return codeBusy
	}
	if name := service.TroubleOf(err).Name; name != "" {
		return name
	}
	if is[*intake.FileError](err) {
		return codeFile
	}
	return codeInternal
}

func is[E error](err error) bool {
	_, found := errors.AsType[E](err)
	return found
}

// problem is an error as the API tells it. What nobody foresaw is logged and not shown.
func (s *server) problem(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if told, already := errors.AsType[*Problem](err); already {
		return told
	}
	code := CodeOf(err)
	p := problemOf(ctx, code, err.Error())
	p.err = err
	if p.Status >= http.StatusInternalServerError {
		s.Log.Error().Err(err).Str("code", code).Msg("a call failed")
	}
	if code == codeInternal {
		p.Detail = "" // which may say more of this machine than a caller should know
	}
	if wrong, ok := errors.AsType[*service.ReleaseError](err); ok {
		p.Found = totalOf(wrong.Found)
	}
	if none, ok := errors.AsType[*reports.NoReceiptError](err); ok {
		p.State = none.State
	}
	if waits, ok := errors.AsType[*clearance.UnapprovedError](err); ok {
		p.Missing = missing(waits.Verdict)
	}
	return p
}

func missing(v approval.Verdict) []MissingApproval {
	var all []MissingApproval
	for _, need := range v.Missing {
		all = append(all, MissingApproval{Count: need.Count, From: need.From})
	}
	return all
}

// problemOf is a problem by its code.
func problemOf(ctx context.Context, code, detail string) *Problem {
	return &Problem{Type: "urn:payrun:problem:" + code, Title: title(ctx, code), Status: StatusOf(code), Detail: detail, Code: code}
}

// title words a code in the caller's language.
func title(ctx context.Context, code string) string {
	words, err := catalogue.New(languageOf(ctx))
	if err != nil {
		return code
	}
	return words.Title(code)
}

// coded gives the errors of the description's library a code: they are about the call.
func coded(ctx huma.Context, _ string, v any) (any, error) {
	plain, is := v.(*huma.ErrorModel)
	if !is {
		return v, nil
	}
	code := codeRequest
	switch plain.Status {
	case http.StatusRequestEntityTooLarge:
		code = codeTooLarge
		ctx.SetHeader("Connection", "close") // what is still under way is no call
	case http.StatusRequestTimeout:
		ctx.SetHeader("Connection", "close")
	case http.StatusInternalServerError:
		code = codeInternal
	}
	for _, one := range plain.Errors {
		one.Value = nil // whoever sent it knows it, and it may be large
	}
	p := problemOf(ctx.Context(), code, plain.Detail)
	p.Status, p.Errors = plain.Status, plain.Errors
	return p, nil
}

// problems describe what may be wrong, for each status.
func (s *server) problems() map[string]*huma.Response {
	schema := s.api.OpenAPI().Components.Schemas.Schema(typeOf[Problem](), true, "Problem")
	all := map[string]*huma.Response{}
	for _, status := range []int{
		http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusRequestTimeout, http.StatusConflict,
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType,
		http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable,
	} {
		all[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status), Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema}},
		}
	}
	return all
}
