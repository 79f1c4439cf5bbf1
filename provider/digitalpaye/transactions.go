package digitalpaye

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"payrun/ledger/phone"
	"payrun/provider"
)

const opTransactions = "list the transactions"

// listMax bounds the list, which is held in memory: the documents have no
// paging, and at some 600 bytes a transfer this is a hundred thousand of them.
const listMax = 64 << 20

var _ provider.Lister = (*Client)(nil)

// Transactions implements provider.Lister. It makes one request. The provider
// also lists payments to the merchant; they are left out.
func (c *Client) Transactions(ctx context.Context) iter.Seq2[provider.Transaction, error] {
	return func(yield func(provider.Transaction, error) bool) {
		done, failed := c.call(ctx, http.MethodGet, c.base.JoinPath("/v1/get-all-transactions"), nil, listMax)
		if failed != nil {
			yield(provider.Transaction{}, failure(opTransactions, *failed))
			return
		}
		listed, found := listIn(done)
		if !found {
			yield(provider.Transaction{}, failure(opTransactions, c.redact(judgeOther(done), "")))
			return
		}
		c.each(listed, yield)
	}
}

// each yields the transfers of a list, and an error at its end if there are more than it has.
func (c *Client) each(listed list, yield func(provider.Transaction, error) bool) {
	decoder := jsontext.NewDecoder(bytes.NewReader(listed.items), lenient())
	_, err := decoder.ReadToken() // the list's bracket
	n := 0
	for err == nil && decoder.PeekKind() != jsontext.KindEndArray {
		n++
		var t transfer
		if err = json.UnmarshalDecode(decoder, &t); err != nil || !t.outgoing() {
			continue
		}
		entry, complaint := c.entry(&t)
		if complaint != "" {
			err = fmt.Errorf("transaction %d of the list has no %s", n, complaint)
			continue
		}
		if !yield(entry, nil) {
			return
		}
	}
	if err == nil {
		err = listed.lacks(n)
	}
	if err != nil {
		yield(provider.Transaction{}, failure(opTransactions, c.redact(provider.Outcome{
			Code: provider.CodeGarbage, Message: err.Error(),
		}, "")))
	}
}

// list is one of transactions as it was sent.
type list struct {
	items jsontext.Value
	// total is how many there are by the answer, if it says so.
	total scalar
}

// lacks returns an error if there are more transactions than so many, which are listed: this is
// a page then, and what it does not have may be on another.
func (l list) lacks(listed int) error {
	total, err := strconv.Atoi(l.total.text)
	if err != nil || total <= listed {
		return nil //nolint:nilerr // a sum in francs, or no total: it says nothing of how many there are
	}
	return fmt.Errorf("%d of %d transactions are listed", listed, total)
}

// listIn finds the list in an answer: bare, or as its `data` or `data.items`. A refusal has
// none, whatever its status line says: PHP writes an empty list where it has no data, and
// an empty list would say that nobody was ever paid. It is one only if nothing beside it
// says otherwise.
func listIn(done exchange) (list, bool) {
	found, is := anyListIn(done)
	return found, is && (!empty(found.items) || isList(done.body) || goesWell(done.body))
}

func anyListIn(done exchange) (list, bool) {
	if done.err != nil || !successful(done.status) || !jsontext.Value(done.body).IsValid(lenient()) {
		return list{}, false
	}
	if isList(done.body) {
		return list{items: done.body}, true
	}
	var envelope struct {
		Data  jsontext.Value `json:"data"`
		Total scalar         `json:"total"`
	}
	var page struct {
		Items jsontext.Value `json:"items"`
		Total scalar         `json:"total"`
	}
	switch {
	case !successful(readBody(done.body).statusCode(done.status)):
		return list{}, false
	case unmarshal(done.body, &envelope) != nil:
		return list{}, false
	case isList(envelope.Data):
		return list{envelope.Data, envelope.Total}, true
	case unmarshal(envelope.Data, &page) != nil:
		return list{}, false
	default:
		return list{page.Items, page.Total}, isList(page.Items)
	}
}

// goesWell reports whether the words of an envelope, as far as it has any, say that all is well.
// A sentence may say anything beside a code that does.
func goesWell(text []byte) bool {
	var more struct {
		Success jsontext.Value `json:"success"`
		Error   jsontext.Value `json:"error"`
		Errors  jsontext.Value `json:"errors"`
	}
	b := readBody(text)
	if !b.object || unmarshal(text, &more) != nil || more.Success.Kind() == jsontext.KindFalse {
		return false
	}
	for _, wrong := range []jsontext.Value{more.Error, more.Errors} {
		if len(wrong) > 0 && !empty(wrong) && wrong.Kind() != jsontext.KindFalse && string(wrong) != "0" {
			return false
		}
	}
	for _, word := range []string{b.Status.text, b.Code.text, b.CodeStatus.text} {
		if _, number := strconv.Atoi(word); word != "" && number != nil && !fine(word) {
			return false
		}
	}
	message := strings.TrimSpace(b.Message.text)
	sentence := strings.ContainsRune(message, ' ') && b.statusCode(0) != 0
	return b.Reason.text == "" && (message == "" || fine(message) || sentence)
}

// fine reports whether a word says that something went well.
func fine(word string) bool {
	word = strings.ToUpper(strings.TrimSpace(word))
	return folded(word) == "OK" || classOf(word) == provider.Successful
}

func isList(raw []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) }

// outgoing reports whether this is a transfer to a beneficiary, which one
// dialect calls "transfert" and the other "transfer".
func (t *transfer) outgoing() bool {
	kind := strings.ToLower(firstOf(t.TypeSnake.text, t.TypeCamel.text))
	return kind == "" || strings.HasPrefix(kind, "transfer")
}

// entry converts a listed transfer, or names what it lacks.
func (c *Client) entry(t *transfer) (_ provider.Transaction, missing string) {
	amount, known := t.Amount.wholeFrancs()
	switch {
	case t.id() == "":
		return provider.Transaction{}, "transaction id"
	case !known:
		return provider.Transaction{}, "amount in whole francs"
	case t.word() == "":
		return provider.Transaction{}, "status"
	}
	entry := provider.Transaction{
		ProviderRef: t.Ref.text, Reference: t.id(),
		Number: t.listedNumber(),
		Amount: amount,
		Class:  classOf(t.word()), Code: c.redactText(t.word(), ""),
	}
	entry.At, _ = when(firstOf(t.CreatedAt.text, t.Date.text))
	entry.Fees, entry.FeesKnown = t.fees()
	return entry, ""
}

// listedNumber is empty where the list masks it, and as it is said where it is no number
// of the country.
func (t *transfer) listedNumber() phone.E164 {
	digits := national(firstOf(t.Recipient.text, t.NumberUser.text, t.Phone.text))
	if strings.ContainsAny(digits, masks) {
		return ""
	}
	if len(digits) != nationalLength || !plainDigits(digits) {
		return phone.E164(digits)
	}
	return phone.Number(digits).In(callingCode)
}
