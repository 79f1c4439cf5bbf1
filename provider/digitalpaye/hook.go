package digitalpaye

// named returns the references that a call of Digitalpaye's webhook names: ours, and its own. It is
// the flat transfer of v1, or one in an envelope. Nobody signed it, so nothing else of it is
// read: a look-up tells what became of the transfer.
func named(text []byte) []string {
	var references []string
	t := readBody(text).Data
	for _, one := range []string{t.id(), t.Ref.text} {
		if one != "" {
			references = append(references, one)
		}
	}
	return references
}
