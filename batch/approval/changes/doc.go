// Package changes says what is different between two lists of payouts: what a person
// wants to know before a payroll is paid again. It is told the lists; where they are
// kept and who asks is not known here.
//
// People are told by number and name, not by id, which changes from month to month.
// Names are the same whatever their case, accents and order of words ("KONÉ Awa" is
// "awa kone"). What one person gets in several payouts is added up.
package changes
