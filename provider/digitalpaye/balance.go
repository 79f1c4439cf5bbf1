package digitalpaye

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"payrun/ledger/money"
	"payrun/provider"
)

const opBalance = "ask for the balance"

type balanceAnswer struct {
	Data struct {
		Amount scalar `json:"amount"`
	} `json:"data"`
}

// Balance implements provider.Provider. A balance with decimals, which fees can
// leave behind, is rounded down to whole francs.
func (c *Client) Balance(ctx context.Context) (money.Amount, error) {
	done, failed := c.call(ctx, http.MethodGet, c.base.JoinPath("/v1/balance"), nil, documentedMax)
	if failed != nil {
		return money.Amount{}, failure(opBalance, *failed)
	}
	if done.err == nil && successful(readBody(done.body).statusCode(done.status)) {
		var answer balanceAnswer
		if unmarshal(done.body, &answer) == nil {
			if francs, ok := balance(answer.Data.Amount.text); ok {
				return francs, nil
			}
		}
	}
	return money.Amount{}, failure(opBalance, c.redact(judgeOther(done), ""))
}

// balance reads a balance as machines write it, else as people do.
func balance(text string) (money.Amount, bool) {
	if francs, ok := wholeFrancs(text); ok {
		return francs, true
	}
	text, ok := ungrouped(withoutUnit(text))
	if !ok {
		return money.Amount{}, false
	}
	return wholeFrancs(text)
}

// wholeFrancs rounds a decimal number down.
func wholeFrancs(text string) (money.Amount, bool) {
	whole, decimals, pointed := strings.Cut(text, ".")
	francs, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || whole[0] == '+' || (pointed && (decimals == "" || strings.Trim(decimals, "0123456789") != "")) {
		return money.Amount{}, false
	}
	if whole[0] == '-' && strings.Trim(decimals, "0") != "" {
		francs--
	}
	return money.XOF.Of(francs), true
}

// judgeOther judges a call about no single payout that did not bring what was
// asked for.
func judgeOther(done exchange) provider.Outcome {
	if done.err != nil {
		return judgeTransport(done)
	}
	b := readBody(done.body)
	code := b.statusCode(done.status)
	o := provider.Outcome{Code: b.verdict(done.status), Message: b.explanation()}
	switch {
	case successful(code):
		o.Code = provider.CodeGarbage
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		o.Class = provider.Unauthorized
	case throttled(done, code):
		o.Class, o.BackOff, o.RetryAfter = provider.Throttled, true, retryAfter(done.header, done.at)
	}
	return o
}

func failure(op string, o provider.Outcome) *provider.Error {
	return &provider.Error{Class: o.Class, Op: op, Code: o.Code, Message: o.Message}
}
