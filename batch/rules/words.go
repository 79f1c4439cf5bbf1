package rules

import (
	"slices"
	"strings"
)

// The words by which a row is known that pays nobody, as French and English lists
// have them. All are folded: see fold.
//
//nolint:gochecknoglobals // tables that nothing writes to
var (
	// totalWords say that a figure adds others up. Those of the second list may stand
	// beside them, and say nothing by themselves.
	totalWords = []string{
		"total", "totaux", "totale", "totales", "totals", "soustotal", "soustotaux", "subtotal", "subtotals",
		"grandtotal", "sum", "cumul", "cumuls", "reporter",
	}
	totalCompany = []string{
		"a", "au", "aux", "de", "des", "du", "d", "l", "la", "le", "les", "et", "en", "the", "of", "to", "for", "and", "in",
		"general", "generale", "generaux", "grand", "global", "globale", "overall", "sous", "sub", "page", "net", "nets", "brut",
		"montant", "montants", "somme", "sommes", "amount", "payer", "verser", "paye", "paid", "pay", "payable", "due",
		"fcfa", "cfa", "xof", "f", "francs", "franc", "agents", "agent", "personnes", "employes", "salaries",
		"beneficiaires", "lignes", "rows", "people", "employees", "beneficiaries", "report", "mois",
	}
	// grandWords say that a total is of everything above.
	grandWords = []string{"general", "generale", "generaux", "grand", "grandtotal", "global", "globale", "overall"}

	// signatureWords are in the lines under a list that say who signs. They are
	// beginnings of a cell, as whole words.
	signatureWords = []string{
		"fait a", "fait le", "arrete", "arretee", "certifie", "certifiee", "vu", "visa", "cachet", "signature", "signatures",
		"signe", "emargement", "bon pour", "le directeur", "la directrice", "directeur", "directrice", "direction",
		"le comptable", "la comptable", "comptable", "chef comptable", "le chef", "la cheffe", "le gerant", "la gerante", "gerant",
		"le president", "la presidente", "le responsable", "la responsable", "responsable", "le caissier", "la caissiere",
		"le tresorier", "la tresoriere", "le drh", "le daf", "la drh", "la daf", "drh", "daf", "raf", "le raf", "le dg", "la dg", "dg", "pdg", "le pdg",
		"le secretaire", "la secretaire", "le controleur", "l agent", "l ordonnateur", "po", "p o", "p i",
		"prepared by", "approved by", "checked by", "verified by", "authorized by", "authorised by", "signed", "date",
		"etabli par", "prepare par", "verifie par", "approuve par", "valide par", "elabore par", "controle par",
		"done at", "the director", "the accountant", "the manager", "the treasurer", "manager", "accountant", "director",
		"lu et approuve", "la direction", "pour la direction", "la gerance", "pour acquit",
	}
	// remarkWords begin a sentence that is about the list.
	remarkWords = []string{"nb", "n b", "note", "nota", "remarque", "remarques", "ps", "attention", "observation", "observations", "important"}

	endWords = []string{"fin", "end", "eof", "finduficher", "findufichier", "findeliste", "findelaliste", "endoffile", "endoflist", "findetableau", "findutableau"}
)

// words are the folded words of a text; punctuation separates them, digits are
// left out.
func words(text string) []string {
	var found []string
	for word := range strings.FieldsFuncSeq(text, separates) {
		if folded := strings.Trim(fold(word), "0123456789"); folded != "" {
			found = append(found, folded)
		}
	}
	return found
}

// separates knows what stands between words: all but letters, digits and the marks
// above letters.
func separates(r rune) bool {
	return r < '0' || r > '9' && r < 'A' || r > 'Z' && r < 'a' || r > 'z' && r < 0xaa ||
		r == '\u00a0' || r == '\u2019' || r == '\u2018' || r >= '\u2000' && r <= '\u206f'
}

// saysTotal reports whether a text has a word for a total.
func saysTotal(text string) bool {
	if len(text) > wordsMax {
		return false
	}
	found := words(text)
	for i, word := range found {
		switch {
		case slices.Contains(totalWords, word):
			return true
		case i > 0 && word == "t" && found[i-1] == "s": // S/T
			return true
		case i == 0 && (word == "somme" || word == "report" || word == "ensemble") && len(found) == 1:
			return true
		}
	}
	return false
}

// wordsMax is more than any such line has; a longer text is not looked through.
const wordsMax = 300

// onlyTotal reports whether a text says total and nothing that could be a name.
func onlyTotal(text string) bool {
	return saysTotal(text) && !slices.ContainsFunc(words(text), func(word string) bool {
		return !slices.Contains(totalWords, word) && !slices.Contains(totalCompany, word) && word != "s" && word != "t"
	})
}

// isGrand reports whether a text says that a total is of all rows above.
func isGrand(text string) bool {
	return slices.ContainsFunc(words(text), func(word string) bool { return slices.Contains(grandWords, word) })
}

// saysSignature reports whether a text begins as the lines do that people sign.
func saysSignature(text string) bool { return begins(text, signatureWords) }

func begins(text string, phrases []string) bool {
	if text == "" || len(text) > wordsMax {
		return false
	}
	joined := strings.Join(words(text), " ")
	return slices.ContainsFunc(phrases, func(phrase string) bool {
		rest, found := strings.CutPrefix(joined, phrase)
		return found && (rest == "" || rest[0] == ' ')
	})
}

// sentenceWords is a number of words that no name has.
const sentenceWords = 6

// isSentence reports whether a text is more than a name: names have neither a
// colon nor digits.
func isSentence(text string) bool {
	return len(text) > wordsMax || strings.ContainsAny(text, ":;0123456789*=") || len(words(text)) > sentenceWords ||
		begins(text, remarkWords)
}
