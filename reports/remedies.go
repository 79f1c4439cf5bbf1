package reports

// What to do about a payout that is not simply paid, by state, and by state and
// code where the code makes a difference. Codes are the provider's words, or
// payrun's for answers that had none; a rejected row's are looked up by family.

func englishRemedies() map[string]string {
	return map[string]string{
		"difference": "The provider now says otherwise than when the payout became final. Nothing was changed here. Look there, or ask for it in writing, before you pay or claim anything; then say what you saw: `payrun resolve {batch}` with the ID",

		"returned": "The batch already has a payout under this transaction_id, and counts the row as that payout, as it stands. Nothing was sent for what the file says now. Correct or put back what was changed in the row, or run the file again if a correction was held back.",

		"failed":                            "Not paid. Settle the reason with the beneficiary or the operator, then run: `payrun retry {batch}`",
		"failed CANCEL":                     "Not paid: the provider cancelled it. Ask the provider why, then run: `payrun retry {batch}`",
		"failed PAYMENT_FAILED_TRY_AGAINST": "Not paid: the operator could not carry it out. Check with the beneficiary that the account is active and below its limit, then run: `payrun retry {batch}`",

		"unknown":          "It may have been paid. Do not pay it in another way. To ask the provider again, run: `payrun resume {batch}`",
		"unknown MISMATCH": "It may have been paid: the provider's answer spoke of another payout, amount or number. Do not pay it in another way. Run: `payrun resume {batch}`. If it stays so, ask the provider.",
		"pending":          "The provider has it and has not decided yet. Do not pay it in another way. Later, run: `payrun resume {batch}`",

		"queued":                    "Nothing was sent. To pay it, run: `payrun resume {batch}`. To withdraw it, run: `payrun cancel {batch}`",
		"queued AMOUNT_INSUFFISANT": "Nothing was paid: the balance was too low. Top up the account, then run: `payrun resume {batch}`",

		"rejected":                    "Not sent. Correct the row in the file and run the file again; what is paid is not paid twice.",
		"rejected number":             "Not sent. Correct the number in the file, with its ten digits, and run the file again; what is paid is not paid twice.",
		"rejected number.prefix":      "Not sent. The number and the operator do not go together: correct whichever is wrong in the file, and run the file again; what is paid is not paid twice.",
		"rejected row.total":          "Not sent. This looks like the list's total, not like a payment: remove the row from the file.",
		"rejected amount":             "Not sent. Correct the amount in the file and run the file again; what is paid is not paid twice.",
		"rejected operator":           "Not sent. Name a known operator in the file and run the file again; what is paid is not paid twice.",
		"rejected id":                 "Not sent. Give the row a transaction_id that no other payout has, and run the file again.",
		"rejected id.conflict":        "Not sent. This transaction_id already belongs to a payout with another amount, number or operator. Put the row back as it was: under another id this person would be paid twice.",
		"rejected id.other_person":    "Not sent. This transaction_id is somebody else's. Give each row back the id that it had: an id stays with its person.",
		"rejected id.renamed":         "Not sent. This payment is in the batch under another transaction_id. Put that one back in the row: under a new one this person would be paid twice.",
		"rejected id.reserved":        "Not sent. This transaction_id is kept for somebody whose row was rejected under it. Give it back to them, and this payment the id that it had.",
		"rejected id.similar":         "Not sent. This transaction_id differs from another only in capitals or zeros. If the two rows are one payment, keep one of them; give two payments ids that differ in more.",
		"rejected id.reference_taken": "Not sent. The provider knows this transaction_id as a later attempt of another payout. Compare the two first: it may be the same payment, which is then paid already.",
		"rejected id.duplicate":       "Not sent. Another row of the file has the same transaction_id. If they are the same payment, it is paid once, by the other row; only a second payment needs an id of its own.",
	}
}

