package source

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// holdsPerson is the rule of a text that holds a raw identifier of a person, ""
// without one. Identifiers have columns of their own, where they are keyed.
func holdsPerson(s string) string {
	switch {
	case holdsEmail(s):
		return "text holds an e-mail address"
	case holdsPhone(s):
		return "text holds a phone number"
	}
	return ""
}

// holdsEmail tells that a text holds what looks like an e-mail address.
func holdsEmail(s string) bool {
	for from := 0; ; {
		at := strings.IndexByte(s[from:], '@')
		if at < 0 {
			return false
		}
		from += at + 1
		if from < 2 || isBlank(s[from-2]) {
			continue
		}
		domain := s[from:]
		if end := strings.IndexFunc(domain, unicode.IsSpace); end >= 0 {
			domain = domain[:end]
		}
		if dot := strings.IndexByte(domain, '.'); dot > 0 && dot < len(domain)-1 {
			return true
		}
	}
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// internationalNumber is a + at the start of a word, then 8 to 15 digits with at
// most two separators between them, and no digit or letter after. Offsets of times
// are shorter and ids have no + before their digits.
const internationalNumber = `(?:^|[^0-9A-Za-z+])(\+[1-9](?:[ .()/-]{0,2}[0-9]){7,14})(?:[^0-9A-Za-z]|$)`

var phoneText = regexp.MustCompile(internationalNumber)

// holdsPhone tells that a text holds what looks like a phone number in
// international form and has as many digits as numbers of that country have.
func holdsPhone(s string) bool {
	if strings.IndexByte(s, '+') < 0 {
		return false
	}
	for _, found := range phoneText.FindAllStringSubmatch(s, -1) {
		if n, err := phonenumbers.Parse(found[1], ""); err == nil && phonenumbers.IsPossibleNumberWithReason(n) == phonenumbers.IS_POSSIBLE {
			return true
		}
	}
	return false
}
