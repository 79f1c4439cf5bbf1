package table

import "testing"

// TestWhatMarksARow reads cells beside the table as people write them, and neighbours
// that say something else.
func TestWhatMarksARow(t *testing.T) {
	known, err := knownMarks()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"payé": true, "PAYÉE": true, "Payé le 12/11": true, "payé par chèque": true, "payée (chèque)": true,
		"déjà payé": true, "déjà payé en espèces": true, "a été payé": true, "Has been paid on Monday": true,
		"a démissionné": true, "a quitté l'entreprise": true, "Démissionné": true, "est décédé": true, "on hold": true,
		"ne pas payer": true, "do not pay - see Paul": true, "payé partiellement": true, "paid: cash": true,
		"": false, "non payé": false, "pas encore payé": false, "à payer": false, "paid leave": false, "payeur": false,
		"en attente": false, "à": false, "a": false, "déjà": false, "congé payé": false, "a été": false, "Stop Kouassi": false,
		"success story": false, "Succès Koffi": false, "traité de paix": false, "unpaid": false, "impayé": false,
	} {
		if got := known.mark(text); got != want {
			t.Errorf("%q marks its row: %v, want %v", text, got, want)
		}
	}
}

// TestANameMayCarryAMark reads what people write behind a name. A name is not taken for
// one: it needs a sign between them.
func TestANameMayCarryAMark(t *testing.T) {
	for name, want := range map[string]string{
		"Koné Awa (payé)": "payé", "Koné Awa [annulé]": "annulé", "Koné Awa - payé": "payé", "Koné Awa – déjà payé": "déjà payé",
		"Koné Awa / a démissionné": "a démissionné", "Koné Awa * PAYÉ le 3": "PAYÉ le 3", "Koné Awa, décédé": "décédé",
		"Koné Awa": "", "Success Koffi": "", "Koffi Success": "", "Marie-Done Koné": "", "Yao (Awa)": "", "Koné (non payé)": "",
		"Koné - Success Bah": "", "(payé": "", "Koné ()": "", "Koné -": "",
	} {
		path := written(t, "f.csv", semicolons+"\nA-1;0701020304;\""+name+"\";5000;ORANGE\n")
		rows := collect(t, opened(t, path, Options{}))
		got := ""
		if rows[0].Mark != nil {
			got = rows[0].Mark.Text
		}
		if got != want {
			t.Errorf("%q carries the mark %q, want %q", name, got, want)
		}
	}
}
