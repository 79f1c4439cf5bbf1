package reports

// What to do about a payout that is not simply paid, by state, and by state and
// code where the code makes a difference. Codes are the provider's words, or
// payrun's for answers that had none; a rejected row's are looked up by family.

func englishRemedies() map[string]string {
	return map[string]string{
		"difference": "The provider now says otherwise than when the payout became final. Nothing was changed here. Ask the provider for a written statement before you pay or claim anything.",

		"failed":                            "Not paid. Settle the reason with the beneficiary or the operator, then run: `payrun retry {batch}`",
		"failed CANCEL":                     "Not paid: the provider cancelled it. Ask the provider why, then run: `payrun retry {batch}`",
		"failed PAYMENT_FAILED_TRY_AGAINST": "Not paid: the operator could not carry it out. Check with the beneficiary that the account is active and below its limit, then run: `payrun retry {batch}`",

		"unknown":          "It may have been paid. Do not pay it in another way. To ask the provider again, run: `payrun resume {batch}`",
		"unknown MISMATCH": "It may have been paid: the provider's answer spoke of another payout, amount or number. Do not pay it in another way. Run: `payrun resume {batch}`. If it stays so, ask the provider.",
		"pending":          "The provider has it and has not decided yet. Do not pay it in another way. Later, run: `payrun resume {batch}`",

		"queued":                    "Nothing was sent. To pay it, run: `payrun resume {batch}`. To withdraw it, run: `payrun cancel {batch}`",
		"queued AMOUNT_INSUFFISANT": "Nothing was paid: the balance was too low. Top up the account, then run: `payrun resume {batch}`",

		"rejected":               "Not sent. Correct the row in the file and run the file again; what is paid is not paid twice.",
		"rejected number":        "Not sent. Correct the number in the file, with its ten digits, and run the file again; what is paid is not paid twice.",
		"rejected number.prefix": "Not sent. The number and the operator do not go together: correct whichever is wrong in the file, and run the file again; what is paid is not paid twice.",
		"rejected row.total":     "Not sent. This looks like the list's total, not like a payment: remove the row from the file.",
		"rejected amount":        "Not sent. Correct the amount in the file and run the file again; what is paid is not paid twice.",
		"rejected operator":      "Not sent. Name a known operator in the file and run the file again; what is paid is not paid twice.",
		"rejected id":            "Not sent. Give the row a transaction_id that no other payout has, and run the file again.",
		"rejected id.conflict":   "Not sent. This transaction_id already belongs to a payout with another amount, number or operator. If this is a new payment, give it an id of its own; if not, put the row back as it was.",
		"rejected id.duplicate":  "Not sent. Another row of the file has the same transaction_id. If both are to be paid, give this one an id of its own; if not, remove it.",
	}
}