func frenchRemedies() map[string]string {
	return map[string]string{
		"difference": "Le fournisseur dit maintenant autre chose que lorsque le paiement est devenu définitif. Rien n’a été modifié ici. Vérifiez chez lui, ou demandez-le par écrit, avant de payer ou de réclamer quoi que ce soit\u00a0; dites ensuite ce que vous avez vu\u00a0: `payrun resolve {batch}` avec l’ID",

		"returned": "Le lot a déjà un paiement sous ce transaction_id et compte la ligne pour ce paiement, dans son état actuel. Rien n’a été envoyé pour ce que dit maintenant le fichier. Corrigez ou rétablissez ce qui a changé dans la ligne, ou relancez le fichier si une correction a été retenue.",

		"failed":                            "Non payé. Réglez le motif avec le bénéficiaire ou l’opérateur, puis lancez\u00a0: `payrun retry {batch}`",
		"failed CANCEL":                     "Non payé\u00a0: le fournisseur l’a annulé. Demandez-lui pourquoi, puis lancez\u00a0: `payrun retry {batch}`",
		"failed PAYMENT_FAILED_TRY_AGAINST": "Non payé\u00a0: l’opérateur n’a pas pu l’exécuter. Vérifiez avec le bénéficiaire que son compte est actif et sous son plafond, puis lancez\u00a0: `payrun retry {batch}`",

		"unknown":          "Peut-être déjà payé. Ne le payez pas autrement. Pour interroger de nouveau le fournisseur, lancez\u00a0: `payrun resume {batch}`",
		"unknown MISMATCH": "Peut-être déjà payé\u00a0: la réponse du fournisseur concernait un autre paiement, montant ou numéro. Ne le payez pas autrement. Lancez\u00a0: `payrun resume {batch}`. Si cela persiste, interrogez le fournisseur.",
		"pending":          "Le fournisseur l’a reçu et n’a pas encore tranché. Ne le payez pas autrement. Plus tard, lancez\u00a0: `payrun resume {batch}`",

		"queued":                    "Rien n’a été envoyé. Pour le payer, lancez\u00a0: `payrun resume {batch}`. Pour le retirer, lancez\u00a0: `payrun cancel {batch}`",
		"queued AMOUNT_INSUFFISANT": "Rien n’a été payé\u00a0: le solde était insuffisant. Approvisionnez le compte, puis lancez\u00a0: `payrun resume {batch}`",

		"rejected":                    "Non envoyé. Corrigez la ligne dans le fichier et relancez le fichier\u00a0; ce qui est payé n’est pas payé deux fois.",
		"rejected number":             "Non envoyé. Corrigez le numéro dans le fichier, avec ses dix chiffres, et relancez le fichier\u00a0; ce qui est payé n’est pas payé deux fois.",
		"rejected number.prefix":      "Non envoyé. Le numéro et l’opérateur ne vont pas ensemble\u00a0: corrigez dans le fichier celui qui est faux, et relancez le fichier\u00a0; ce qui est payé n’est pas payé deux fois.",
		"rejected row.total":          "Non envoyé. C’est sans doute le total de la liste, pas un paiement\u00a0: supprimez la ligne du fichier.",
		"rejected amount":             "Non envoyé. Corrigez le montant dans le fichier et relancez le fichier\u00a0; ce qui est payé n’est pas payé deux fois.",
		"rejected operator":           "Non envoyé. Indiquez un opérateur connu dans le fichier et relancez le fichier\u00a0; ce qui est payé n’est pas payé deux fois.",
		"rejected id":                 "Non envoyé. Donnez à la ligne un transaction_id qu’aucun autre paiement ne porte, et relancez le fichier.",
		"rejected id.conflict":        "Non envoyé. Ce transaction_id appartient déjà à un paiement d’un autre montant, numéro ou opérateur. Rétablissez la ligne\u00a0: sous un autre identifiant cette personne serait payée deux fois.",
		"rejected id.other_person":    "Non envoyé. Ce transaction_id est celui d’une autre personne. Rendez à chaque ligne l’identifiant qu’elle avait\u00a0: un identifiant reste à sa personne.",
		"rejected id.renamed":         "Non envoyé. Ce paiement est dans le lot sous un autre transaction_id. Remettez celui-ci dans la ligne\u00a0: sous un nouveau, cette personne serait payée deux fois.",
		"rejected id.reserved":        "Non envoyé. Ce transaction_id est réservé à une personne dont la ligne a été rejetée sous lui. Rendez-le-lui, et à ce paiement l’identifiant qu’il avait.",
		"rejected id.similar":         "Non envoyé. Ce transaction_id ne diffère d’un autre que par des majuscules ou des zéros. Si les deux lignes sont un seul paiement, gardez-en une\u00a0; donnez à deux paiements des identifiants plus différents.",
		"rejected id.reference_taken": "Non envoyé. Le fournisseur connaît ce transaction_id comme une tentative d’un autre paiement. Comparez d’abord les deux\u00a0: c’est peut-être le même paiement, déjà effectué.",
		"rejected id.duplicate":       "Non envoyé. Une autre ligne du fichier porte le même transaction_id. Si c’est le même paiement, l’autre ligne le paie, une seule fois\u00a0; seul un second paiement a besoin d’un identifiant propre.",
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
