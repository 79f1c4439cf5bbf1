package reports

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"payrun/internal/plural"
	"payrun/ledger/money"
	"payrun/reports/page"
)

// words are the texts of a report, beside its figures, in one language. The texts of
// whole sentences may name the batch, "{batch}"; those beside a count take it, or
// their form for it, as package plural has it.
type words struct {
	Lang, DecimalPoint, Percent                                                 string
	Title, File, Environment, Generated, Head, Key, Evidence                    string
	State, Operator, Count, Amount, Total, Sum, Fees                            string
	Currency                                                                    string
	FeesUnknown, Events, Differences, NoOperator                                string
	PaidTwice                                                                   string
	AddsUp, AddsNot, Rehearsal, RehearsalThere, Answered, AnsweredBy, Elsewhere string
	Attention, Nothing, More, Row, Beneficiary, Reason                          string
	Operators, Of, Timeline, Column, Settled                                    string
	Prepared, Approved, Signature, Date                                         string
	// List is the name of the sheet to print, Annex the title of the same on the page, and
	// Masked says that numbers are not whole there.
	List, Annex, Masked, Number, Payment string
	// Receipt is a receipt's title; ReceiptSays is what one is evidence of, and
	// ReceiptAnswered the same of one that a person, and not the provider, says is paid.
	Receipt, PaidOn, ProviderRef, ForPayer, ReceiptSays, ReceiptAnswered string
	// AllPaid or AllElsewhere, and SomePaid, are the page's first sentence.
	AllPaid, AllElsewhere, SomePaid string
	// Unread stands for an amount that could not be read, AmountsUnread says how
	// many there are.
	Unread, AmountsUnread string
	// DayUnit is a day's symbol.
	DayUnit string
	// States and Groups name the parts of a file.
	States, Groups map[string]string
	// OneState names the state of one payment.
	OneState map[string]string
	Remedies map[string]string
	// Reasons word the codes of answers that say nothing to a person.
	Reasons map[string]string
	// Contradicts words a difference, with names from Said.
	Contradicts string
	Said        map[string]string
}

// in returns the words for amounts of a currency.
func (w words) in(currency money.Currency) words {
	w.Currency = string(currency)
	w.Amount = strings.ReplaceAll(w.Amount, "{currency}", string(currency))
	w.Fees = strings.ReplaceAll(w.Fees, "{currency}", string(currency))
	return w
}

// shownState names the state of a line for whoever reads it on paper.
func (w words) shownState(l line) string {
	if l.difference != nil {
		return w.OneState[stateDifference]
	}
	return w.OneState[l.state]
}

// stateName returns a state's name in the language.
func (w words) stateName(state string) string { return w.States[state] }

// Form fills a text that stands beside a count. The page's template uses it.
func (w words) Form(text, count string) string {
	return plural.Fill(language.Make(w.Lang), text, "count", count)
}

// moment writes a time as a person reads it.
func (w words) moment(t time.Time) string { return page.Moment(t, w.Lang == "fr") }

// remedy says what to do about a line of the batch, which is named as a command
// wants it: what fits its code best, or its family
// ("number" of "number.length"), or its state. Commands stand between backquotes.
func (w words) remedy(batch, state, code string) []pageText {
	family, _, _ := strings.Cut(code, ".")
	for _, key := range []string{state + " " + code, state + " " + family, state} {
		text, known := w.Remedies[key]
		if !known {
			continue
		}
		var parts []pageText
		for i, part := range strings.Split(text, "`") {
			part = strings.ReplaceAll(part, "{batch}", batch)
			parts = append(parts, pageText{Text: part, Command: i%2 == 1})
		}
		return slices.DeleteFunc(parts, func(part pageText) bool { return part.Text == "" })
	}
	return nil
}

// stateDifference stands for payouts about which the provider changed its mind,
// whatever their state.
const stateDifference = "difference"

// stateReturned stands for rows that were turned away and whose payout the batch has.
const stateReturned = "returned"

func wordsFor(french bool) words {
	if french {
		return frenchWords()
	}
	return englishWords()
}

