package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
)

// payroll describes a file as people have them.
type payroll struct {
	rows int
	// shuffled ids are random, so that each falls anywhere among the others.
	shuffled bool
	// month tells one payroll of a company from the next: most people are the same, a
	// fiftieth are new, and the wages have changed.
	month int
	// strangers are people whom no other payroll has.
	strangers bool
}

const (
	// numberPrime is the largest prime below 10^8 that leaves 3 when divided by 4: what
	// scatter needs to reach each of the eight digits after a prefix at most once.
	numberPrime = 99_999_971
	// newcomers are behind everybody else, so many for each month at the most.
	newcomers, newcomersMax = 50_000_000, 100_000
	// strangers are behind them.
	strangers = 95_000_000
	// turnover is one in how many people of a payroll is new each month.
	turnover = 50
)

// scatter maps the numbers below numberPrime onto themselves in no order, none twice:
// the squares modulo such a prime are distinct below its half, and their negatives are
// the rest.
func scatter(n int) int {
	n %= numberPrime
	square := n * n % numberPrime
	if n <= numberPrime/2 {
		return square
	}
	return numberPrime - square
}

// beneficiary is somebody on the payroll.
type beneficiary struct {
	number, name, operator string
	amount                 int64
}

// person is the nth beneficiary of a month, the same at each call. Telephone numbers
// are in no order, as real ones are.
func (p payroll) person(n int) beneficiary {
	operators := [...]struct{ name, prefix string }{
		{"ORANGE", "07"}, {"MTN", "05"}, {"MOOV", "01"}, {"WAVE", "07"}, {"ORANGE", "07"}, {"ORANGE", "07"}, {"WAVE", "05"},
	}
	families := [...]string{
		"Kouassi", "Koné", "Traoré", "Yao", "Bamba", "Konan", "Ouattara", "N'Guessan", "Coulibaly", "Kouadio", "Diabaté",
		"Touré", "Gnagne", "Aka", "Zadi", "Soro", "Dembélé", "Tano", "Kra",
	}
	given := [...]string{
		"Aya", "Ibrahim", "Fatou", "Jean-Marc", "Salif", "Adjoua", "Mariam", "Serge", "Awa", "Éric", "Affoué", "Moussa", "Grâce",
		"Bakary", "Estelle", "Désiré", "Rokia",
	}
	who := n
	if p.strangers {
		who += strangers + p.month*fewPaid
	}
	if n%turnover == p.month%turnover {
		who = newcomers + p.month*newcomersMax + n/turnover
	}
	luck := scatter(who + 1_000)
	operator := operators[luck%len(operators)]
	return beneficiary{
		number:   fmt.Sprintf("%s%08d", operator.prefix, luck),
		name:     families[luck/7%len(families)] + " " + given[luck/133%len(given)],
		operator: operator.name,
		amount:   int64(1_000 + 5*(luck%40_000) + 500*p.month),
	}
}

// id is the nth row's.
func (p payroll) id(n int, random *rand.Rand) string {
	if p.shuffled {
		return fmt.Sprintf("%016x", random.Uint64())
	}
	return fmt.Sprintf("PAY-%02d-%010d", p.month, n)
}

// luck draws the random ids, the same each time.
func (p payroll) luck() *rand.Rand {
	return rand.New(rand.NewPCG(uint64(p.month), uint64(p.rows))) //nolint:gosec // the same file each time
}

// writeStatement writes what a provider's dashboard exports once the payroll was paid.
func (p payroll) writeStatement(w io.Writer) error {
	out, random := bufio.NewWriterSize(w, 1<<20), p.luck()
	if _, err := fmt.Fprintln(out, "Date;Id transaction;Numéro client;Montant;Statut"); err != nil {
		return err
	}
	for n := range p.rows {
		who := p.person(n)
		if _, err := fmt.Fprintf(out, "24/11/2026 08:00:00;%s;%s;%d;Réussi\n", p.id(n, random), who.number, who.amount); err != nil {
			return err
		}
	}
	return out.Flush()
}

// runFile writes a payroll as CSV to standard output.
func runFile(_ context.Context, args []string) error {
	flags := flag.NewFlagSet("file", flag.ContinueOnError)
	var p payroll
	flags.IntVar(&p.rows, "rows", 20_000, "how many rows")
	flags.BoolVar(&p.shuffled, "shuffled", false, "ids in no order")
	flags.IntVar(&p.month, "month", 1, "which `month` of the company's")
	statement := flags.Bool("statement", false, "the provider's statement of it instead")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *statement {
		return p.writeStatement(os.Stdout)
	}
	return p.write(os.Stdout)
}

// write writes the payroll as CSV of eight columns, the same each time.
func (p payroll) write(w io.Writer) error {
	out, random := bufio.NewWriterSize(w, 1<<20), p.luck()
	if _, err := fmt.Fprintln(out, "transaction_id,customer_id,name,amount,operator,currency,code_country,note"); err != nil {
		return err
	}
	for n := range p.rows {
		who := p.person(n)
		if _, err := fmt.Fprintf(out, "%s,%s,%s,%d,%s,XOF,CI,Salaire\n", p.id(n, random), who.number, who.name, who.amount, who.operator); err != nil {
			return err
		}
	}
	return out.Flush()
}
