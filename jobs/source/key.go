package source

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"
	"unicode"
	"unsafe"

	"golang.org/x/text/unicode/norm"
)

// NormVersion names the normalisation rules below. Keys made under different
// versions are not comparable, so it is part of what identifies a load.
const NormVersion = 3

// hashOfNothing is SHA-256 of the empty text, which senders write for people whose
// address they do not know.
var hashOfNothing = sha256.Sum256(nil)

// minKeyBytes is the least length of a key that is no guess.
const minKeyBytes = 16

// Keyer turns identifiers into the keys that are stored in their place. It is
// the only place that normalises an identifier. Not for concurrent use.
//
// An identifier is normalised by its rule and hashed (SHA-256), which is what
// advertising platforms exchange in hex; one that arrives hashed already is taken as
// it is, so both forms become one key. The key is the first 32 hex digits of
// HMAC-SHA-256 of the 32 bytes of that hash under the workspace's secret, and of the
// hash rule before them where that is not the usual one.
type Keyer struct {
	mac        hash.Hash
	seed       uint64 // of row keys, from the secret
	sum        []byte
	text       []byte
	country    string
	ipv6Prefix int
	keys       []Key
	written    []byte // the texts of keys, each written once
	known      *knownKeys
	repeated   bool     // the last identifier was among them
	forks      []*Keyer // of it, for the goroutines of a load
}

// keyDigits is the length of a stored key.
const keyDigits = 32

// Key is the stored key of an identifier under one hash rule.
type Key struct {
	Hash HashRule // "" for identifiers that all hash alike
	ID   string   // 32 hex digits
}

// NewKeyer makes a Keyer. The secret has at least 16 bytes; it is not kept
// beyond the hash state.
func NewKeyer(secret []byte) (*Keyer, error) {
	if len(secret) < minKeyBytes {
		return nil, fmt.Errorf("make keyer: the identity key has %d bytes, %d or more are needed", len(secret), minKeyBytes)
	}
	k := &Keyer{mac: hmac.New(sha256.New, secret), ipv6Prefix: DefaultIdentity().IPv6Prefix, known: newKnownKeys()}
	k.mac.Write([]byte("ghostlight row key"))
	k.seed = binary.BigEndian.Uint64(k.mac.Sum(nil))
	return k, nil
}

// With sets what a workspace says of its identifiers, and returns the Keyer.
func (k *Keyer) With(identity Identity) *Keyer {
	k.country = identity.Country
	if identity.IPv6Prefix > 0 {
		k.ipv6Prefix = identity.IPv6Prefix
	}
	k.known, k.forks = newKnownKeys(), nil
	return k
}

// fork gives the Keyer of the same secret and settings for goroutine i of a load, always
// the same. All remember together what any of them met.
func (k *Keyer) fork(i int) (*Keyer, error) {
	if i < len(k.forks) {
		return k.forks[i], nil
	}
	c, ok := k.mac.(hash.Cloner)
	if !ok {
		return nil, errors.New("copy keyer: the HMAC cannot be copied")
	}
	mac, err := c.Clone()
	if err != nil {
		return nil, fmt.Errorf("copy keyer: %w", err)
	}
	k.forks = append(k.forks, &Keyer{mac: mac, country: k.country, ipv6Prefix: k.ipv6Prefix, seed: k.seed, known: k.known})
	return k.forks[i], nil
}

// errNoKeyer is returned when a load is asked for without a key.
var errNoKeyer = errors.New("no identity key")

// ID is a name of the secret that can be stored: it tells whether two loads used
// the same one and tells nothing else about it.
func (k *Keyer) ID() string { return k.digest("ghostlight key id") }

// settings describes, beside ID and NormVersion, what else decides a key.
func (k *Keyer) settings() string { return fmt.Sprintf("%s/%d", k.country, k.ipv6Prefix) }

// Keys gives the stored keys of an identifier, none for one that is missing
// (empty or a placeholder such as null or all zeros), or the rule that it breaks,
// which never repeats the identifier.
//
// An identifier that arrives hashed has the one key of its hash rule. A raw e-mail
// address or phone number has one for each rule, the rule asked for first, so that
// it meets whatever any platform made of it. The slice is valid until the next call.
func (k *Keyer) Keys(rule IDRule, hash HashRule, raw string) (keys []Key, broken string) {
	return k.keysUnder(k.known.rules(rule, hash), rule, hash, raw)
}

// keysUnder is Keys where what stands for the rules is at hand.
func (k *Keyer) keysUnder(rules uint64, rule IDRule, hash HashRule, raw string) (keys []Key, broken string) {
	id := k.known.identify(rules, raw)
	if k.keys, k.repeated = k.known.find(id, k.keys[:0], k.digits); k.repeated {
		return k.keys, ""
	}
	if keys, broken = k.make(rule, hash, raw); broken != "" {
		return nil, broken
	}
	k.known.add(id, keys)
	return keys, ""
}

func (k *Keyer) make(rule IDRule, hash HashRule, raw string) (keys []Key, broken string) {
	s := raw
	hashed, isHash := hexHash(s)
	if !isHash {
		if !plain(raw) {
			s = bare(trim(raw))
		}
		if placeholder(s) {
			return nil, ""
		}
		hashed, isHash = hexHash(s)
	}
	k.keys = k.keys[:0]
	if !isHash && (rule == Email || rule == Phone) {
		hashed, isHash = base64Hash(s)
	}
	switch {
	case isHash && hashed == hashOfNothing:
		return nil, "hash of an empty text"
	case isHash:
		if rule != Email && rule != Phone {
			hash = ""
		}
		return append(k.keys, k.labelled(hash, hashed)), ""
	case rule == SHA256:
		return nil, "not a SHA-256 hash (64 hex digits)"
	}
	if s, broken = k.normalise(rule, s); s == "" || broken != "" {
		return nil, broken
	}
	switch rule {
	case Email:
		k.vary(hash, s, emailForms)
	case Phone:
		k.vary(hash, s, phoneForms)
	default:
		k.keys = append(k.keys, k.labelled("", k.sha256(s)))
	}
	return k.keys, ""
}

