package anchor

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"payrun/internal/fsx"
)

// keyFile holds the key that signs checkpoints. It lies with the anchors and never in
// the ledger's folder, so that whoever can rewrite a ledger cannot sign for it.
const (
	keyFile                 = "checkpoint.key"
	keyMode     fs.FileMode = 0o600
	keyName                 = "payrun-checkpoint"
	originStart             = "payrun-ledger/"
	hashSize                = 32
)

// ErrCheckpoint is returned for a text that is no checkpoint, or not one signed with
// the key that is asked for.
var ErrCheckpoint = errors.New("not a checkpoint of this key")

// Key signs checkpoints of audit logs. The form is C2SP's: a tlog-checkpoint
// (https://c2sp.org/tlog-checkpoint) in a signed note (https://c2sp.org/signed-note),
// which other tools than payrun can verify. Where the form has the root of a tree
// stands the last hash of the chain.
type Key struct {
	signer  note.Signer
	public  string
	private ed25519.PrivateKey
}

// Key returns the key of the folder, which is made at the first call. It returns an
// error where there is none and none can be made.
func (f *Folder) Key() (*Key, error) {
	folder, err := f.Writable()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(folder, keyFile)
	text, err := os.ReadFile(path) //nolint:gosec // the folder of anchors
	if errors.Is(err, fs.ErrNotExist) {
		text, err = makeKey(folder, path)
	}
	if err != nil {
		return nil, fmt.Errorf("the key for checkpoints: %w", err)
	}
	private, public, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	signer, err := note.NewSigner(private)
	if err != nil {
		return nil, fmt.Errorf("the key for checkpoints %q: %w", path, err)
	}
	if _, err := note.NewVerifier(public); err != nil {
		return nil, fmt.Errorf("the key for checkpoints %q: %w", path, err)
	}
	seed, err := keyData(private)
	if err != nil {
		return nil, fmt.Errorf("the key for checkpoints %q: %w", path, err)
	}
	return &Key{signer: signer, public: public, private: ed25519.NewKeyFromSeed(seed)}, nil
}

// keyData returns the 32 bytes at the end of a key as notes have it, private or public:
// fields with "+" between them, of which the last is, in base64, a byte for the algorithm
// and the key.
func keyData(key string) ([]byte, error) {
	name, rest, _ := strings.Cut(strings.TrimPrefix(key, "PRIVATE+KEY+"), "+")
	_, encoded, found := strings.Cut(rest, "+")
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || !found || len(data) != 1+ed25519.PublicKeySize {
		return nil, fmt.Errorf("%q is not a key of 32 bytes", name)
	}
	return data[1:], nil
}

// makeKey makes a key and has it on disk under its name, or returns the one that
// another process made meanwhile.
func makeKey(folder, path string) (text []byte, err error) {
	private, public, err := note.GenerateKey(rand.Reader, keyName)
	if err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(folder, ".key-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.Remove(file.Name())) }()
	text = []byte(private + "\n" + public + "\n")
	_, err = file.Write(text)
	if err := errors.Join(err, file.Chmod(keyMode), file.Sync(), file.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(file.Name(), path); errors.Is(err, fs.ErrExist) {
		return os.ReadFile(path) //nolint:gosec // the folder of anchors
	} else if err != nil {
		return nil, err
	}
	return text, fsx.Sync(folder)
}

// Public returns the half of the key that verifies, as notes have it:
// "name+hash+key". It is no secret.
func (k *Key) Public() string { return k.public }

// Signer returns the key for signatures in another form than a note's. Whatever is signed
// so must be known from a checkpoint by its first bytes.
func (k *Key) Signer() crypto.Signer { return k.private }

// PublicKey returns the Ed25519 key in a public half.
func PublicKey(public string) (ed25519.PublicKey, error) {
	if _, err := note.NewVerifier(public); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	return keyData(public)
}

// Sign returns a checkpoint of a ledger's audit log.
func (k *Key) Sign(ledgerID string, head Head) (string, error) {
	hash, err := hex.DecodeString(head.Hash)
	if err != nil || len(hash) != hashSize {
		return "", fmt.Errorf("sign a checkpoint: %q is not the hash of an event", head.Hash)
	}
	text := originStart + ledgerID + "\n" + strconv.FormatUint(head.Events, 10) + "\n" +
		base64.StdEncoding.EncodeToString(hash) + "\n"
	signed, err := note.Sign(&note.Note{Text: text}, k.signer)
	if err != nil {
		return "", fmt.Errorf("sign a checkpoint: %w", err)
	}
	return string(signed), nil
}

// Verify returns what a checkpoint says, if it was signed with the key of which
// public is the verifying half.
func Verify(checkpoint, public string) (ledgerID string, head Head, err error) {
	verifier, err := note.NewVerifier(public)
	if err != nil {
		return "", Head{}, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	opened, err := note.Open([]byte(checkpoint), note.VerifierList(verifier))
	if err != nil {
		return "", Head{}, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	const lines = 3
	parts := strings.Split(strings.TrimSuffix(opened.Text, "\n"), "\n")
	if len(parts) < lines {
		return "", Head{}, ErrCheckpoint
	}
	ledgerID, ours := strings.CutPrefix(parts[0], originStart)
	events, err := strconv.ParseUint(parts[1], 10, 64)
	hash, hashErr := base64.StdEncoding.DecodeString(parts[2])
	if err := errors.Join(err, hashErr); err != nil || !ours || len(hash) != hashSize {
		return "", Head{}, ErrCheckpoint
	}
	return ledgerID, Head{Events: events, Hash: hex.EncodeToString(hash)}, nil
}