func englishWords() words {
	return words{
		Lang: "en", DecimalPoint: ".", Percent: "%",
		Title: "Reconciliation report", File: "File", Environment: "Provider", Generated: "As of",
		Head: "Audit log", Key: "Signed with", Evidence: "Evidence",
		State: "State", Operator: "Operator", Count: "Payouts", Currency: "{currency}", Amount: "Amount ({currency})",
		Total: "File", Sum: "Sum of the states", Fees: "Fees charged ({currency})",
		FeesUnknown: "Paid, fee not stated by the provider", Events: "{count} {count:event|events}", Differences: "Differences with the provider",
		Answered: "Differences that were answered", AnsweredBy: "%s, %s: %s. Answered as %s by %s on %s: “%s”",
		PaidTwice:  "Paid more than once: see %s at the provider",
		NoOperator: "No known operator",
		AddsUp:     "adds up", AddsNot: "DOES NOT ADD UP",
		Elsewhere: "Among the paid, paid by another batch and in its report as well",
		Rehearsal: "Rehearsal in the built-in sandbox: no money was moved.", RehearsalThere: "Rehearsal in the provider’s sandbox: no money was moved.",
		Attention: "To be dealt with", Nothing: "Nothing. No payout failed and none is open.",
		More: "{count} more {count:row of this kind is|rows of this kind are} in the CSV and XLSX reports.",
		Row:  "Row", Beneficiary: "Beneficiary", Reason: "Reason",
		Operators: "By operator", Of: "of", Timeline: "Settlement over time", Column: "one column is", Settled: "{count} settled",
		Prepared: "Prepared by", Approved: "Approved by", Signature: "Name and signature", Date: "Date",
		List: "List", Annex: "Everybody in the file", Masked: "Numbers are masked; payrun report --payees --numbers shows them in full.",
		Number: "Number", Payment: "Payment", Receipt: "Payment receipt", PaidOn: "Paid on", ProviderRef: "Provider’s reference",
		ForPayer: "For the payer",
		ReceiptSays: "This receipt says that the provider ({provider}) reported this transfer as successful on {when}, as the payer’s payment ledger records it. " +
			"It does not replace the message or the statement of the beneficiary’s operator, and says nothing of what the payment is for.",
		ReceiptAnswered: "This receipt says that {who} saw this transfer as paid at the provider and recorded it in the payer’s payment ledger on {when}. " +
			"It does not replace the message or the statement of the beneficiary’s operator, and says nothing of what the payment is for.",
		OneState: map[string]string{
			"successful": "Paid", "failed": "Failed", "pending": "Pending", "unknown": "Unknown",
			"queued": "Queued", "cancelled": "Cancelled", StateRejected: "Rejected", stateDifference: "Contradicted",
		},
		AllPaid: "Everything is paid:", SomePaid: "paid",
		AllElsewhere: "This batch paid nothing: all of it had been paid by another batch.",
		Unread:       "unreadable", AmountsUnread: "Amounts that could not be read, counted as 0: the file comes to more",
		DayUnit: "d",
		States: map[string]string{
			"successful": "Paid", "failed": "Failed", "pending": "Pending", "unknown": "Unknown",
			"queued": "Queued", "cancelled": "Cancelled", StateRejected: "Rejected", stateReturned: "Counted as its payout", stateDifference: "Difference",
		},
		Groups: map[string]string{
			"paid": "Paid", "failed": "Failed", "open": "Open", "cancelled": "Cancelled", "rejected": "Rejected",
		},
		Remedies: englishRemedies(), Reasons: englishReasons(),
		Contradicts: "Recorded as %s, but the provider says: %s (%s)", Said: englishSaid(),
	}
}

