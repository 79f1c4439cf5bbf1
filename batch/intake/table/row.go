package table

// Field is a column that payrun knows, by the name scripts and messages use.
type Field string

// The fields of a beneficiary file.
const (
	FieldTransactionID Field = "transaction_id"
	FieldNumber        Field = "customer_id"
	FieldName          Field = "name"
	FieldAmount        Field = "amount"
	FieldOperator      Field = "operator"
	FieldCurrency      Field = "currency"
	FieldCountry       Field = "code_country"
	FieldNote          Field = "note"
)

// Cell is the content of one place in a file, as text.
type Cell struct {
	// Text is the cell as a person sees it in the file, surrounding white space
	// removed. It is empty for an empty or absent cell.
	Text string
	// Problem is a code for what keeps the text from being trusted, such as
	// "cell.formula_error" or "cell.date"; empty when it can be.
	Problem string
	// Numeric is set for a spreadsheet's number whose format adds no zeros to it:
	// its text is exact, but leading zeros were lost before payrun saw it.
	Numeric bool
}

// Row is one beneficiary's row.
type Row struct {
	// Number is the row's number as a spreadsheet shows it: the header's row
	// and blank rows count, a line break inside quotes does not.
	Number int
	// Problem is a code for what is wrong with the row as a whole, such as
	// "row.width" for a row with more cells than the header; empty otherwise.
	Problem string
	// Mark is the word of a column that is not read about the row, as "payé"; nil for
	// nothing.
	Mark *Mark

	TransactionID, Beneficiary, Name, Amount, Operator, Currency, Country, Note Cell
}

// Cell returns the cell of a field.
func (r Row) Cell(field Field) Cell {
	switch field {
	case FieldTransactionID:
		return r.TransactionID
	case FieldNumber:
		return r.Beneficiary
	case FieldName:
		return r.Name
	case FieldAmount:
		return r.Amount
	case FieldOperator:
		return r.Operator
	case FieldCurrency:
		return r.Currency
	case FieldCountry:
		return r.Country
	case FieldNote:
		return r.Note
	}
	return Cell{}
}
