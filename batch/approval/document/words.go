package document

// words are the texts of the page in one language. Those beside a count take its form, as
// package plural has it.
type words struct {
	Lang, Title, Rehearsal                                    string
	Verdict, Payouts, Operator, Count, Amount, Total, Highest string
	Warnings, NoWarnings                                      string
	Changes, NoChanges, Same, Nothing, Batch, Difference      string
	New, Gone, Numbers, Names, Amounts, More, Who, Was, Is    string
	List, Row, Beneficiary, Evidence, File, Account, Made     string
	FileDigest, ListDigest, TextDigest, Check, Masked         string
	Prepared, Approved, Signature, Date, Binding              string
}

func wordsIn(french bool) words {
	if french {
		return frenchWords()
	}
	return englishWords()
}

func englishWords() words {
	return words{
		Lang: "en", Title: "What will be paid", Rehearsal: "Rehearsal: no money will be moved.",
		Verdict: "through", Payouts: "{count} {count:payout|payouts}", Operator: "Operator", Count: "Payouts", Amount: "Amount", Total: "Total",
		Highest:  "Highest sum to one number",
		Warnings: "Warnings", NoWarnings: "The checks warn of nothing.",
		Changes: "What changed since {batch}", NoChanges: "What changed", Batch: "Batch", Difference: "Difference",
		Same:    "The same people get the same amounts on the same numbers.",
		Nothing: "There was no earlier batch to compare with: none paid at least half of the same numbers.",
		New:     "New people", Gone: "People gone", Numbers: "Changed numbers", Names: "Changed names", Amounts: "Changed amounts",
		More: "{count} more: payrun diff lists them.", Who: "Person", Was: "Before", Is: "Now",
		List: "Everybody who is paid", Row: "No.", Beneficiary: "Beneficiary",
		Evidence: "What binds", File: "File", Account: "Account", Made: "Made",
		FileDigest: "SHA-256 of the file", ListDigest: "SHA-256 of the list", TextDigest: "SHA-256 of the plan", Check: "Check",
		Binding:  "payrun run FILE --plan pays exactly the plan of this digest, or nothing. Whoever signs can compute it:",
		Masked:   "Numbers are masked; the list beside this page has them in full.",
		Prepared: "Prepared by", Approved: "Approved by", Signature: "Name and signature", Date: "Date",
	}
}

func frenchWords() words {
	return words{
		Lang: "fr", Title: "Ce qui va être payé", Rehearsal: "Répétition\u00a0: aucun argent ne sera versé.",
		Verdict: "par", Payouts: "{count} {count:paiement|paiements}", Operator: "Opérateur", Count: "Paiements", Amount: "Montant", Total: "Total",
		Highest:  "Plus forte somme à un numéro",
		Warnings: "Avertissements", NoWarnings: "Les contrôles n’avertissent de rien.",
		Changes: "Ce qui a changé depuis {batch}", NoChanges: "Ce qui a changé", Batch: "Lot", Difference: "Écart",
		Same:    "Les mêmes personnes reçoivent les mêmes montants aux mêmes numéros.",
		Nothing: "Il n’y avait aucun lot antérieur comparable\u00a0: aucun n’a payé au moins la moitié des mêmes numéros.",
		New:     "Nouvelles personnes", Gone: "Personnes parties", Numbers: "Numéros changés", Names: "Noms changés", Amounts: "Montants changés",
		More: "{count} de plus\u00a0: payrun diff les donne.", Who: "Personne", Was: "Avant", Is: "Maintenant",
		List: "Tous les bénéficiaires", Row: "N°", Beneficiary: "Bénéficiaire",
		Evidence: "Ce qui engage", File: "Fichier", Account: "Compte", Made: "Établi le",
		FileDigest: "SHA-256 du fichier", ListDigest: "SHA-256 de la liste", TextDigest: "SHA-256 du plan", Check: "Vérifier",
		Binding:  "payrun run FICHIER --plan paie exactement le plan de cette empreinte, ou rien. Qui signe peut la calculer\u00a0:",
		Masked:   "Les numéros sont masqués\u00a0; la liste jointe à cette page les donne en entier.",
		Prepared: "Préparé par", Approved: "Approuvé par", Signature: "Nom et signature", Date: "Date",
	}
}
