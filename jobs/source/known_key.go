package source

import (
	"hash/maphash"
	"sync/atomic"
	"unsafe"
)

// knownKeys remembers the keys of identifiers that were met of late, so that each
// distinct value of a file is keyed about once. Every value has one place in a table of
// bounded size, where the last one that came counts. For concurrent use.
type knownKeys struct {
	seeds  [2]maphash.Seed // decide what is remembered and nothing else
	places atomic.Pointer[[]atomic.Pointer[knownKey]]
	met    atomic.Int64 // values that were added
}

// knownKey is written once. Most values have one key, which lies in the same piece of
// memory: looking it up is mostly waiting for memory.
type knownKey struct {
	id   valueID
	keys []Key
	one  [1]Key
	text [keyDigits]byte
}

// valueID stands for an identifier and the rules that it is read by: 128 bits, as
// many as a key has, so that no two values of a warehouse share one.
type valueID [2]uint64

// The table grows with the values that were met, to at most some 140 bytes for each of
// maxKnown, and about twice that for a raw address or number, which has several keys. Both
// are powers of two.
const (
	minKnown = 1 << 12
	maxKnown = 1 << 19
)

func newKnownKeys() *knownKeys {
	k := &knownKeys{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
	places := make([]atomic.Pointer[knownKey], minKnown)
	k.places.Store(&places)
	return k
}

// identify gives what stands for raw under the rules.
func (k *knownKeys) identify(rule IDRule, hash HashRule, raw string) (id valueID) {
	rules := maphash.String(k.seeds[0], string(rule)) ^ maphash.String(k.seeds[1], string(hash))
	for i, seed := range k.seeds {
		id[i] = maphash.String(seed, raw) + rules*uint64(2*i+1)
	}
	return id
}

func (k *knownKeys) find(id valueID) (keys []Key, ok bool) {
	places := *k.places.Load()
	known := places[id[0]%uint64(len(places))].Load()
	if known == nil || known.id != id {
		return nil, false
	}
	return known.keys, true
}

func (k *knownKeys) add(id valueID, keys []Key) {
	known := &knownKey{id: id, keys: keys}
	if len(keys) == 1 && copy(known.text[:], keys[0].ID) == keyDigits {
		known.one[0] = Key{keys[0].Hash, unsafe.String(&known.text[0], keyDigits)}
		known.keys = known.one[:]
	}
	from := k.places.Load()
	places := *from
	places[id[0]%uint64(len(places))].Store(known)
	if n := len(places); k.met.Add(1) > int64(n) && n < maxKnown {
		k.grow(from)
	}
}

// grow doubles the table. What another goroutine adds meanwhile may be forgotten.
func (k *knownKeys) grow(from *[]atomic.Pointer[knownKey]) {
	places := *from
	more := make([]atomic.Pointer[knownKey], 2*len(places))
	for i := range places {
		if known := places[i].Load(); known != nil {
			more[known.id[0]%uint64(len(more))].Store(known)
		}
	}
	if k.places.CompareAndSwap(from, &more) {
		k.met.Store(0)
	}
}