// form is how a hash rule writes an identifier that normalise gave.
type form struct {
	hash  HashRule
	write func(string) string
}

// vary adds the key of every form, the one asked for first.
func (k *Keyer) vary(first HashRule, s string, forms []form) {
	for _, f := range forms {
		key := k.labelled(f.hash, k.sha256(f.write(s)))
		if f.hash == first {
			k.keys = slices.Insert(k.keys, 0, key)
		} else {
			k.keys = append(k.keys, key)
		}
	}
}

// labelled makes the key of a hash. Plain and Digits carry no label, so that they
// are what an unlabelled identifier is.
func (k *Keyer) labelled(hash HashRule, hashed [sha256.Size]byte) Key {
	k.mac.Reset()
	switch hash {
	case Gmail, Bare, Untagged, Plus:
		k.mac.Write([]byte(hash + ":"))
	}
	k.sum = append(k.sum[:0], hashed[:]...)
	k.mac.Write(k.sum)
	return Key{hash, k.mac16()}
}

func (k *Keyer) sha256(s string) [sha256.Size]byte {
	k.text = append(k.text[:0], s...)
	return sha256.Sum256(k.text)
}

// digest is the first 32 hex digits of the HMAC of s.
func (k *Keyer) digest(s string) string {
	k.mac.Reset()
	k.mac.Write([]byte(s))
	return k.mac16()
}

// mac16 is the first 16 bytes of the HMAC of what was written, in hex.
func (k *Keyer) mac16() string {
	k.sum = k.mac.Sum(k.sum[:0])
	return k.digits(k.sum[:keyDigits/2])
}

// digits writes bytes in hex. The texts of many keys share a piece of memory.
func (k *Keyer) digits(b []byte) string {
	n := hex.EncodedLen(len(b))
	if len(k.written)+n > cap(k.written) {
		k.written = make([]byte, 0, 128*n)
	}
	from := len(k.written)
	k.written = hex.AppendEncode(k.written, b)
	return unsafe.String(&k.written[from], n)
}

// hexHash gives the hash that 64 hex digits are.
func hexHash(s string) (sum [sha256.Size]byte, ok bool) {
	if len(s) != 2*sha256.Size {
		return sum, false
	}
	_, err := hex.Decode(sum[:], unsafe.Slice(unsafe.StringData(s), len(s)))
	return sum, err == nil
}

// base64Hash gives the hash that 32 bytes of Base64 are, as Google takes hashes too. No
// address or number has that form.
func base64Hash(s string) (sum [sha256.Size]byte, ok bool) {
	if len(s) != 44 {
		return sum, false
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(b) != sha256.Size {
		return sum, false
	}
	return [sha256.Size]byte(b), true
}

// trim puts text into Unicode's composed form and takes blanks, no-break spaces
// and characters without width off both ends.
func trim(s string) string {
	if plain(s) {
		return s
	}
	return strings.TrimFunc(norm.NFC.String(s), func(r rune) bool {
		return noWidth(r) || unicode.IsSpace(r) || unicode.IsControl(r)
	})
}

// noWidth tells characters that nobody sees: copying from a page brings them along.
func noWidth(r rune) bool {
	return r >= 0x200B && r <= 0x200F || r == 0x2060 || r == 0xFEFF || r == 0x00AD
}

// bare takes characters without width out of an identifier. Names keep theirs, which
// join the parts of a sign.
func bare(s string) string {
	if plain(s) || !strings.ContainsFunc(s, noWidth) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if noWidth(r) {
			return -1
		}
		return r
	}, s)
}

// plain tells that s is printable ASCII without blanks at its ends.
func plain(s string) bool {
	const each, high = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(s); i += 8 { // eight bytes at once: none with its high bit, 0x7f or below a blank
		x := binary.LittleEndian.Uint64([]byte(s[i : i+8]))
		if (x|(x+each)|(x-' '*each))&high != 0 {
			return false
		}
	}
	for ; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return s == "" || s[0] != ' ' && s[len(s)-1] != ' '
}

// placeholders are what programs write for "no value", in lower case.
var placeholders = []string{"-", "null", "(null)", "nil", "none", "(none)", "undefined", "nan", "n/a", "unknown", "(not set)", "[object object]"}

// placeholderStarts are what they, templates and runs of zeros begin with, in either case.
const placeholderStarts = "-(nNuU[<{$0"

// placeholder tells that a program wrote the text for "no value".
func placeholder(s string) bool {
	if s == "" {
		return true
	}
	if len(s) > 36 || strings.IndexByte(placeholderStarts, s[0]) < 0 { // most begin otherwise
		return false
	}
	if len(s) <= 17 && slices.Contains(placeholders, strings.ToLower(s)) {
		return true
	}
	if s[0] == '<' && s[len(s)-1] == '>' || strings.HasPrefix(s, "{{") && strings.HasSuffix(s, "}}") || strings.HasPrefix(s, "${") && strings.HasSuffix(s, "}") {
		return true // a template that nobody filled in
	}
	return len(s) >= 4 && strings.Trim(s, "0-") == "" && strings.Contains(s, "0000")
}
