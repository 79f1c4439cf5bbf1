// Package doctor has the command that looks at everything a payday leans on before there
// is one: where the ledger lies and who may write it, the anchors, the clock, and what the
// provider says to the credentials.
//
// It sends nothing and begins no ledger. What it cannot find out it says, and every thing
// that is wrong comes with what mends it.
package doctor

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"payrun/cmd/payrun/session"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
	"payrun/ledger"
	"payrun/ledger/anchor"
	"payrun/ledger/pgledger"
	"payrun/provider"
)

// Command returns the command. End gives an exit code as an error that says nothing more.
func Command(o *session.Opener, end func(code int) error) *cobra.Command {
	var pay settings.PayOptions
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look at everything that a payday needs, and say what to mend",
		Long: `Looks at the ledger's place, at who may write it, at the anchors, and asks the
provider for a token, for its clock and for the balance. It sends nothing and begins
no ledger: what is not there yet is said to begin with the first run.

Exit status: 0 nothing is in the way, 2 something has to be mended first.`,
		Example: "  payrun doctor --api-key-file key --api-secret-file secret",
		Args:    settings.Args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := pay.Provider.Validate(); err != nil {
				return err
			}
			d := &examination{Opener: o, options: pay}
			d.examine(cmd.Context())
			const mend = 2
			exit := 0
			if ui.Worst(d.findings) == ui.Wrong {
				exit = mend
			}
			if err := o.ShowFindings(d.findings, exit); err != nil || exit == 0 {
				return err
			}
			return end(exit)
		},
	}
	pay.Provider.AddFlags(cmd.Flags(), o.Settings)
	pay.Report.AddAnchorsFlag(cmd.Flags())
	return cmd
}

// examination is one look at everything.
type examination struct {
	*session.Opener

	options  settings.PayOptions
	findings []ui.Finding
}

func (d *examination) examine(ctx context.Context) {
	path := d.LedgerPath(d.options.Provider.Sandbox)
	database := pgledger.Is(path)
	if database {
		d.found(ui.CheckPlace, ui.Fine, pgledger.Name(path))
	} else {
		d.place(path)
		d.permissions(path)
	}
	if database || !fsx.Missing(path) {
		d.ledger(ctx, path)
	}
	d.anchors(path)
	d.provider(ctx)
}

// found adds a finding.
func (d *examination) found(check ui.Check, outcome ui.Health, detail string, mend ...string) {
	d.findings = append(d.findings, ui.Finding{Check: check, Outcome: outcome, Detail: detail, Mend: mend})
}

// failed adds the finding of an error, in its own words.
func (d *examination) failed(check ui.Check, err error) {
	sentence, mend := d.WordError(err)
	d.found(check, ui.Wrong, sentence, mend...)
}

// place looks at where the ledger lies, or would.
func (d *examination) place(path string) {
	absolute, err := filepath.Abs(path)
	if err == nil {
		err = d.RefuseTwo(path)
	}
	if err != nil {
		d.failed(ui.CheckPlace, err)
		return
	}
	if !fsx.Missing(path) {
		d.found(ui.CheckPlace, ui.Fine, absolute)
		return
	}
	folder := filepath.Dir(absolute)
	if d.Ledger != "" && fsx.Missing(folder) { // only the account's own place is made
		d.found(ui.CheckPlace, ui.Wrong, d.Text("path.no_folder", "path", folder), d.Text("path.no_folder_hint"))
		return
	}
	folder = existing(folder)
	if err := writable(folder); err != nil {
		d.found(ui.CheckPlace, ui.Wrong, err.Error(), d.Text("doctor.mend.folder", "folder", folder))
		return
	}
	d.found(ui.CheckPlace, ui.Fine, d.Text("doctor.begins", "file", absolute))
}

// existing returns the nearest folder above that is there.
func existing(folder string) string {
	for fsx.Missing(folder) && filepath.Dir(folder) != folder {
		folder = filepath.Dir(folder)
	}
	return folder
}

