package audit

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/crypto/ssh"

	"payrun/batch/approval/sshsig"
	"payrun/internal/fsx"
	"payrun/ledger"
	"payrun/ledger/anchor"
	"payrun/reports"
)

// Options say what Export writes, and where.
type Options struct {
	// Folder is the folder to make. Nothing of that name may be there.
	Folder string
	// Batch is the batch, Header what reports say of it and of the ledger's head.
	Batch  ledger.Batch
	Header reports.Header
	// Key signs, nil if there is none.
	Key *anchor.Key
	// Files are the places where the file may lie that was accepted. The first with its
	// digest is copied.
	Files []string
	// French chooses the language of the page and the workbook among the reports.
	French bool
	// Version is that of payrun, MadeAt the time.
	Version string
	MadeAt  time.Time
}

// ErrTaken is returned for a folder whose name something has already.
var ErrTaken = fsx.ErrTaken

// ErrMoved is returned for a ledger that went on while it was read: it has to be read at
// one moment.
var ErrMoved = errors.New("the ledger went on while the evidence was written")

// Export writes the evidence about a batch into a folder, and verifies what it wrote. The
// folder appears whole, on the disk and for its owner alone to read, or not at all. The
// ledger has to stand still meanwhile. A *WrongError is of a ledger that does not hold
// together.
func Export(ctx context.Context, store ledger.Reader, o Options) (Result, error) {
	return draw(o.Folder, func(d draft) (Result, error) {
		e := exporter{draft: d, Options: o, store: store}
		if err := e.write(ctx); err != nil {
			return Result{}, fmt.Errorf("write the evidence of batch %q: %w", o.Batch.ID, err)
		}
		verified, err := Verify(ctx, d.folder, Known{})
		if err != nil {
			return verified, cmp.Or(e.moved(ctx), err)
		}
		return verified, nil
	})
}

// moved returns ErrMoved if the ledger went on since the evidence was begun: what does not
// hold together then need not be wrong.
func (e *exporter) moved(ctx context.Context) error {
	if _, head, err := e.store.Head(ctx); err != nil || head == e.Header.Head {
		return err
	}
	return ErrMoved
}

// publish gives a draft its name. Whatever took the name meanwhile stays, but for an
// empty folder.
func publish(folder, name string) error {
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		return fsx.Sync(path)
	})
	if err != nil {
		return err
	}
	if err := os.Rename(folder, name); err != nil {
		if !fsx.Missing(name) {
			return fmt.Errorf("%s: %w", name, ErrTaken)
		}
		return err
	}
	return fsx.Sync(filepath.Dir(name))
}

// exporter writes one folder.
type exporter struct {
	draft
	Options

	store ledger.Reader
	index Index
}

func (e *exporter) write(ctx context.Context) error {
	identity, err := e.store.Identity(ctx)
	if err != nil {
		return err
	}
	e.index = Index{
		Kind: indexKind, Schema: indexSchema, Payrun: e.Version, MadeAt: e.MadeAt.UTC().Truncate(time.Second),
		Batch: e.Batch.ID, Ledger: identity.ID, Account: e.Batch.Account.Place,
		Currency: e.Batch.Currency, Decimals: e.Batch.Currency.Digits(),
		File: File{Name: e.Batch.File, SHA256: e.Batch.SHA256}, Elsewhere: []Elsewhere{},
	}
	for _, part := range []func(context.Context) error{
		e.writeLog, e.writeList, e.writeApprovals, e.writeReports, e.copyFile, e.writeCheckpoint, e.writeIndex, e.writeGuides, e.writeSums,
	} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// writeList writes what entered with the batch, in the order in which it did: the lines of
// which the digests of enrolments are.
func (e *exporter) writeList(ctx context.Context) (err error) {
	file, err := e.create(fileList)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.close()) }()
	var line []byte
	for p, err := range e.store.Payouts(ctx, e.Batch.ID) {
		if err != nil {
			return err
		}
		if p.Batch != e.Batch.ID {
			e.index.Elsewhere = append(e.index.Elsewhere, Elsewhere{Payout: p.ID, Batch: p.Batch})
			continue
		}
		terms := p.Accepted()
		line = terms.AppendLine(line[:0])
		if _, err := file.Write(line); err != nil {
			return err
		}
	}
	return nil
}

func (e *exporter) writeReports(ctx context.Context) (err error) {
	var outputs []reports.Output
	var files []*output
	defer func() {
		for _, file := range files {
			err = errors.Join(err, file.close())
		}
	}()
	for _, format := range []string{reports.FormatCSV, reports.FormatXLSX, reports.FormatJSON, reports.FormatHTML} {
		file, err := e.create(fileReport + format)
		if err != nil {
			return err
		}
		files, outputs = append(files, file), append(outputs, reports.Output{Format: format, To: file})
	}
	_, err = reports.Render(ctx, e.store, e.Header, reports.Options{French: e.French}, outputs...)
	return err
}

// copyFile copies the file that was accepted, from the first place where one has its
// digest. That there is none is no error: the digest is there.
func (e *exporter) copyFile(context.Context) error {
	for _, path := range e.Files {
		digest, err := fsx.SHA256(path)
		if err != nil || digest != e.Batch.SHA256 {
			continue
		}
		e.index.File.Copy = copyName(e.Batch.File)
		return e.copyFrom(path, e.index.File.Copy)
	}
	return nil
}

func (e *exporter) copyFrom(path, name string) (err error) {
	content, err := fsx.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	file, err := e.create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.close())
}

// writeCheckpoint writes the signed head, and the key in the form of ssh-keygen.
func (e *exporter) writeCheckpoint(context.Context) error {
	if e.Key == nil {
		return nil
	}
	if err := e.draft.write(fileCheckpoint, []byte(e.Header.Checkpoint)); err != nil {
		return err
	}
	public, err := anchor.PublicKey(e.Key.Public())
	if err != nil {
		return err
	}
	signers, err := signersOf(public)
	if err != nil {
		return err
	}
	return e.draft.write(fileSigners, signers)
}

// signersOf lists a checkpoint's key as ssh-keygen takes it.
func signersOf(public ed25519.PublicKey) ([]byte, error) {
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		return nil, err
	}
	return sshsig.FormatAllowedSigners([]sshsig.AllowedSigner{{Principal: Principal, Namespaces: []string{Namespace}, Key: key}})
}

func (e *exporter) writeIndex(context.Context) error {
	text, err := e.index.encode()
	if err != nil {
		return err
	}
	return e.draft.write(fileIndex, text)
}

func (e *exporter) writeGuides(context.Context) error {
	has := guideOf(e.index, e.Key != nil)
	for name, french := range map[string]bool{fileGuide: false, fileGuideFR: true} {
		text, err := has.text(french)
		if err != nil {
			return err
		}
		if err := e.draft.write(name, text); err != nil {
			return err
		}
	}
	return nil
}

// writeSums comes last: the sums are of all other files, and what is signed is the sums.
func (e *exporter) writeSums(context.Context) error {
	text, err := sums(e.folder)
	if err != nil {
		return err
	}
	if err := e.draft.write(fileSums, text); err != nil || e.Key == nil {
		return err
	}
	signer, err := ssh.NewSignerFromSigner(e.Key.Signer())
	if err != nil {
		return err
	}
	signature, err := sshsig.Sign(signer, Namespace, bytes.NewReader(text))
	if err != nil {
		return err
	}
	return e.draft.write(fileSignature, signature.Armour())
}
