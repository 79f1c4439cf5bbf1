package settings

import (
	"strings"

	"github.com/spf13/pflag"

	"payrun/cmd/payrun/ui"
)

// KeyOfAgent is the --key that means those of ssh-agent.
const KeyOfAgent = "agent"

// SignOptions say how a person signs: with a key here, or elsewhere with ssh-keygen.
type SignOptions struct {
	// Key is a private key's file, or KeyOfAgent; with Write a public key's file will do.
	Key string
	// Write names the files to which the text to sign is written, and Signature that of a
	// signature of such a text.
	Write, Signature string
	Yes              bool
}

// AddFlags adds those of a key alone.
func (o *SignOptions) AddFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.Key, "key", "", "sign with the private key in `FILE`, or with the first of ssh-agent that is on the list: agent")
}

// AddDecisionFlags adds those of a decision, which can be signed elsewhere too.
func (o *SignOptions) AddDecisionFlags(flags *pflag.FlagSet) {
	o.AddFlags(flags)
	flags.StringVar(&o.Write, "write", "", "sign nothing: write the text to sign as `BASE`.txt, and beside it what it is about")
	flags.StringVar(&o.Signature, "signature", "", "record the signature in `FILE` that ssh-keygen -Y sign made of the text beside it")
	flags.BoolVar(&o.Yes, "yes", false, "do not ask before signing")
}

// Validate refuses what makes no sense.
func (o *SignOptions) Validate() error {
	switch {
	case o.Write != "" && o.Signature != "":
		return ui.Mistaken("sign_both")
	case o.Write != "" && (o.Key == "" || o.Key == KeyOfAgent):
		return ui.Mistaken("sign_for")
	case o.Signature != "" && o.Key != "":
		return ui.Mistaken("sign_twice")
	case o.Signature != "" && !strings.HasSuffix(o.Signature, signatureSuffix):
		return ui.Mistaken("sign_name", "file", o.Signature)
	}
	return nil
}

// signatureSuffix is the ending that ssh-keygen -Y sign gives to a signature's file.
const signatureSuffix = ".sig"

// SignedText is the file that the signature is of.
func (o *SignOptions) SignedText() string { return strings.TrimSuffix(o.Signature, signatureSuffix) }

// PersonOptions describe somebody who may sign.
type PersonOptions struct {
	FullName                string
	Roles                   []string
	PublicKey, Origin       string
	ValidAfter, ValidBefore string
}

// AddFlags adds those of the first admin.
func (o *PersonOptions) AddFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.FullName, "full-name", "", "the person's `NAME` for whoever reads the list")
	flags.StringSliceVar(&o.Roles, "role", nil, "a `ROLE` that the policy speaks of, such as checker; several with commas")
}

// AddAllFlags adds those of somebody else too.
func (o *PersonOptions) AddAllFlags(flags *pflag.FlagSet) {
	o.AddFlags(flags)
	flags.StringVar(&o.PublicKey, "public-key", "", "the person's public keys, a line each, in `FILE`: koffi.pub")
	flags.StringVar(&o.Origin, "origin", "", "the keys are passkeys of the page at `URL`")
	flags.StringVar(&o.ValidAfter, "valid-after", "", "the person signs from `DAY` on: 2026-12-01, or a time with its zone")
	flags.StringVar(&o.ValidBefore, "valid-before", "", "the person signs until the end of `DAY`, or until a time")
}
