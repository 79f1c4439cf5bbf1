package amend

import "strings"

// Inert puts an apostrophe before what a spreadsheet would take for a formula
// (OWASP, "CSV injection"). Numbers with a sign and ="0700…", with which exports
// keep a zero, are not changed: they do nothing, and are what the file says.
func Inert(text string) string {
	trimmed := strings.TrimLeft(text, " \t\r\n\u00a0")
	if trimmed == "" || !strings.Contains("=+-@", trimmed[:1]) || signedNumber(trimmed) || quotedConstant(trimmed) {
		return text
	}
	return "'" + text
}

func signedNumber(text string) bool {
	return text[0] != '=' && text[0] != '@' && len(text) > 1 && strings.Trim(text[1:], "0123456789 .,\u00a0\u202f") == ""
}

func quotedConstant(text string) bool {
	inner, opened := strings.CutPrefix(text, `="`)
	inner, closed := strings.CutSuffix(inner, `"`)
	return opened && closed && !strings.Contains(inner, `"`)
}
