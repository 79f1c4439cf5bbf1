package ui

import (
	"errors"
	"strconv"

	"payrun/batch/service"
)

// WordShortfall says what the account lacks. Other errors stay as they are.
func (u *UI) WordShortfall(err error) error {
	short, is := errors.AsType[*service.ShortfallError](err)
	if !is {
		return err
	}
	return Advise(Worded(u.Text("confirm.short", "balance", short.Balance.String(), "amount", short.Amount.String(),
		"fees", u.Fees(short.Fees)+" "+string(short.Missing.Currency), "missing", short.Missing.String()), short), u.Text("confirm.short_hint"))
}

// WordRanDry says how much the account lacks to finish, where a run ended for that. Other
// errors stay as they are.
func (u *UI) WordRanDry(stopped error) error {
	dry, is := errors.AsType[*service.RanDryError](stopped)
	if !is || !dry.Asked {
		return stopped
	}
	count, amount := strconv.Itoa(dry.Queued.Count), dry.Queued.Amount.String()
	if dry.Missing.Minor <= 0 {
		// The provider's word about it is not the account's: topping it up mends nothing.
		return Advise(Worded(u.Text("end.enough", "count", count, "amount", amount,
			"balance", dry.Balance.String(), "said", dry.Unwrap().Error()), stopped), u.Text("end.enough_hint"))
	}
	return Worded(u.Text("end.missing", "count", count, "amount", amount,
		"balance", dry.Balance.String(), "missing", dry.Missing.String()), stopped)
}
