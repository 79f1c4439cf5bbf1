package catalogue

// Title says in a sentence what an API's code means: one of its own, or the name of a
// trouble. A code without words is its own title.
func (c *Catalogue) Title(code string) string {
	if _, own := c.Texts["api."+code]; own {
		return c.Text("api." + code)
	}
	if _, known := c.Texts["trouble."+code]; known {
		return c.Text("trouble." + code)
	}
	return code
}
