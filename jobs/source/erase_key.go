package source

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
)

// idRules are the types of identifiers that a person can be erased by, each with
// how such an identifier is written.
var idRules = map[string]IDRule{
	"email": Email, "phone": Phone, "ip": IP, "device": Device, "customer": Opaque, "household": Opaque,
	"click": Opaque, "cookie": Opaque,
}

// IDTypes are the types of identifiers that a person can be erased by, in order.
func IDTypes() []string { return sortedKeys(idRules) }

// anyColumn are the types whose identifiers mean the same wherever they stand. The
// others may have the number of another's.
var anyColumn = []string{"email", "phone", "ip"}

// Digests gives what stands in the suppression list for an identifier: one digest
// for every key that it may be stored under, or the rule that it breaks, which
// never repeats the identifier. further are rules that the workspace also reads
// such identifiers by (Config.IDRules).
//
// A raw e-mail address or phone number has the keys of all hash rules. One that is
// hashed already has its own alone, as whichever rule it was hashed under. Any may
// also stand, in its own capitals, where the column is read as opaque.
func (k *Keyer) Digests(idType string, further []IDRule, raw string) (digests []string, broken string) {
	own, known := idRules[idType]
	if !known {
		return nil, "unknown type of identifier"
	}
	for i, rule := range slices.Concat([]IDRule{own}, further, []IDRule{Opaque}) {
		if i > len(further) && len(digests) == 0 {
			break // nobody, however it is written
		}
		for _, hash := range hashRules(rule) {
			keys, why := k.Keys(rule, hash, raw)
			if why != "" && i == 0 {
				return nil, why
			}
			for _, key := range keys {
				if d := digest(key.ID); !slices.Contains(digests, d) {
					digests = append(digests, d)
				}
			}
		}
	}
	if len(digests) == 0 {
		return nil, "names nobody: a placeholder, or the address of a private network"
	}
	return digests, ""
}

// hashRules are those that identifiers of a rule can be hashed under.
func hashRules(rule IDRule) []HashRule {
	var rules []HashRule
	switch rule {
	case Email:
		for _, f := range emailForms {
			rules = append(rules, f.hash)
		}
	case Phone:
		for _, f := range phoneForms {
			rules = append(rules, f.hash)
		}
	default:
		rules = append(rules, "")
	}
	return rules
}

// digestLabel sets digests apart from all other hashes of keys.
const digestLabel = "erased "

// digest is what digestSQL computes: a hash of a stored key, so that the list of
// the erased does not hold the keys that were erased.
func digest(key string) string {
	sum := sha256.Sum256([]byte(digestLabel + key))
	return hex.EncodeToString(sum[:])
}

// digestSQL is the digest of a key in the engine.
const digestSQL = "sha256('" + digestLabel + "' || id_key)"

// Rules names what decides the key of an identifier beside the secret. Digests
// that were made under other rules may miss a person.
func (k *Keyer) Rules() string { return fmt.Sprintf("%d/%s", NormVersion, k.settings()) }

// IDRules are the rules by which any source reads identifiers of a type, beside
// that of the type.
func (c Config) IDRules(idType string) []IDRule {
	var rules []IDRule
	add := func(src Source) {
		for _, col := range src.normalise().Columns[idType+"_key"].alternatives() {
			if col.ID != "" && col.ID != ByType && col.ID != idRules[idType] && !slices.Contains(rules, col.ID) {
				rules = append(rules, col.ID)
			}
		}
	}
	ofPack := func(src Source, p *Pack) {
		src.pack, src.Columns = p, p.Columns
		add(src)
	}
	for _, name := range c.Names() {
		src := c[name]
		switch {
		case src.Format == AutoFormat:
			for _, p := range sortedKeys(src.packs) {
				ofPack(src, src.packs[p])
			}
		case src.pack != nil:
			ofPack(src, src.pack)
		default:
			add(src)
		}
	}
	slices.Sort(rules)
	return rules
}