// writable finds out whether a file can be made in a folder.
func writable(folder string) error {
	file, err := os.CreateTemp(folder, ".payrun-*")
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// permissions looks at who else could change the ledger.
func (d *examination) permissions(path string) {
	info, err := os.Stat(path)
	switch {
	case fsx.Missing(path):
	case err != nil:
		d.failed(ui.CheckPermissions, &ledger.AccessError{Path: path, Err: err})
	case fsx.AnybodyMayWrite(info):
		d.found(ui.CheckPermissions, ui.Wrong, d.Text("ledger.exposed", "file", path),
			d.Text("ledger.exposed_hint", "file", ui.ShellWord(path)))
	case fsx.OthersMayWrite(info):
		d.found(ui.CheckPermissions, ui.Doubtful, d.Text("doctor.group", "mode", info.Mode().Perm().String()),
			"chmod go-w "+ui.ShellWord(path))
	case !fsx.OwnedByUser(info):
		d.found(ui.CheckPermissions, ui.Doubtful, d.Text("ledger.foreign", "file", path))
	default:
		d.found(ui.CheckPermissions, ui.Fine, info.Mode().Perm().String())
	}
}

// ledger looks whether the ledger opens, and what is in it.
func (d *examination) ledger(ctx context.Context, path string) {
	store, done, err := d.ReadLedger(ctx, path)
	if err != nil {
		d.failed(ui.CheckLedger, err)
		return
	}
	defer done()
	batches, err := store.Batches(ctx)
	if err != nil {
		d.failed(ui.CheckLedger, err)
		return
	}
	d.found(ui.CheckLedger, ui.Fine, d.Text("doctor.batches", "count", strconv.Itoa(len(batches))))
}

// anchors looks whether it can be told later that a ledger is the newest.
func (d *examination) anchors(path string) {
	folders := d.AnchorFolders(path, d.options.Report.Anchors, d.options.Provider.Sandbox)
	folder, err := anchor.Open(folders...).Writable()
	if err != nil {
		d.found(ui.CheckAnchors, ui.Doubtful, err.Error(), d.Text("doctor.mend.anchors"))
		return
	}
	d.found(ui.CheckAnchors, ui.Fine, folder)
}

// provider asks for a token, for the balance and for a payout that nobody made: the first
// tells of the address and the credentials, the last whether payouts can be looked up, and
// what time it is there.
func (d *examination) provider(ctx context.Context) {
	connection, err := d.Connect(ctx, d.options.Provider)
	if err != nil {
		d.failed(ui.CheckCredentials, err)
		return
	}
	defer connection.Close()
	place := connection.Account.Place()
	if connection.Provider.Capabilities().Balance {
		balance, err := connection.Provider.Balance(ctx)
		switch refused, is := errors.AsType[*provider.Error](err); {
		case err == nil:
			d.found(ui.CheckProvider, ui.Fine, place)
			d.found(ui.CheckCredentials, ui.Fine, d.Text("doctor.taken"))
			if balance.Minor > 0 {
				d.found(ui.CheckBalance, ui.Fine, ui.Sum(balance))
			} else {
				d.found(ui.CheckBalance, ui.Doubtful, ui.Sum(balance), d.Text("doctor.mend.balance"))
			}
		case is && refused.Class == provider.Unauthorized:
			d.found(ui.CheckProvider, ui.Fine, place)
			d.failed(ui.CheckCredentials, err)
			return
		default:
			d.failed(ui.CheckProvider, err)
			return
		}
	}
	d.lookUp(ctx, connection.Provider)
}

// nobodys is a reference that no payout has: every provider takes it, and no file's id
// becomes it.
const nobodys = "PAYRUNDOCTOR"

// The differences of clocks that matter: by an hour, answers seem to be of another day's
// payouts; by a minute, times in reports mislead.
const (
	clockWrong    = time.Hour
	clockDoubtful = time.Minute
)

func (d *examination) lookUp(ctx context.Context, asked provider.Provider) {
	answer := asked.LookUp(ctx, provider.Query{Reference: nobodys})
	switch answer.Class { //nolint:exhaustive // of any other the person reads what it says
	case provider.NotFound:
		d.found(ui.CheckLookUp, ui.Fine, d.Text("doctor.looked_up"))
	case provider.Throttled:
		d.found(ui.CheckLookUp, ui.Doubtful, d.Text("doctor.throttled"), d.Text("doctor.mend.throttled"))
	default:
		d.found(ui.CheckLookUp, ui.Doubtful, d.Text("doctor.unclear", "answer", answer.Code+" "+answer.Message), d.Text("doctor.mend.look_up"))
	}
	ahead, known := answer.Ahead()
	here, difference := time.Now().Format("2006-01-02 15:04 MST"), ahead.Abs().Round(time.Second).String()
	switch {
	case !known:
		d.found(ui.CheckClock, ui.Doubtful, d.Text("doctor.clock_alone", "here", here), d.Text("doctor.mend.clock"))
	case ahead.Abs() >= clockWrong:
		d.found(ui.CheckClock, ui.Wrong, d.Text("doctor.clock_off", "here", here, "difference", difference), d.Text("doctor.mend.clock"))
	case ahead.Abs() >= clockDoubtful:
		d.found(ui.CheckClock, ui.Doubtful, d.Text("doctor.clock_off", "here", here, "difference", difference), d.Text("doctor.mend.clock"))
	default:
		d.found(ui.CheckClock, ui.Fine, d.Text("doctor.clock", "here", here))
	}
}
