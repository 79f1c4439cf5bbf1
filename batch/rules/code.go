package rules

import (
	"maps"

	"payrun/ledger"
)

// Codes of what is wrong with a row by the rules.
const (
	CodeIDMissing        = "id.missing"
	CodeIDLength         = "id.length"
	CodeIDAlphabet       = "id.alphabet"
	CodeIDCharacters     = "id.characters"
	CodeIDDuplicate      = "id.duplicate"
	CodeIDConflict       = ledger.CodeIDConflict
	CodeIDReferenceTaken = ledger.CodeIDReferenceTaken
	CodeIDOtherPerson    = "id.other_person"
	// CodeIDKnown is an id of another batch, CodeIDReserved one of somebody else's
	// rejected row, and CodeIDRenamed that of a payment whose id was another in the
	// same batch.
	CodeIDKnown    = "id.known"
	CodeIDReserved = "id.reserved"
	CodeIDRenamed  = "id.renamed"
	// CodeIDSimilar is an id that differs from another only in capitals or zeros.
	CodeIDSimilar = "id.similar"
	// CodeIDSimilarKnown is an id that differs so from one in the ledger.
	CodeIDSimilarKnown = "id.similar_known"

	CodeIDScientific = "id.scientific"
	CodeIDRewritten  = "id.rewritten"
	CodeIDLostZero   = "id.lost_zero"

	CodeNumberMissing      = "number.missing"
	CodeNumberCharacters   = "number.characters"
	CodeNumberDigits       = "number.digits"
	CodeNumberScientific   = "number.scientific"
	CodeNumberDecimals     = "number.decimals"
	CodeNumberLostZero     = "number.lost_zero"
	CodeNumberZeroRestored = "number.zero_restored"
	CodeNumberOldFormat    = "number.old_format"
	CodeNumberCountry      = "number.country"
	CodeNumberLength       = "number.length"
	// CodeNumberPrefix is the prefix of another operator, CodeNumberUnassigned that
	// of none.
	CodeNumberPrefix     = "number.prefix"
	CodeNumberUnassigned = "number.unassigned"
	// CodeNumberShared is one number for two names, CodeNameRepeated one name on two
	// numbers.
	CodeNumberShared = "number.shared"
	CodeNameRepeated = "name.repeated"
	// CodeNumberOtherName is a number that was paid under another name before.
	CodeNumberOtherName = "number.other_name"
	// CodeNameOtherNumber is a name that was paid on another number before, and not on
	// this one.
	CodeNameOtherNumber = "name.other_number"

	CodeNameMissing    = "name.missing"
	CodeNameLength     = "name.length"
	CodeNameCharacters = "name.characters"
	CodeNameEncoding   = "name.encoding"
	CodeNameBlanks     = "name.blanks"

	CodeAmountMissing      = "amount.missing"
	CodeAmountFormat       = "amount.format"
	CodeAmountAmbiguous    = "amount.ambiguous"
	CodeAmountFraction     = "amount.fraction"
	CodeAmountSign         = "amount.sign"
	CodeAmountZero         = "amount.zero"
	CodeAmountFormulaError = "amount.formula_error"
	CodeAmountOverflow     = "amount.overflow"
	CodeAmountMin          = "amount.min"
	CodeAmountMax          = "amount.max"

	CodeOperatorMissing = "operator.missing"
	CodeOperatorUnknown = "operator.unknown"
	CodeCurrency        = "currency.unsupported"
	CodeCurrencyTitle   = "currency.title"
	CodeCountry         = "country.unsupported"

	CodeStatusMissing = "status.missing"
	CodeStatusUnknown = "status.unknown"
	CodeFeesFormat    = "fees.format"
	CodeDateFormat    = "date.format"

	CodeRepeated         = "payment.repeated"
	CodeRepeatedRecently = "payment.repeated_recently"
	// CodeFailedBefore is a payment that failed under another id, in another batch, and
	// can be tried again under that.
	CodeFailedBefore = "payment.failed_before"
	// CodeBatchRepeated is a batch that pays what another just paid, and
	// CodeRepeatCount an answer to that which is about another number of rows.
	CodeBatchRepeated    = "batch.repeated"
	CodeRepeatCount      = "repeat.count"
	CodeLedgerUnreadable = "ledger.unreadable"
	// CodeRowMarked is a row that a column beside the table says was paid or cancelled.
	CodeRowMarked = "row.marked"
)

