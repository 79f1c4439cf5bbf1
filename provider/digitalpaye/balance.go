package digitalpaye

import (
	"context"
	"encoding/json"
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
func (c *Client) Balance(ctx context.Context) (money.XOF, error) {
	done, failed := c.call(ctx, http.MethodGet, "/v1/balance", nil)
	if failed != nil {
		return 0, &provider.Error{Class: failed.Class, Op: opBalance, Code: failed.Code, Message: failed.Message}
	}
	if done.err != nil {
		o := judgeTransport(done)
		return 0, &provider.Error{Class: o.Class, Op: opBalance, Code: o.Code, Message: o.Message}
	}
	var answer balanceAnswer
	if done.status == http.StatusOK && json.Unmarshal(done.body, &answer) == nil {
		whole, _, _ := strings.Cut(answer.Data.Amount.text, ".")
		if francs, err := strconv.ParseInt(whole, 10, 64); err == nil {
			return money.XOF(francs), nil
		}
	}
	return 0, balanceRefused(done)
}

func balanceRefused(done exchange) error {
	b := readBody(done.body)
	code := b.statusCode(done.status)
	failure := &provider.Error{Op: opBalance, Code: b.verdict(done.status), Message: b.explanation()}
	var o provider.Outcome
	switch throttled(&o, done, code); {
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		failure.Class = provider.Unauthorized
	case o.Class == provider.Throttled:
		failure.Class = provider.Throttled
	case done.status == http.StatusOK:
		failure.Code = provider.CodeGarbage
	}
	return failure
}
