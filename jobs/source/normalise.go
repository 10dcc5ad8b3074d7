package source

import (
	"net/netip"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// normalise applies a rule to a trimmed identifier. "" without a rule broken is an
// identifier that says nothing, such as the address of a private network.
func (k *Keyer) normalise(rule IDRule, s string) (out, broken string) {
	switch rule {
	case Email:
		return email(s)
	case Phone:
		return phone(s, k.country)
	case IP:
		return k.ip(s)
	case Device:
		return strings.ToLower(s), ""
	}
	return s, ""
}

// ip writes an address in its one form. Of an IPv6 address only the network counts
// (the first 64 bits by default), because the devices of a home share it and change
// the rest daily; that the prefix is the household's is an assumption.
func (k *Keyer) ip(s string) (string, string) {
	if strings.HasSuffix(s, ".x") || strings.HasSuffix(s, ":x") {
		return "", "" // its last parts were taken off, as Snowplow does
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return "", notIP
	}
	a = a.Unmap()
	if a.IsUnspecified() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsMulticast() {
		return "", ""
	}
	if a.Is4() || k.ipv6Prefix >= 128 {
		return a.String(), ""
	}
	network, err := a.Prefix(k.ipv6Prefix)
	if err != nil {
		return "", notIP
	}
	return network.String(), ""
}

// email lower-cases; the address must look like x@y.z.
func email(s string) (string, string) {
	s = strings.ToLower(s)
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || strings.Contains(domain, "@") || !strings.Contains(strings.Trim(domain, "."), ".") ||
		strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return "", notEmail
	}
	return s, ""
}

// emailForms write an address as each hash rule has it before hashing.
var emailForms = []form{
	{Plain, func(s string) string { return s }},
	{Gmail, func(s string) string {
		local, domain, _ := strings.Cut(s, "@")
		if domain == "gmail.com" || domain == "googlemail.com" {
			local = strings.ReplaceAll(local, ".", "")
		}
		return local + "@" + domain
	}},
	{Bare, func(s string) string {
		local, domain, _ := strings.Cut(s, "@")
		local, _, _ = strings.Cut(local, "+")
		return strings.ReplaceAll(local, ".", "") + "@" + domain
	}},
	{Untagged, func(s string) string {
		local, domain, _ := strings.Cut(s, "@")
		local, _, _ = strings.Cut(local, "+")
		return local + "@" + domain
	}},
}

// phone gives the digits of a number with its country code. One that has no + and
// no leading 00 is of the given country, or without one must begin with its
// country code, as platforms ask for it.
func phone(s, country string) (string, string) {
	s = strings.TrimPrefix(s, "'") // spreadsheets mark a leading + so
	switch {
	case strings.HasPrefix(s, "+"):
	case strings.HasPrefix(s, "00"):
		s = "+" + s[2:]
	case country == "":
		s = "+" + s
	}
	n, err := phonenumbers.Parse(s, country)
	if err != nil || !phonenumbers.IsPossibleNumber(n) || n.GetExtension() != "" {
		return "", notPhone
	}
	return strings.TrimPrefix(phonenumbers.Format(n, phonenumbers.E164), "+"), ""
}

// phoneForms write a number as each hash rule has it before hashing.
var phoneForms = []form{
	{Digits, func(s string) string { return s }},
	{Plus, func(s string) string { return "+" + s }},
}