func frenchWords() words {
	return words{
		Lang: "fr", DecimalPoint: ",", Percent: "\u00a0%",
		Title: "Rapport de rapprochement", File: "Fichier", Environment: "Fournisseur", Generated: "Situation au",
		Head: "Journal d’audit", Key: "Signé avec", Evidence: "Pièces justificatives",
		State: "État", Operator: "Opérateur", Count: "Paiements", Currency: "{currency}", Amount: "Montant ({currency})",
		Total: "Fichier", Sum: "Somme des états", Fees: "Frais facturés ({currency})",
		FeesUnknown: "Payés, frais non indiqués par le fournisseur", Events: "{count} {count:événement|événements}", Differences: "Écarts avec le fournisseur",
		Answered: "Écarts auxquels il a été répondu", AnsweredBy: "%s, %s\u00a0: %s. Réponse\u00a0: %s, par %s le %s\u00a0: «\u00a0%s\u00a0»",
		PaidTwice:  "Payé plus d’une fois\u00a0: voir %s chez le fournisseur",
		NoOperator: "Opérateur non reconnu",
		AddsUp:     "le compte est bon", AddsNot: "LE COMPTE N’EST PAS BON",
		Elsewhere: "Parmi les payés, payés par un autre lot et comptés aussi dans son rapport",
		Rehearsal: "Répétition dans le bac à sable intégré\u00a0: aucun argent n’a été versé.", RehearsalThere: "Répétition dans le bac à sable du fournisseur\u00a0: aucun argent n’a été versé.",
		Attention: "À traiter", Nothing: "Rien. Aucun paiement n’a échoué et aucun n’est ouvert.",
		More: "{count} {count:autre ligne de ce type figure|autres lignes de ce type figurent} dans les rapports CSV et XLSX.",
		Row:  "Ligne", Beneficiary: "Bénéficiaire", Reason: "Motif",
		Operators: "Par opérateur", Of: "sur", Timeline: "Règlement dans le temps", Column: "une colonne vaut", Settled: "{count} {count:réglé|réglés}",
		Prepared: "Préparé par", Approved: "Approuvé par", Signature: "Nom et signature", Date: "Date",
		List: "Liste", Annex: "Toutes les personnes du fichier",
		Masked: "Les numéros sont masqués\u00a0; payrun report --payees --numbers les montre en entier.",
		Number: "Numéro", Payment: "Paiement", Receipt: "Reçu de paiement", PaidOn: "Payé le", ProviderRef: "Référence du fournisseur",
		ForPayer: "Pour le payeur",
		ReceiptSays: "Ce reçu atteste que le fournisseur ({provider}) a déclaré ce transfert réussi le {when}, comme l’enregistre le registre de paiement du payeur. " +
			"Il ne remplace ni le message ni le relevé de l’opérateur du bénéficiaire, et ne dit rien de l’objet du paiement.",
		ReceiptAnswered: "Ce reçu atteste que {who} a vu ce transfert payé chez le fournisseur et l’a noté dans le registre de paiement du payeur le {when}. " +
			"Il ne remplace ni le message ni le relevé de l’opérateur du bénéficiaire, et ne dit rien de l’objet du paiement.",
		OneState: map[string]string{
			"successful": "Payé", "failed": "Échoué", "pending": "En attente", "unknown": "Inconnu",
			"queued": "En file", "cancelled": "Annulé", StateRejected: "Rejeté", stateDifference: "Contesté",
		},
		AllPaid: "Tout est payé\u00a0:", SomePaid: "{count:payé|payés}",
		AllElsewhere: "Ce lot n’a rien payé\u00a0: tout avait déjà été payé par un autre lot.",
		Unread:       "illisible", AmountsUnread: "Montants illisibles, comptés pour 0\u00a0; le total du fichier est plus élevé",
		DayUnit: "j",
		States: map[string]string{
			"successful": "Payés", "failed": "Échoués", "pending": "En attente", "unknown": "Inconnus",
			"queued": "En file", "cancelled": "Annulés", StateRejected: "Rejetés", stateReturned: "Compté comme son paiement", stateDifference: "Écarts",
		},
		Groups: map[string]string{
			"paid": "Payés", "failed": "Échoués", "open": "Ouverts", "cancelled": "Annulés", "rejected": "Rejetés",
		},
		Remedies: frenchRemedies(), Reasons: frenchReasons(),
		Contradicts: "Enregistré comme %s, mais le fournisseur dit\u00a0: %s (%s)", Said: frenchSaid(),
	}
}
