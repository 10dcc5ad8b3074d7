package source

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// NormVersion names the normalisation rules below. Keys made under different
// versions are not comparable, so it is part of what identifies a load.
const NormVersion = 1

// emptyHash is SHA-256 of the empty text, which senders write for people whose
// address they do not know.
const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// minKeyBytes is the least length of a key that is no guess.
const minKeyBytes = 16

// Keyer turns identifiers into the keys that are stored in their place. It is
// the only place that normalises an identifier. Not for concurrent use.
//
// An identifier is normalised by its rule and hashed (SHA-256, lower-case hex),
// which is what advertising platforms exchange; one that arrives hashed already
// is taken as it is, so both forms become one key. The key is the first 32 hex
// digits of HMAC-SHA-256 of that hash under the workspace's secret.
type Keyer struct {
	mac hash.Hash
	sum []byte
	hex []byte
}

// NewKeyer makes a Keyer. The secret has at least 16 bytes; it is not kept
// beyond the hash state.
func NewKeyer(secret []byte) (*Keyer, error) {
	if len(secret) < minKeyBytes {
		return nil, fmt.Errorf("make keyer: the identity key has %d bytes, %d or more are needed", len(secret), minKeyBytes)
	}
	return &Keyer{mac: hmac.New(sha256.New, secret), hex: make([]byte, 64)}, nil
}

// errNoKeyer is returned when a load is asked for without a key.
var errNoKeyer = errors.New("no identity key")

// ID is a name of the secret that can be stored: it tells whether two loads used
// the same one and tells nothing else about it.
func (k *Keyer) ID() string { return k.digest("ghostlight key id") }

// Key gives the stored key of an identifier, "" for one that is missing (empty
// or a placeholder such as null or all zeros), or the rule that it breaks. The
// rule never repeats the identifier.
func (k *Keyer) Key(rule IDRule, raw string) (key, broken string) {
	s := trim(raw)
	if placeholder(s) {
		return "", ""
	}
	hashed, isHash := hexHash(s)
	switch {
	case isHash && hashed == emptyHash:
		return "", "hash of an empty text"
	case isHash:
		return k.digest(hashed), ""
	case rule == SHA256:
		return "", "not a SHA-256 hash (64 hex digits)"
	}
	s, broken = normalise(rule, s)
	if s == "" || broken != "" {
		return "", broken
	}
	sum := sha256.Sum256([]byte(s))
	hex.Encode(k.hex, sum[:])
	return k.mac32(k.hex), ""
}

// digest is the first 32 hex digits of the HMAC of s.
func (k *Keyer) digest(s string) string { return k.mac32([]byte(s)) }

func (k *Keyer) mac32(b []byte) string {
	k.mac.Reset()
	k.mac.Write(b)
	k.sum = k.mac.Sum(k.sum[:0])
	return hex.EncodeToString(k.sum[:16])
}

// normalise applies a rule to a trimmed identifier.
func normalise(rule IDRule, s string) (string, string) {
	switch rule {
	case Email:
		return email(s)
	case Phone:
		return phone(s)
	case IP:
		a, err := netip.ParseAddr(s)
		if err != nil || a.Zone() != "" {
			return "", "not an IP address"
		}
		if a = a.Unmap(); a.IsUnspecified() {
			return "", ""
		}
		return a.String(), ""
	case Device:
		return strings.ToLower(s), ""
	}
	return s, ""
}

// email lower-cases; the address must look like x@y.z. Dots and +tags stay, as
// Meta, TikTok, Snap, Pinterest, LinkedIn and IAB ECAPI have it.
func email(s string) (string, string) {
	s = strings.ToLower(s)
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || strings.Contains(domain, "@") || !strings.Contains(strings.Trim(domain, "."), ".") ||
		strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return "", "not an e-mail address"
	}
	return s, ""
}

// phone keeps the digits of a number with its country code, without + and
// without up to two leading zeros (Meta, Snap, Pinterest, Amazon, Roku).
func phone(s string) (string, string) {
	const rule = "not a phone number with country code"
	var b strings.Builder
	for _, r := range strings.TrimPrefix(s, "+") {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '-' || r == '(' || r == ')' || r == '.' || r == '/' || unicode.IsSpace(r):
		default:
			return "", rule
		}
	}
	n := strings.TrimPrefix(strings.TrimPrefix(b.String(), "0"), "0")
	if len(n) < 7 || len(n) > 15 || n[0] == '0' {
		return "", rule
	}
	return n, ""
}

// hexHash gives s in lower case when it is 64 hex digits.
func hexHash(s string) (string, bool) {
	if len(s) != 64 {
		return "", false
	}
	for i := range len(s) {
		c := s[i] | 0x20
		if !(s[i] >= '0' && s[i] <= '9' || c >= 'a' && c <= 'f') {
			return "", false
		}
	}
	return strings.ToLower(s), true
}

// trim puts text into Unicode's composed form and takes blanks, no-break spaces
// and characters without width off both ends.
func trim(s string) string {
	if plain(s) {
		return s
	}
	return strings.TrimFunc(norm.NFC.String(s), func(r rune) bool {
		switch {
		case r >= 0x200B && r <= 0x200F, r == 0x2060, r == 0xFEFF, r == 0x00AD:
			return true
		}
		return unicode.IsSpace(r) || unicode.IsControl(r)
	})
}

// plain tells that s is printable ASCII without blanks at its ends.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return s == "" || s[0] != ' ' && s[len(s)-1] != ' '
}

// placeholders are what programs write for "no value", in lower case.
var placeholders = []string{"-", "null", "(null)", "nil", "none", "(none)", "undefined", "nan", "n/a", "unknown", "(not set)", "[object object]"}

// placeholder tells that a program wrote the text for "no value".
func placeholder(s string) bool {
	if len(s) > 36 {
		return false
	}
	if s == "" || slices.Contains(placeholders, strings.ToLower(s)) {
		return true
	}
	return len(s) >= 4 && strings.Trim(s, "0-") == "" && strings.Contains(s, "0000")
}
