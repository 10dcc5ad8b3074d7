package source

import (
	"encoding/hex"
	"hash/maphash"
	"slices"
	"unsafe"
)

// knownKeys remembers the keys of identifiers that were met of late, so that each
// distinct value of a file is keyed about once: in bounded memory without a pointer,
// which the garbage collector would follow. Not for concurrent use: to wait for memory
// that another processor wrote to takes as long as what is saved.
type knownKeys struct {
	seeds  [2]maphash.Seed // decide what is remembered and nothing else
	places []knownKey      // an identifier is in the first that was free from where its hash points
	taken  int
	former []knownKey // those that were full before these were begun: what is met again comes over

	fetched uint8
}

// knownKey is one of the keys of an identifier, 32 bytes long. Its further ones stand
// under ids that follow from its own.
type knownKey struct {
	id    uint64
	rest  uint32 // so that 96 bits tell identifiers apart
	of    uint8  // how many keys the identifier has, 0 where the place is free
	label uint8  // place in labels
	sum   [keyDigits / 2]byte
}

// valueID stands for an identifier and the rules that it is read by.
type valueID struct {
	id   uint64
	rest uint32
}

func (v valueID) further(i int) valueID { return valueID{v.id + uint64(i)*0x9e3779b97f4a7c15, v.rest} }

// The places grow with the values that they hold, to maxKnown, and the former ones are as
// many. Both are powers of two.
const (
	minKnown = 1 << 12
	maxKnown = 1 << 19
)

// pageBytes is the least size of a page of memory. One that is read before it is written
// to costs two faults, the second of which stops every thread.
const pageBytes = 4096

// labels are the hash rules that a known key may have been made under.
var labels = []HashRule{"", Plain, Gmail, Bare, Untagged, Digits, Plus}

func newKnownKeys() *knownKeys {
	return &knownKeys{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}, places: make([]knownKey, minKnown)}
}

// identify gives what stands for raw under rules, as rules gives them.
func (k *knownKeys) identify(rules uint64, raw string) valueID {
	return valueID{k.hash(rules, raw), uint32((maphash.String(k.seeds[1], raw) + 3*rules) >> 32)}
}

// rules stands for the rules that identifiers are read by.
func (k *knownKeys) rules(rule IDRule, hash HashRule) uint64 {
	return maphash.String(k.seeds[0], string(rule)) ^ maphash.String(k.seeds[1], string(hash))
}

// hash points to the place of raw under the rules.
func (k *knownKeys) hash(rules uint64, raw string) uint64 {
	return maphash.String(k.seeds[0], raw) + rules
}

// fetch has the processor fetch the places of several identifiers, all at once.
func (k *knownKeys) fetch(hashes []uint64) {
	taken := uint8(0)
	for _, hash := range hashes {
		taken |= k.places[firstPlace(k.places, hash)].of
	}
	k.fetched = taken // so that it is not left out
}

// find appends the keys of an identifier, written by text, when all are known.
func (k *knownKeys) find(id valueID, keys []Key, text func([]byte) string) (_ []Key, ok bool) {
	for i, of := 0, 1; i < of; i++ {
		known, ok := k.at(id.further(i))
		if !ok {
			return keys[:0], false
		}
		of = int(known.of)
		keys = append(keys, Key{labels[known.label], text(known.sum[:])})
	}
	return keys, true
}

func (k *knownKeys) at(id valueID) (known knownKey, ok bool) {
	if i, found := probe(k.places, id); found {
		return k.places[i], true
	}
	if k.former == nil {
		return known, false
	}
	i, found := probe(k.former, id)
	if found {
		known = k.former[i]
		k.put(known)
	}
	return known, found
}

// probe finds an identifier, or the free place where it would be. Some place is free.
func probe(places []knownKey, id valueID) (at int, found bool) {
	for i := firstPlace(places, id.id); ; i = (i + 1) & (len(places) - 1) {
		switch known := &places[i]; {
		case known.of == 0:
			return i, false
		case known.id == id.id && known.rest == id.rest:
			return i, true
		}
	}
}

// firstPlace is where an identifier is looked for first.
func firstPlace(places []knownKey, id uint64) int { return int(id & uint64(len(places)-1)) }

func (k *knownKeys) add(id valueID, keys []Key) {
	for i, key := range keys {
		at := id.further(i)
		known := knownKey{id: at.id, rest: at.rest, of: uint8(len(keys))}
		label := slices.Index(labels, key.Hash)
		if n, err := hex.Decode(known.sum[:], []byte(key.ID)); err != nil || n != len(known.sum) || label < 0 {
			return
		}
		known.label = uint8(label)
		k.put(known)
	}
}

// grow gives twice the places, or begins them anew when there are enough.
func (k *knownKeys) grow() {
	before := k.places
	k.taken = 0
	if len(before) == maxKnown {
		k.places, k.former = k.former, before
		if k.places == nil {
			k.places = make([]knownKey, maxKnown)
		}
		clear(k.places)
		return
	}
	k.places = make([]knownKey, 2*len(before))
	for i := 0; i < len(k.places); i += pageBytes / int(unsafe.Sizeof(knownKey{})) {
		k.places[i] = knownKey{}
	}
	for _, known := range before {
		if known.of > 0 {
			k.put(known)
		}
	}
}

func (k *knownKeys) put(known knownKey) {
	if k.taken >= len(k.places)/4*3 {
		k.grow()
	}
	i, found := probe(k.places, valueID{known.id, known.rest})
	k.places[i] = known
	if !found {
		k.taken++
	}
}
