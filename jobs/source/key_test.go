package source

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
)

// emptyHash is the hash of nothing, as senders write it.
const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// TestKey checks the hashes of DESIGN's rules: the stored key is the HMAC of the
// hash that platforms exchange. The two phone hashes are IAB ECAPI's test vector
// and Meta's form of the same number.
func TestKey(t *testing.T) {
	keyer, err := NewKeyer(testSecret)
	if err != nil {
		t.Fatal(err)
	}
	mac := func(hash string) string {
		m := hmac.New(sha256.New, testSecret)
		m.Write(unhex(t, hash))
		return hex.EncodeToString(m.Sum(nil))[:32]
	}
	hashed := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return mac(hex.EncodeToString(sum[:]))
	}
	const digitsPhone = "49ced4d9"
	if sum := sha256.Sum256([]byte("12125550000")); !strings.HasPrefix(hex.EncodeToString(sum[:]), digitsPhone) {
		t.Fatalf("hash of the digits of the test number is not %s…", digitsPhone)
	}
	for _, c := range []struct {
		rule     IDRule
		in, want string // want: key, "" for missing, or "!" and the rule
	}{
		{Email, "a@x.org", hashed("a@x.org")},
		{Email, "\u00a0\u200b A@X.Org\ufeff\t", hashed("a@x.org")},
		{Email, "cafe\u0301@x.org", hashed("caf\u00e9@x.org")},
		{Email, mailHash, mac(mailHash)},
		{Email, strings.ToUpper(mailHash) + " ", mac(mailHash)},
		{Email, "a.b+tag@gmail.com", hashed("a.b+tag@gmail.com")},
		{Email, base64.StdEncoding.EncodeToString(unhex(t, mailHash)), mac(mailHash)},
		{Email, "a@x", "!not an e-mail address"},
		{Email, "a b@x.org", "!not an e-mail address"},
		{Email, "a@b@x.org", "!not an e-mail address"},
		{Email, emptyHash, "!hash of an empty text"},
		{Phone, "+1 (212) 555-0000", hashed("12125550000")},
		{Phone, "0012125550000", hashed("12125550000")},
		{Phone, "12125550000x3", "!not a phone number with country code"},
		{Phone, "555", "!not a phone number with country code"},
		{IP, "::ffff:203.0.113.9", hashed("203.0.113.9")},
		{IP, "2001:DB8:0::1", hashed("2001:db8::/64")},
		{IP, "2001:db8:0:0:ffff::2", hashed("2001:db8::/64")},
		{IP, "10.0.0.1", ""}, {IP, "::ffff:192.168.0.1", ""}, {IP, "127.0.0.1", ""}, {IP, "fe80::1", ""},
		{IP, "<valid-ipv4-or-ipv6>", ""}, {Opaque, "{{PIXEL-CODE}}", ""},
		{IP, "0.0.0.0", ""}, {IP, "203.0.113.x", ""}, {IP, "2001:db8:0:0:x:x:x:x", ""},
		{IP, "10.0.0.1%eth0", "!not an IP address"},
		{IP, "10.0.0", "!not an IP address"},
		{Device, "AAAA-1", hashed("aaaa-1")},
		{Device, "00000000-0000-0000-0000-000000000000", ""},
		{Opaque, " hh 7 ", hashed("hh 7")},
		{Opaque, "0", hashed("0")},
		{Opaque, "NULL", ""}, {Opaque, "", ""}, {Opaque, "\u200b", ""}, {Opaque, "undefined", ""}, {Opaque, "00000", ""},
		{SHA256, strings.ToUpper(mailHash), mac(mailHash)},
		{SHA256, "a@x.org", "!not a SHA-256 hash (64 hex digits)"},
		{SHA256, emptyHash, "!hash of an empty text"},
	} {
		keys, broken := keyer.Keys(c.rule, defaultHash(c.rule), c.in)
		got := ""
		if len(keys) > 0 {
			got = keys[0].ID
		}
		if broken != "" {
			got = "!" + broken
		}
		if got != c.want {
			t.Errorf("%s %q: got %q, want %q", c.rule, c.in, got, c.want)
		}
	}
	if _, err := NewKeyer([]byte("short")); err == nil {
		t.Error("a short secret was accepted")
	}
}

func BenchmarkKey(b *testing.B) {
	keyer, err := NewKeyer(testSecret)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		keyer.Keys(Opaque, Plain, "household-1234567")
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
