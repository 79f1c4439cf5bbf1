package reports

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"payrun/internal/plural"
	"payrun/internal/sheet"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/reports/page"
)

// Journal says how payments are booked.
type Journal struct {
	// Code is the journal's: "MM".
	Code string
	// Beneficiaries is the account that owed the payments, Wallet the one that
	// paid them, Fees that of what it cost.
	Beneficiaries, Wallet, Fees string
	// Detail books every payout and every fee by itself, in place of one entry
	// for the batch and one for its fees.
	Detail bool
}

// DefaultJournal has the accounts of the revised SYSCOHADA chart (2017) for a
// payroll: 422 Personnel, rémunérations dues; 552 Monnaie électronique, téléphone
// portable; 6317 Frais sur instruments monnaie électronique. They are examples:
// a file of suppliers is 401.
func DefaultJournal() Journal {
	return Journal{Code: "MM", Beneficiaries: "422", Wallet: "552", Fees: "6317"}
}

// ErrJournal is returned for accounts that nothing can be booked with.
var ErrJournal = errors.New("the journal's accounts cannot be used")

// accountForm matches an account, or a journal's code, as accounting programs take it.
var accountForm = regexp.MustCompile(`^[0-9A-Za-z]{1,17}$`)

// Validate returns ErrJournal for a code or an account that is none, and for a
// wallet that is also an account paid from it.
func (j Journal) Validate() error {
	for _, name := range []string{j.Code, j.Beneficiaries, j.Wallet, j.Fees} {
		if !accountForm.MatchString(name) {
			return fmt.Errorf("%q is not letters and digits, 17 at most: %w", name, ErrJournal)
		}
	}
	if j.Wallet == j.Beneficiaries || j.Wallet == j.Fees {
		return fmt.Errorf("account %s would be debited and credited: %w", j.Wallet, ErrJournal)
	}
	return nil
}

// journalColumns are the names of the journal's columns, which imports rely on.
func journalColumns() []string {
	return []string{"date", "journal", "piece", "account", "label", "debit", "credit"}
}

// feesSuffix ends the piece of an entry for fees.
const feesSuffix = "-F"

// journalReport is a batch as balanced entries of double bookkeeping.
type journalReport struct {
	buffered *bufio.Writer
	writer   *csv.Writer
	accounts Journal
	batch    ledger.BatchID
	currency money.Currency
	words    journalWords
	day      string

	// paid and fees add up what was paid, last is when the last of it was.
	paid, count int64
	fees        money.Fine
	last        time.Time
	// feesBooked, debit and credit are what was written.
	feesBooked, debit, credit int64
}

// journalWords are the labels, in one language.
type journalWords struct {
	language            language.Tag
	batch, fees, feesOf string
	// mark begins every label of a rehearsal.
	mark string
}

// ofBatch is the label of a whole batch, of so many payments.
func (w journalWords) ofBatch(piece string, count int64) string {
	return plural.Fill(w.language, w.batch, "piece", piece, "count", strconv.FormatInt(count, 10))
}

// What the labels of a rehearsal begin with.
const (
	rehearsalEnglish = "REHEARSAL, "
	rehearsalFrench  = "RÉPÉTITION, "
)

// rehearsal keeps entries of money that did not move from being taken for others.
func (w journalWords) rehearsal(french bool) journalWords {
	mark := rehearsalEnglish
	if french {
		mark = rehearsalFrench
	}
	w.mark = mark
	return w
}

func beginJournal(w io.Writer, h Header, o Options) (format, error) {
	buffered := bufio.NewWriterSize(w, bufferSize)
	j := &journalReport{
		buffered: buffered, writer: csv.NewWriter(buffered), accounts: o.Journal, batch: h.Batch, currency: h.Currency,
		words: journalWords{
			language: language.English,
			batch:    "Mobile money, {piece}, {count} {count:payment|payments}", fees: "Mobile money fees, %s", feesOf: "Fees, %s",
		},
		day: time.DateOnly,
	}
	if o.French {
		j.words = journalWords{
			language: language.French,
			batch:    "Mobile money, {piece}, {count} {count:paiement|paiements}", fees: "Frais mobile money, %s", feesOf: "Frais, %s",
		}
	}
	if page.Rehearsal(h.Environment) {
		j.words = j.words.rehearsal(o.French)
	}
	if o.FrenchCSV {
		if _, err := buffered.WriteString(sheet.ByteOrderMark); err != nil {
			return nil, err
		}
		j.writer.Comma, j.writer.UseCRLF, j.day = ';', true, "02/01/2006"
	}
	return j, j.writer.Write(journalColumns())
}

