package transcript

import (
	"fmt"
	"strings"
	"unicode"
)

// Visible returns s with every character that could steer a terminal or hide
// text made visible: C0 controls and DEL as "^[", all other controls and format
// characters (C1, bidi, zero-width, line and paragraph separators) as "\u202e".
// Tabs stay. A scoped name or a server's words may hold any of them; npm up to
// 10.2 prints them raw.
func Visible(s string) string {
	if strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case !hidden(r):
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f:
			b.WriteByte('^')
			b.WriteByte(byte(r) ^ 0x40)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

func hidden(r rune) bool {
	return r != '\t' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) || r == 0x115f || r == 0x3164)
}
