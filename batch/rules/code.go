package rules

import "maps"

// Codes of what is wrong with a row by the rules.
const (
	CodeIDMissing        = "id.missing"
	CodeIDLength         = "id.length"
	CodeIDCharacters     = "id.characters"
	CodeIDDuplicate      = "id.duplicate"
	CodeIDConflict       = "id.conflict"
	CodeIDReferenceTaken = "id.reference_taken"

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
	CodeNumberPrefix       = "number.prefix"

	CodeNameMissing    = "name.missing"
	CodeNameLength     = "name.length"
	CodeNameCharacters = "name.characters"

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
	CodeCountry         = "country.unsupported"

	CodeStatusMissing = "status.missing"
	CodeStatusUnknown = "status.unknown"
	CodeFeesFormat    = "fees.format"
	CodeDateFormat    = "date.format"

	CodeRepeated         = "payment.repeated"
	CodeRepeatedRecently = "payment.repeated_recently"
	CodeLedgerUnreadable = "ledger.unreadable"
	// CodeRowTotal is a row that adds others up.
	CodeRowTotal = "row.total"
)

// Codes of what package input found wrong with a cell, a row or the file.
const (
	CodeCellFormulaError    = "cell.formula_error"
	CodeCellFormulaUncached = "cell.formula_uncached"
	CodeCellDate            = "cell.date"
	CodeCellBoolean         = "cell.boolean"
	CodeCellMerged          = "cell.merged"
	CodeCellTooLong         = "cell.too_long"
	CodeCellScaled          = "cell.scaled"
	CodeCellPrecision       = "cell.precision"
	CodeRowWidth            = "row.width"
	CodeRowQuotes           = "row.quotes"
	CodeRowHidden           = "row.hidden"
	CodeFileUnreadable      = "file.unreadable"
	CodeFileHeader          = "file.header"
	CodeFileNoIDs           = "file.no_ids"
	CodeFileChanged         = "file.changed"
	CodeFileEmpty           = "file.empty"
	CodeFileNoRows          = "file.no_rows"
	CodeFileLegacyExcel     = "file.legacy_excel"
	CodeFileEncrypted       = "file.encrypted"
	CodeFileOpenDocument    = "file.open_document"
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
	CodeIDCharacters:       Error,
	CodeIDDuplicate:        Error,
	CodeIDConflict:         Error,
	CodeIDReferenceTaken:   Error,
	CodeNumberMissing:      Error,
	CodeNumberCharacters:   Error,
	CodeNumberDigits:       Error,
	CodeNumberScientific:   Error,
	CodeNumberDecimals:     Error,
	CodeNumberLostZero:     Error,
	CodeNumberOldFormat:    Error,
	CodeNumberCountry:      Error,
	CodeNumberLength:       Error,
	CodeNumberPrefix:       Error,
	CodeNumberZeroRestored: Warning,
	CodeNameMissing:        Error,
	CodeNameLength:         Error,
	CodeNameCharacters:     Error,
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
	CodeCountry:            Error,
	CodeStatusMissing:      Error,
	CodeStatusUnknown:      Error,
	CodeFeesFormat:         Error,
	CodeDateFormat:         Error,
	CodeRepeated:           Warning,
	CodeRepeatedRecently:   Warning,
	CodeLedgerUnreadable:   Error,
	CodeRowTotal:           Error,

	CodeCellFormulaError:    Error,
	CodeCellFormulaUncached: Error,
	CodeCellDate:            Error,
	CodeCellBoolean:         Error,
	CodeCellMerged:          Error,
	CodeCellTooLong:         Error,
	CodeCellScaled:          Error,
	CodeCellPrecision:       Error,
	CodeRowWidth:            Error,
	CodeRowQuotes:           Error,
	CodeRowHidden:           Warning,
	CodeFileUnreadable:      Error,
	CodeFileHeader:          Error,
	CodeFileNoIDs:           Error,
	CodeFileChanged:         Error,
	CodeFileEmpty:           Error,
	CodeFileNoRows:          Error,
	CodeFileLegacyExcel:     Error,
	CodeFileEncrypted:       Error,
	CodeFileOpenDocument:    Error,
	CodeFileNotTable:        Error,
	CodeFileEncoding:        Error,
	CodeFileDamaged:         Error,
	CodeFileTooLarge:        Error,
	CodeFileUnclosedQuote:   Error,
	CodeFileSheet:           Error,
}

// Codes returns every problem code with its severity. The caller owns the map.
func Codes() map[string]Severity { return maps.Clone(severities) }