// line books a payout that was paid. What was not paid moved nothing, and what
// another batch brought in is booked by that batch.
func (j *journalReport) line(l line) error {
	if l.state != ledger.Successful.String() || l.broughtBy != j.batch {
		return nil
	}
	j.count++
	j.paid += l.amount.Minor
	if l.settledAt.After(j.last) {
		j.last = l.settledAt
	}
	if l.feesKnown {
		j.fees = j.fees.Plus(l.fees)
	}
	if !j.accounts.Detail {
		return nil
	}
	label := strings.TrimSpace(string(l.id) + " " + l.name)
	return errors.Join(
		j.entry(l.settledAt, string(l.reference), j.accounts.Beneficiaries, label, l.amount.Minor),
		j.feesEntry(l.settledAt, string(l.reference), fmt.Sprintf(j.words.feesOf, label)))
}

// feesEntry books the fees that are not booked yet, in whole francs, which is what
// the books are kept in. What is under half a franc waits for the next entry, so
// that many roundings never come to more than that.
func (j *journalReport) feesEntry(at time.Time, piece, label string) error {
	francs := wholeFrancs(j.fees) - j.feesBooked
	if francs <= 0 {
		return nil
	}
	j.feesBooked += francs
	return j.entry(at, piece+feesSuffix, j.accounts.Fees, label, francs)
}

// wholeFrancs rounds, half a franc upwards.
func wholeFrancs(fees money.Fine) int64 {
	const centimesPerFranc, half = 100, 50
	return (fees.Hundredths + half) / centimesPerFranc
}

// entry writes two lines that balance: what was owed or cost, and the wallet.
func (j *journalReport) entry(at time.Time, piece, account, label string, francs int64) error {
	day, amount := at.UTC().Format(j.day), j.currency.Of(francs).Plain()
	piece, label = sheet.EscapeFormula(piece), sheet.EscapeFormula(j.words.mark+label)
	j.debit += francs
	j.credit += francs
	return errors.Join(
		j.writer.Write([]string{day, j.accounts.Code, piece, account, label, amount, ""}),
		j.writer.Write([]string{day, j.accounts.Code, piece, j.accounts.Wallet, label, "", amount}))
}

// finish books the batch as a whole and holds what was booked against the summary.
func (j *journalReport) finish(s *Summary) error {
	if !j.accounts.Detail && j.count > 0 {
		piece := string(j.batch)
		err := errors.Join(
			j.entry(j.last, piece, j.accounts.Beneficiaries, j.words.ofBatch(piece, j.count), j.paid),
			j.feesEntry(j.last, piece, fmt.Sprintf(j.words.fees, piece)))
		if err != nil {
			return err
		}
	}
	paid, fees := s.Successful.Amount.Minus(s.Elsewhere.Amount), s.Fees.Minus(s.ElsewhereFees)
	if j.debit != j.credit || j.debit != paid.Minor+wholeFrancs(fees) {
		return fmt.Errorf("the journal: debit %d, credit %d, paid %s and fees %s: %w",
			j.debit, j.credit, paid, fees, ErrDoesNotAddUp)
	}
	j.writer.Flush()
	if err := j.writer.Error(); err != nil {
		return err
	}
	return j.buffered.Flush()
}

func (j *journalReport) close() error { return nil }

// oursJournal knows a journal by its columns, and a rehearsal's by its labels; it
// has no place for more.
func oursJournal(file *os.File, h Header) error {
	head, err := io.ReadAll(io.LimitReader(file, headMax))
	if err != nil {
		return err
	}
	text := strings.TrimPrefix(string(head), sheet.ByteOrderMark)
	reader := csv.NewReader(strings.NewReader(text))
	if strings.HasPrefix(text, strings.Join(journalColumns(), ";")) {
		reader.Comma = ';'
	}
	columns, err := reader.Read()
	if err != nil || !slices.Equal(columns, journalColumns()) {
		return ErrOtherBatch
	}
	entry, err := reader.Read()
	if err != nil {
		return nil //nolint:nilerr // a journal without entries takes nothing from anybody
	}
	label := entry[slices.Index(columns, "label")]
	marked := strings.HasPrefix(label, rehearsalEnglish) || strings.HasPrefix(label, rehearsalFrench)
	// A journal of before may lack the mark of a rehearsal at the provider's.
	if marked && !page.Rehearsal(h.Environment) || !marked && page.Simulated(h.Environment) {
		return ErrOtherBatch
	}
	return nil
}