// Codes of rows that pay nobody, by what they are instead, and of what their
// figures say of the rows above.
const (
	// CodeRowTotal is a row that adds others up and was not held against them.
	CodeRowTotal       = "row.total"
	CodeRowHeader      = "row.header"
	CodeRowHeaderOther = "row.header_other"
	CodeRowRemark      = "row.remark"
	CodeRowSignature   = "row.signature"
	CodeRowPrefilled   = "row.prefilled"
	CodeRowEnd         = "row.end"
	// CodeRowUnclear is a row that may pay somebody or nobody.
	CodeRowUnclear = "row.unclear"

	// CodeRowCredit is a row of a statement about money that came in.
	CodeRowCredit    = "row.credit"
	CodeTotalAgrees  = "total.agrees"
	CodeTotalDiffers = "total.differs"
)

// Codes of what package table found wrong with a cell, a row or the file.
const (
	CodeCellFormulaError    = "cell.formula_error"
	CodeCellFormulaUncached = "cell.formula_uncached"
	CodeCellDate            = "cell.date"
	CodeCellBoolean         = "cell.boolean"
	CodeCellMerged          = "cell.merged"
	CodeCellTooLong         = "cell.too_long"
	CodeCellScaled          = "cell.scaled"
	CodeCellPrecision       = "cell.precision"
	CodeCellFormat          = "cell.format"
	CodeCellInvisible       = "cell.invisible"
	CodeCellFormulaStale    = "cell.formula_stale"
	CodeRowWidth            = "row.width"
	CodeRowQuotes           = "row.quotes"
	CodeRowHidden           = "row.hidden"
	CodeRowThousands        = "row.thousands"
	CodeRowAboveHeader      = "row.above_header"
	CodeRowUnderOtherHeader = "row.under_other_header"
	CodeUnitSaid            = "unit.said"
	CodeRowsUnread          = "rows.unread"
	CodeListUnread          = "list.unread"
	CodeCellsUnread         = "cells.unread"
	CodeColumnHidden        = "column.hidden"
	CodeColumnFormat        = "column.format"
	CodeSheetHidden         = "sheet.hidden"
	CodeSheetUnread         = "sheet.unread"
	CodeFileUnreadable      = "file.unreadable"
	CodeFileHeader          = "file.header"
	CodeFileColumns         = "file.columns"
	CodeFileNoIDs           = "file.no_ids"
	CodeFileChanged         = "file.changed"
	CodeFileEmpty           = "file.empty"
	CodeFileNoRows          = "file.no_rows"
	CodeFileLegacyExcel     = "file.legacy_excel"
	CodeFileEncrypted       = "file.encrypted"
	CodeFileLock            = "file.lock"
	CodeFileOneColumn       = "file.one_column"
	CodeFileNotTable        = "file.not_table"
	CodeFileEncoding        = "file.encoding"
	CodeFileDamaged         = "file.damaged"
	CodeFileTooLarge        = "file.too_large"
	CodeFileUnclosedQuote   = "file.unclosed_quote"
	CodeFileSheet           = "file.sheet"
)

