package digitalpaye

import (
	"net/http"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"payrun/provider"
)

// The statuses that the provider documents.
const (
	statusSuccessful = "SUCCESSFUL"
	statusPending    = "PENDING"
	statusFailed     = "FAILED"
	statusCancel     = "CANCEL"
	// paymentFailed begins PAYMENT_FAILED_TRY_AGAINST.
	paymentFailed = "PAYMENT_FAILED"
)

// meanings map a transfer's status to its class where it is another word than a
// documented one. They are compared without accents, case and separators. What
// is not here is not final.
//
//nolint:gochecknoglobals // a table
var meanings = map[string]provider.Class{
	"SUCCESS": provider.Successful, "SUCCEEDED": provider.Successful, "SUCCEED": provider.Successful,
	"COMPLETED": provider.Successful, "COMPLETE": provider.Successful, "PAID": provider.Successful,
	"PAYMENTISSUCCESSFUL": provider.Successful, "PAYMENTSUCCESSFUL": provider.Successful,
	"SUCCES": provider.Successful, "REUSSI": provider.Successful, "REUSSIE": provider.Successful,
	"PAYE": provider.Successful, "PAYEE": provider.Successful, "EFFECTUE": provider.Successful,
	"EFFECTUEE": provider.Successful, "TERMINE": provider.Successful, "TERMINEE": provider.Successful,

	"FAILURE": provider.Failed, "CANCELED": provider.Failed, "CANCELLED": provider.Failed, "REJECTED": provider.Failed,
	"PAYMENTFAILED": provider.Failed, "PAYMENTFAILEDTRYAGAINST": provider.Failed,
	"ECHEC": provider.Failed, "ECHOUE": provider.Failed, "ECHOUEE": provider.Failed,
	"ANNULE": provider.Failed, "ANNULEE": provider.Failed, "REJETE": provider.Failed, "REJETEE": provider.Failed,
	"REVERSED": provider.Failed, "REFUNDED": provider.Failed, "REMBOURSE": provider.Failed, "REMBOURSEE": provider.Failed,
}

// classOf returns the class of a transfer's status, in upper case. A word that is
// neither documented nor in the table is not final.
func classOf(word string) provider.Class {
	switch word {
	case statusSuccessful:
		return provider.Successful
	case statusFailed, statusCancel:
		return provider.Failed
	case statusPending:
		return provider.Pending
	}
	if class, known := meanings[folded(word)]; known {
		return class
	}
	return provider.Pending
}

// endOf returns the documented status that another word stands for, empty if it
// stands for none.
func endOf(word string) string {
	if word == statusPending {
		return statusPending
	}
	class := classOf(word)
	if class == provider.Successful {
		return statusSuccessful
	}
	if class == provider.Failed {
		return statusFailed
	}
	return ""
}

// folded leaves the letters of a word, without accents and in upper case.
func folded(word string) string {
	plain, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn))), word)
	if err != nil {
		plain = word
	}
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return r
	}, plain))
}

// documented returns the status that a verdict of the envelope tells, empty if it
// is none of the provider's: "PAYMENT_IS_PENDING" is PENDING. Failed and cancelled
// are one end.
func documented(verdict string) string {
	verdict = strings.TrimSpace(verdict)
	switch {
	case verdict == statusFailed, verdict == statusCancel, strings.HasPrefix(verdict, paymentFailed):
		return statusFailed
	case verdict == statusSuccessful, verdict == "PAYMENT_IS_SUCCESSFUL":
		return statusSuccessful
	case verdict == statusPending, verdict == "PAYMENT_IS_PENDING":
		return statusPending
	default:
		return ""
	}
}

// saysExists recognises a refusal because the reference was used before, for
// which the documents have no code. Texts are lower case.
func saysExists(said string) bool {
	return containsAny(said, "duplicate", "duplicata", "doublon", "be unique", "être unique", "etre unique",
		"not unique", "pas unique", "non unique", "unicité", "unicite", "unique constraint", "been taken") ||
		(containsAny(said, "already", "déjà", "deja") &&
			containsAny(said, "exist", "used", "utilis", "processed", "trait", "enregistr", "pris", "attribu", "known", "connu", "reçu", "recu", "received", "soumis", "submitted"))
}

// saysNoBalance recognises a refusal because the merchant's account cannot cover
// a transfer: the documented 412 AMOUNT_INSUFFISANT, 402, and others that say so.
// What is said of the beneficiary's account is not about ours.
func saysNoBalance(code int, said string) bool {
	if containsAny(said, "bénéficiaire", "beneficiaire", "beneficiary", "destinataire", "recipient", "receiver") {
		return false
	}
	if code == http.StatusPreconditionFailed || code == http.StatusPaymentRequired || strings.Contains(said, "amount_insuffisant") {
		return true
	}
	if containsAny(said, "approvisionne", "recharger votre", "rechargez votre", "top up", "top-up") {
		return true
	}
	return containsAny(said, "solde", "fonds", "provision", "trésorerie", "tresorerie", "balance", "funds", "float", "credit", "crédit") &&
		containsAny(said, "insuffisan", "insufficient", "not enough", "not sufficient", "pas suffisan", "pas assez",
			"too low", "trop faible", "trop bas", "épuisé", "epuise", "exhausted")
}

// knowsNoTransfer tells the documented NotFoundError about a transfer from that
// of a page that is not there, or of an account: taken for the former, a wrong
// StatusPath would make every payout look as if it had never been sent.
func knowsNoTransfer(said string) bool {
	if speaksOfPage(said) {
		return false
	}
	if containsAny(said, "compte", "account", "merchant", "marchand", "utilisateur", "user", "service", "serveur", "server",
		"host", "environ", "clé", "key", "token", "jeton") &&
		!containsAny(said, "transaction", "transfer", "paiement", "payment", "opération", "operation", "référence", "reference") {
		return false
	}
	return containsAny(said, "notfound", "not_found", "not found", "introuvable", "existe pas", "inexistant",
		"aucune transaction", "pas été trouvé", "unknown transaction", "transaction inconnue")
}

// speaksOfPage recognises that what is missing is the page that was asked.
func speaksOfPage(said string) bool {
	return containsAny(said, "cannot ", "route", "endpoint", "page", "path", "chemin", "url", "uri", "/v1", "/v2", "method", "méthode")
}

// saysExpired recognises that it is the token which is turned away.
func saysExpired(said string) bool {
	return strings.Contains(said, "expir") && containsAny(said, "token", "jwt", "jeton")
}

func containsAny(text string, words ...string) bool {
	for _, word := range words {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}
