package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/crypto/ssh"

	"payrun/batch/approval/sshsig"
	"payrun/ledger/anchor"
)

// Verify checks a folder of evidence, and what the reader knows against it. It needs no
// ledger. The error is a *WrongError for the first thing that does not hold, and
// ErrNoEvidence, or the system's, for a folder that cannot be read; the result says in any
// case what was checked. It keeps every payout of the batch in memory.
func Verify(ctx context.Context, folder string, known Known) (Result, error) {
	v := &verifier{folder: folder, known: known}
	if err := v.look(); err != nil {
		return v.result, err
	}
	for _, step := range []struct {
		name CheckName
		run  func(context.Context, *Check) error
	}{
		{CheckFiles, v.files},
		{CheckIndex, v.readIndex},
		{CheckSignature, v.signature},
		{CheckLog, v.log},
		{CheckList, v.listed},
		{CheckMoves, v.moved},
		{CheckReleases, v.released},
		{CheckApprovals, v.approved},
		{CheckCheckpoint, v.checkpoint},
		{CheckPast, v.past},
		{CheckReport, v.report},
		{CheckTable, v.table},
		{CheckElsewhere, v.elsewhere},
		{CheckCopy, v.copied},
	} {
		check := Check{Name: step.name, Outcome: Holds}
		err := step.run(ctx, &check)
		if said := (*WrongError)(nil); errors.As(err, &said) {
			check.Name, check.Outcome = said.Check, Wrong
		}
		if err == nil || check.Outcome == Wrong {
			v.result.Checks = append(v.result.Checks, check)
		}
		if err != nil {
			return v.result, err
		}
	}
	return v.result, nil
}

// verifier verifies one folder.
type verifier struct {
	folder string
	known  Known
	result Result
	// signed is set if the folder has a key and signatures.
	signed bool
	// public is the key of checkpoint_signers.
	public ssh.PublicKey
	read   logRead
}

func (v *verifier) index() *Index { return &v.result.Index }

// look returns ErrNoEvidence for a folder that never was one of evidence.
func (v *verifier) look() error {
	if _, err := os.Stat(v.folder); err != nil {
		return err
	}
	for _, name := range []string{fileSums, fileIndex} {
		if _, err := os.Lstat(at(v.folder, name)); !errors.Is(err, fs.ErrNotExist) {
			return nil
		}
	}
	return fmt.Errorf("%s: %w", v.folder, ErrNoEvidence)
}

// files computes the sums anew, byte for byte.
func (v *verifier) files(_ context.Context, check *Check) error {
	text, err := read(v.folder, fileSums)
	if err != nil {
		return wrong(CheckFiles, fileSums, err)
	}
	found, err := sums(v.folder)
	if err != nil {
		return wrong(CheckFiles, fileSums, err)
	}
	check.Count = bytes.Count(found, []byte{'\n'})
	if bytes.Equal(found, text) {
		return nil
	}
	recorded, computed := bytes.SplitAfter(text, []byte{'\n'}), bytes.SplitAfter(found, []byte{'\n'})
	for i, line := range computed {
		if i >= len(recorded) || !bytes.Equal(recorded[i], line) {
			err := fmt.Errorf("the folder has %q", bytes.TrimSpace(line))
			return &WrongError{Check: CheckFiles, File: fileSums, Line: i + 1, Err: err}
		}
	}
	return wrong(CheckFiles, fileSums, errors.New("it goes on behind the last file"))
}

func (v *verifier) readIndex(_ context.Context, check *Check) error {
	text, err := read(v.folder, fileIndex)
	if err != nil {
		return wrong(CheckIndex, fileIndex, err)
	}
	if v.result.Index, err = parseIndex(text); err != nil {
		return wrong(CheckIndex, fileIndex, err)
	}
	if err := v.findSignature(); err != nil {
		return err
	}
	// Another version words its instructions otherwise; that proves nothing.
	guide := guideOf(v.result.Index, v.signed)
	for name, french := range map[string]bool{fileGuide: false, fileGuideFR: true} {
		written, err := guide.text(french)
		if err != nil {
			return err
		}
		found, err := read(v.folder, name)
		if err != nil {
			return wrong(CheckIndex, name, err)
		}
		check.Count++
		if !bytes.Equal(found, written) {
			check.Outcome = Absent
			check.Missing++
		}
	}
	return nil
}

// findSignature finds out whether the folder is signed: all of the signature is there, or
// nothing of it.
func (v *verifier) findSignature() error {
	var missing string
	found := 0
	for _, name := range []string{fileSignature, fileSigners, fileCheckpoint} {
		if _, err := os.Lstat(at(v.folder, name)); errors.Is(err, fs.ErrNotExist) {
			missing = name
			continue
		}
		found++
	}
	if found > 0 && missing != "" {
		return wrong(CheckSignature, missing, errors.New("it is missing, and the rest of the signature is there"))
	}
	v.signed = found > 0
	return nil
}