// severities lists every code there is, with how grave it is unless warnings are
// treated as errors.
//
//nolint:gochecknoglobals // a table that nothing writes to
var severities = map[string]Severity{
	CodeIDMissing:          Error,
	CodeIDLength:           Error,
	CodeIDAlphabet:         Error,
	CodeIDCharacters:       Error,
	CodeIDDuplicate:        Error,
	CodeIDConflict:         Error,
	CodeIDReferenceTaken:   Error,
	CodeIDOtherPerson:      Error,
	CodeIDKnown:            Warning,
	CodeIDReserved:         Error,
	CodeIDRenamed:          Error,
	CodeIDSimilar:          Error,
	CodeIDSimilarKnown:     Warning,
	CodeIDScientific:       Error,
	CodeIDRewritten:        Warning,
	CodeIDLostZero:         Warning,
	CodeNumberMissing:      Error,
	CodeNumberCharacters:   Error,
	CodeNumberDigits:       Error,
	CodeNumberScientific:   Error,
	CodeNumberDecimals:     Error,
	CodeNumberLostZero:     Error,
	CodeNumberOldFormat:    Error,
	CodeNumberCountry:      Error,
	CodeNumberLength:       Error,
	CodeNumberPrefix:       Warning,
	CodeNumberUnassigned:   Error,
	CodeNumberShared:       Warning,
	CodeNameRepeated:       Warning,
	CodeNumberOtherName:    Warning,
	CodeNameOtherNumber:    Warning,
	CodeNumberZeroRestored: Warning,
	CodeNameMissing:        Error,
	CodeNameLength:         Error,
	CodeNameCharacters:     Warning,
	CodeNameEncoding:       Warning,
	CodeNameBlanks:         Note,
	CodeAmountMissing:      Error,
	CodeAmountFormat:       Error,
	CodeAmountAmbiguous:    Error,
	CodeAmountFraction:     Error,
	CodeAmountSign:         Error,
	CodeAmountZero:         Error,
	CodeAmountFormulaError: Error,
	CodeAmountOverflow:     Error,
	CodeAmountMin:          Error,
	CodeAmountMax:          Error,
	CodeOperatorMissing:    Error,
	CodeOperatorUnknown:    Error,
	CodeCurrency:           Error,
	CodeCurrencyTitle:      Error,
	CodeCountry:            Error,
	CodeStatusMissing:      Error,
	CodeStatusUnknown:      Error,
	CodeFeesFormat:         Error,
	CodeDateFormat:         Error,
	CodeRepeated:           Error,
	CodeRepeatedRecently:   Warning,
	CodeFailedBefore:       Warning,
	CodeBatchRepeated:      Error,
	CodeRepeatCount:        Error,
	CodeLedgerUnreadable:   Error,

	CodeRowTotal:       Note,
	CodeRowHeader:      Note,
	CodeRowHeaderOther: Error,
	CodeRowRemark:      Note,
	CodeRowSignature:   Note,
	CodeRowPrefilled:   Note,
	CodeRowEnd:         Note,
	CodeRowUnclear:     Error,
	CodeRowCredit:      Note,
	CodeTotalAgrees:    Note,
	CodeTotalDiffers:   Error,

	CodeCellFormulaError:    Error,
	CodeCellFormulaUncached: Error,
	CodeCellDate:            Error,
	CodeCellBoolean:         Error,
	CodeCellMerged:          Error,
	CodeCellTooLong:         Error,
	CodeCellScaled:          Error,
	CodeCellPrecision:       Error,
	CodeCellFormat:          Error,
	CodeCellInvisible:       Error,
	CodeCellFormulaStale:    Warning,
	CodeRowWidth:            Error,
	CodeRowQuotes:           Error,
	CodeRowHidden:           Error,
	CodeRowThousands:        Error,
	CodeRowAboveHeader:      Error,
	CodeRowUnderOtherHeader: Error,
	CodeRowMarked:           Warning,
	CodeUnitSaid:            Warning,
	CodeRowsUnread:          Warning,
	CodeListUnread:          Warning,
	CodeCellsUnread:         Warning,
	CodeColumnHidden:        Error,
	CodeColumnFormat:        Warning,
	CodeSheetHidden:         Error,
	CodeSheetUnread:         Warning,
	CodeFileUnreadable:      Error,
	CodeFileHeader:          Error,
	CodeFileColumns:         Error,
	CodeFileNoIDs:           Error,
	CodeFileChanged:         Error,
	CodeFileEmpty:           Error,
	CodeFileNoRows:          Error,
	CodeFileLegacyExcel:     Error,
	CodeFileEncrypted:       Error,
	CodeFileLock:            Error,
	CodeFileOneColumn:       Error,
	CodeFileNotTable:        Error,
	CodeFileEncoding:        Error,
	CodeFileDamaged:         Error,
	CodeFileTooLarge:        Error,
	CodeFileUnclosedQuote:   Error,
	CodeFileSheet:           Error,
}

// Codes returns every problem code with its severity. The caller owns the map.
func Codes() map[string]Severity { return maps.Clone(severities) }
