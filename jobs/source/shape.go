package source

import (
	"strings"
	"unicode"
)

// shapeRunes bounds an excerpt.
const shapeRunes = 48

// shape shows how a text is built and not what it says: letters become x,
// digits 9, so that an operator sees a decimal comma or a cut line and no
// identifier can be read from it.
func shape(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n == shapeRunes {
			b.WriteString("…")
			break
		}
		n++
		switch {
		case unicode.IsDigit(r):
			b.WriteByte('9')
		case unicode.IsLetter(r) || unicode.IsMark(r):
			b.WriteByte('x')
		case unicode.IsControl(r) || r == unicode.ReplacementChar || !unicode.IsPrint(r):
			b.WriteByte('?')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// word shows a text in full when it is a plain short word, as the values of an
// enumeration are; otherwise its shape.
func word(s string) string {
	if s == "" || len(s) > 24 {
		return shape(s)
	}
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '-') {
			return shape(s)
		}
	}
	return s
}