func (v *verifier) signature(_ context.Context, check *Check) error {
	if !v.signed {
		check.Outcome, check.Missing = Absent, 1
		return nil
	}
	signers, err := read(v.folder, fileSigners)
	if err != nil {
		return wrong(CheckSignature, fileSigners, err)
	}
	listed, err := sshsig.ParseAllowedSigners(signers)
	if err == nil && (len(listed) != 1 || listed[0].Key.Type() != ssh.KeyAlgoED25519) {
		err = errors.New("it has another line than one with an Ed25519 key")
	}
	if err != nil {
		return wrong(CheckSignature, fileSigners, err)
	}
	v.public = listed[0].Key
	if v.result.Key, err = v.reportedKey(); err != nil {
		return wrong(CheckSignature, fileReportJSON, err)
	}
	public, err := anchor.PublicKey(v.result.Key)
	if err != nil {
		return wrong(CheckSignature, fileReportJSON, err)
	}
	if written, err := signersOf(public); err != nil || !bytes.Equal(written, signers) {
		return wrong(CheckSignature, fileSigners, errors.Join(err, fmt.Errorf("its key is not that of the report, %s", v.result.Key)))
	}
	v.result.Fingerprint = sshsig.Fingerprint(v.public)
	if err := v.verifySums(); err != nil {
		return wrong(CheckSignature, fileSignature, err)
	}
	check.Count = 1
	return nil
}

func (v *verifier) verifySums() error {
	armoured, err := read(v.folder, fileSignature)
	if err != nil {
		return err
	}
	signature, err := sshsig.Parse(armoured)
	if err != nil {
		return err
	}
	if !bytes.Equal(signature.Armour(), armoured) {
		return errors.New("another armour than that of ssh-keygen")
	}
	if !bytes.Equal(signature.Key.Marshal(), v.public.Marshal()) {
		return fmt.Errorf("signed with %s, not with %s", sshsig.Fingerprint(signature.Key), sshsig.Fingerprint(v.public))
	}
	text, err := read(v.folder, fileSums)
	if err != nil {
		return err
	}
	_, err = sshsig.Verify(bytes.NewReader(text), signature, sshsig.Expect{Namespace: Namespace})
	return err
}

// checkpoint holds the signed head against that of the log.
func (v *verifier) checkpoint(_ context.Context, check *Check) error {
	if !v.signed {
		check.Outcome, check.Missing = Absent, 1
		return nil
	}
	note, err := read(v.folder, fileCheckpoint)
	if err != nil {
		return wrong(CheckCheckpoint, fileCheckpoint, err)
	}
	id, head, err := anchor.Verify(string(note), v.result.Key)
	index := v.index()
	switch {
	case err != nil:
	case id != index.Ledger:
		err = fmt.Errorf("it is of the ledger %q, not of %q", id, index.Ledger)
	case head.Events != index.LastEvent || head.Hash != index.Head:
		err = fmt.Errorf("it is of event %d with the hash %s, and the log ends with event %d and %s", head.Events, head.Hash, index.LastEvent, index.Head)
	}
	check.Count = 1
	return wrong(CheckCheckpoint, fileCheckpoint, err)
}

// past holds what was handed out before against the log.
func (v *verifier) past(_ context.Context, check *Check) error {
	if len(v.known.Past) == 0 {
		check.Outcome, check.Missing = Absent, 1
		return nil
	}
	for _, past := range v.known.Past {
		var err error
		hash, reached := v.read.past[past.Head.Events]
		switch {
		case v.signed && past.Key != "" && past.Key != v.result.Key:
			err = fmt.Errorf("%s was signed with %s, and this folder with %q", past.Source, past.Key, v.result.Key)
		case past.Ledger != "" && past.Ledger != v.index().Ledger:
			err = fmt.Errorf("%s is of the ledger %q, and this folder of %q", past.Source, past.Ledger, v.index().Ledger)
		case !reached: // before the part of the log that is here, or behind its end
			check.Outcome = Absent
			check.Missing++
			continue
		case hash != past.Head.Hash:
			err = fmt.Errorf("%s has event %d with the hash %s, and here it has %s", past.Source, past.Head.Events, past.Head.Hash, hash)
		}
		if err != nil {
			return wrong(CheckPast, fileHeads, err)
		}
		check.Count++
	}
	return nil
}

// elsewhere says how many payouts are in the report whose events are in other evidence.
func (v *verifier) elsewhere(_ context.Context, check *Check) error {
	if check.Missing = len(v.index().Elsewhere); check.Missing > 0 {
		check.Outcome = Absent
	}
	return nil
}

func (v *verifier) copied(_ context.Context, check *Check) error {
	file := v.index().File
	if file.Copy == "" {
		check.Outcome, check.Missing = Absent, 1
		return nil
	}
	if file.Copy != copyName(file.Name) {
		return wrong(CheckCopy, fileIndex, fmt.Errorf("a copy of %q is not called %q", file.Name, file.Copy))
	}
	digest, err := digestFile(at(v.folder, file.Copy))
	if err == nil && digest != file.SHA256 {
		err = fmt.Errorf("its digest is %s, and %s was accepted", digest, file.SHA256)
	}
	check.Count = 1
	return wrong(CheckCopy, file.Copy, err)
}