func frenchRemedies() map[string]string {
	return map[string]string{
		"difference": "Le fournisseur dit maintenant autre chose que lorsque le paiement est devenu définitif. Rien n’a été modifié ici. Demandez-lui une confirmation écrite avant de payer ou de réclamer quoi que ce soit.",

		"failed":                            "Non payé. Réglez le motif avec le bénéficiaire ou l’opérateur, puis lancez\u00a0: `payrun retry {batch}`",
		"failed CANCEL":                     "Non payé\u00a0: le fournisseur l’a annulé. Demandez-lui pourquoi, puis lancez\u00a0: `payrun retry {batch}`",
		"failed PAYMENT_FAILED_TRY_AGAINST": "Non payé\u00a0: l’opérateur n’a pas pu l’exécuter. Vérifiez avec le bénéficiaire que son compte est actif et sous son plafond, puis lancez\u00a0: `payrun retry {batch}`",

		"unknown":          "Peut-être déjà payé. Ne le payez pas autrement. Pour interroger de nouveau le fournisseur, lancez\u00a0: `payrun resume {batch}`",
		"unknown MISMATCH": "Peut-être déjà payé\u00a0: la réponse du fournisseur concernait un autre paiement, montant ou numéro. Ne le payez pas autrement. Lancez\u00a0: `payrun resume {batch}`. Si cela persiste, interrogez le fournisseur.",
		"pending":          "Le fournisseur l’a reçu et n’a pas encore tranché. Ne le payez pas autrement. Plus tard, lancez\u00a0: `payrun resume {batch}`",

		"queued":                    "Rien n’a été envoyé. Pour le payer, lancez\u00a0: `payrun resume {batch}`. Pour le retirer, lancez\u00a0: `payrun cancel {batch}`",
		"queued AMOUNT_INSUFFISANT": "Rien n’a été payé\u00a0: le solde était insuffisant. Approvisionnez le compte, puis lancez\u00a0: `payrun resume {batch}`",

		"rejected":               "Non envoyé. Corrigez la ligne dans le fichier et relancez le fichier\u00a0; ce qui est payé n’est pas payé deux fois.",
		"rejected number":        "Non envoyé. Corrigez le numéro dans le fichier, avec ses dix chiffres, et relancez le fichier\u00a0; ce qui est payé n’est pas payé deux fois.",
		"rejected number.prefix": "Non envoyé. Le numéro et l’opérateur ne vont pas ensemble\u00a0: corrigez dans le fichier celui qui est faux, et relancez le fichier\u00a0; ce qui est payé n’est pas payé deux fois.",
		"rejected row.total":     "Non envoyé. C’est sans doute le total de la liste, pas un paiement\u00a0: supprimez la ligne du fichier.",
		"rejected amount":        "Non envoyé. Corrigez le montant dans le fichier et relancez le fichier\u00a0; ce qui est payé n’est pas payé deux fois.",
		"rejected operator":      "Non envoyé. Indiquez un opérateur connu dans le fichier et relancez le fichier\u00a0; ce qui est payé n’est pas payé deux fois.",
		"rejected id":            "Non envoyé. Donnez à la ligne un transaction_id qu’aucun autre paiement ne porte, et relancez le fichier.",
		"rejected id.conflict":   "Non envoyé. Ce transaction_id appartient déjà à un paiement d’un autre montant, numéro ou opérateur. S’il s’agit d’un nouveau paiement, donnez-lui un identifiant propre\u00a0; sinon, rétablissez la ligne.",
		"rejected id.duplicate":  "Non envoyé. Une autre ligne du fichier porte le même transaction_id. Si les deux sont à payer, donnez à celle-ci un identifiant propre\u00a0; sinon, supprimez-la.",
	}
}

// What a code means that stands for an answer that did not come, could not be
// believed, or decided nothing.

func englishReasons() map[string]string {
	return map[string]string{
		"PENDING":     "Accepted; the operator has not confirmed it yet.",
		"TIMEOUT":     "No answer came in time.",
		"BROKEN":      "The connection broke before the answer came.",
		"UNREACHABLE": "The provider could not be reached.",
		"GARBAGE":     "The answer could not be read.",
		"INTERRUPTED": "payrun was interrupted before the answer came.",
		"WITHDRAWN":   "The run ended before it was sent.",
		"NOT_FOUND":   "The provider does not know it, or not yet.",
	}
}

func frenchReasons() map[string]string {
	return map[string]string{
		"PENDING":     "Accepté, pas encore confirmé par l’opérateur.",
		"TIMEOUT":     "Aucune réponse n’est arrivée à temps.",
		"BROKEN":      "La connexion a été coupée avant la réponse.",
		"UNREACHABLE": "Le fournisseur n’a pas pu être joint.",
		"GARBAGE":     "La réponse était illisible.",
		"INTERRUPTED": "payrun a été interrompu avant la réponse.",
		"WITHDRAWN":   "L’exécution s’est arrêtée avant l’envoi.",
		"NOT_FOUND":   "Le fournisseur ne le connaît pas, ou pas encore.",
	}
}
