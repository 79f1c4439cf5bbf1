package reports

import (
	"strconv"

	"payrun/ledger"
	"payrun/ledger/money"
)

// words are what a report says beside its figures, in one language.
type words struct {
	lang                                                string
	title, file, environment, generated, head           string
	state, operator, count, amount, total, fees, events string
	differences, attention, nothing, more               string
	row, beneficiary, reason, remedy, adds, share       string
	signed, date                                        string
	states                                              map[string]string
	remedies                                            map[string]string
}

// stateName returns a state's name in the language.
func (w words) stateName(state string) string { return w.states[state] }

func wordsFor(french bool) words {
	if french {
		return frenchWords()
	}
	return englishWords()
}

func englishWords() words {
	return words{
		lang: "en", title: "Reconciliation report", file: "File", environment: "Provider", generated: "Generated at (UTC)",
		head: "Audit log", state: "State", operator: "Operator", count: "Count", amount: "Amount (XOF)", total: "File total",
		fees: "Fees charged (XOF)", events: "events", differences: "Differences with the provider",
		attention: "To be dealt with", nothing: "Nothing: every payout of the file was paid.", more: "more: see the CSV or XLSX report.",
		row: "Row", beneficiary: "Beneficiary", reason: "Reason", remedy: "What to do", share: "paid",
		adds:   "paid + failed + open + cancelled + rejected = file",
		signed: "Checked and signed", date: "Date",
		states: map[string]string{
			"successful": "Paid", "failed": "Failed", "pending": "Pending", "unknown": "Unknown", "submitting": "Unknown",
			"queued": "Queued", "cancelled": "Cancelled", StateRejected: "Rejected",
		},
		remedies: map[string]string{
			"failed":      "Not paid. Check the reason with the beneficiary, then run payrun retry.",
			"pending":     "The provider is still working on it. Run payrun resume later.",
			"unknown":     "It may have been paid. Do not pay it another way: run payrun resume.",
			"submitting":  "It may have been paid. Do not pay it another way: run payrun resume.",
			"queued":      "Nothing was sent yet. Run payrun resume.",
			StateRejected: "Not sent. Mend the row in the file and run the file again.",
		},
	}
}

func frenchWords() words {
	return words{
		lang: "fr", title: "Rapport de rapprochement", file: "Fichier", environment: "Fournisseur", generated: "Établi le (UTC)",
		head: "Journal d'audit", state: "État", operator: "Opérateur", count: "Nombre", amount: "Montant (XOF)", total: "Total du fichier",
		fees: "Frais facturés (XOF)", events: "événements", differences: "Écarts avec le fournisseur",
		attention: "À traiter", nothing: "Rien : tous les paiements du fichier ont été effectués.", more: "de plus : voir le rapport CSV ou XLSX.",
		row: "Ligne", beneficiary: "Bénéficiaire", reason: "Motif", remedy: "Que faire", share: "payé",
		adds:   "payés + échoués + ouverts + annulés + rejetés = fichier",
		signed: "Vérifié et signé", date: "Date",
		states: map[string]string{
			"successful": "Payés", "failed": "Échoués", "pending": "En attente", "unknown": "Inconnus", "submitting": "Inconnus",
			"queued": "En file", "cancelled": "Annulés", StateRejected: "Rejetés",
		},
		remedies: map[string]string{
			"failed":      "Non payé. Vérifiez le motif avec le bénéficiaire, puis lancez payrun retry.",
			"pending":     "Le fournisseur le traite encore. Lancez payrun resume plus tard.",
			"unknown":     "Peut-être déjà payé. Ne le payez pas autrement : lancez payrun resume.",
			"submitting":  "Peut-être déjà payé. Ne le payez pas autrement : lancez payrun resume.",
			"queued":      "Rien n'a encore été envoyé. Lancez payrun resume.",
			StateRejected: "Non envoyé. Corrigez la ligne dans le fichier et relancez le fichier.",
		},
	}
}

// stateCount is one of the parts that a file divides into.
type stateCount struct {
	name  string
	count ledger.Count
}

// states lists the parts, in the order in which people ask for them.
func (t Totals) states() []stateCount {
	return []stateCount{
		{"successful", t.Successful},
		{"failed", t.Failed},
		{"pending", t.Pending},
		{"unknown", t.Unknown},
		{"queued", t.Queued},
		{"cancelled", t.Cancelled},
		{StateRejected, t.Rejected},
	}
}

// decimal is fees as a workbook's number, the one place where they are a float:
// the file format has no other.
func decimal(c money.Centimes) any {
	value, err := strconv.ParseFloat(c.String(), 64)
	if err != nil {
		return c.String()
	}
	return value
}
