package source

import (
	"encoding/binary"
	"encoding/hex"
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"
)

// knownKeys remembers the keys of identifiers that were met of late, so that each
// distinct value of a file is keyed about once: in bounded memory without a pointer,
// which the garbage collector would follow. For concurrent use, and but for growing
// without waiting: where two goroutines meet in one place, one of them makes a key again.
type knownKeys struct {
	seeds   [2]maphash.Seed // decide what is remembered and nothing else
	places  atomic.Pointer[knownPlaces]
	growing sync.Mutex
}

// knownPlaces has an identifier in the first place that was free from where its hash points.
type knownPlaces struct {
	at     []knownKey
	taken  atomic.Int64
	former []knownKey // those that were full before these were begun: what is met again comes over
}

// knownKey is one of the keys of an identifier, 32 bytes long. Its further ones stand
// under ids that follow from its own. A place that is taken stays as it is.
type knownKey struct {
	id  atomic.Uint64    // 0 where the place is free
	tag atomic.Uint64    // 0 until the sum is there
	sum [2]atomic.Uint64 // of keyDigits
}

// keyTag tells identifiers of one id apart, by 32 bits, how many keys the identifier has,
// and the place of this one's rule in labels.
type keyTag uint64

func tagOf(id valueID, of, label int) keyTag {
	return keyTag(id.rest)<<32 | keyTag(of)<<8 | keyTag(label)
}

func (t keyTag) isOf(id valueID) bool { return uint32(t>>32) == id.rest }
func (t keyTag) of() int              { return int(uint8(t >> 8)) }
func (t keyTag) label() HashRule      { return labels[uint8(t)] }

// valueID stands for an identifier and the rules that it is read by. Its id is not 0.
type valueID struct {
	id   uint64
	rest uint32
}

func (v valueID) further(i int) valueID {
	return valueID{(v.id + uint64(i)*0x9e3779b97f4a7c15) | 1<<63, v.rest}
}

// The places grow with the values that they hold, to maxKnown, and the former ones are as
// many. Both are powers of two.
const (
	minKnown = 1 << 12
	maxKnown = 1 << 20
)

// pageBytes is the least size of a page of memory. One that is read before it is written
// to costs two faults, the second of which stops every thread.
const pageBytes = 4096

// labels are the hash rules that a known key may have been made under.
var labels = []HashRule{"", Plain, Gmail, Bare, Untagged, Digits, Plus}

func newKnownKeys() *knownKeys {
	k := &knownKeys{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
	k.places.Store(newKnownPlaces(minKnown))
	return k
}

func newKnownPlaces(n int) *knownPlaces {
	p := &knownPlaces{at: make([]knownKey, n)}
	askHugePages(p.at)
	for i := 0; i < n; i += pageBytes / int(unsafe.Sizeof(knownKey{})) {
		p.at[i].id.Store(0)
	}
	return p
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
	return (maphash.String(k.seeds[0], raw) + rules) | 1<<63
}

// fetch has the processor fetch the places of several identifiers, all at once. What it
// gives has no meaning and is to be kept, so that nothing is left out.
func (k *knownKeys) fetch(hashes []uint64) (all uint64) {
	p := k.places.Load()
	for _, hash := range hashes {
		all |= p.at[firstPlace(p.at, hash)].id.Load()
		if p.former != nil {
			all |= p.former[firstPlace(p.former, hash)].id.Load()
		}
	}
	return all
}

// find appends the keys of an identifier, written by text, when all are known.
func (k *knownKeys) find(id valueID, keys []Key, text func([]byte) string) (_ []Key, ok bool) {
	for i, of := 0, 1; i < of; i++ {
		tag, sum, ok := k.at(id.further(i))
		if !ok {
			return keys[:0], false
		}
		of = tag.of()
		var b [keyDigits / 2]byte
		binary.BigEndian.PutUint64(b[:8], sum[0])
		binary.BigEndian.PutUint64(b[8:], sum[1])
		keys = append(keys, Key{tag.label(), text(b[:])})
	}
	return keys, true
}

func (k *knownKeys) at(id valueID) (tag keyTag, sum [2]uint64, ok bool) {
	p := k.places.Load()
	if tag, sum, ok = look(p.at, id); ok || p.former == nil {
		return tag, sum, ok
	}
	if tag, sum, ok = look(p.former, id); ok {
		k.put(id, tag, sum)
	}
	return tag, sum, ok
}

// look finds an identifier among places, of which some are free.
func look(places []knownKey, id valueID) (tag keyTag, sum [2]uint64, ok bool) {
	for i := firstPlace(places, id.id); ; i = (i + 1) & (len(places) - 1) {
		known := &places[i]
		switch known.id.Load() {
		case 0:
			return tag, sum, false
		case id.id:
			if tag = keyTag(known.tag.Load()); tag != 0 && tag.isOf(id) {
				return tag, [2]uint64{known.sum[0].Load(), known.sum[1].Load()}, true
			}
		}
	}
}

// firstPlace is where an identifier is looked for first.
func firstPlace(places []knownKey, id uint64) int { return int(id & uint64(len(places)-1)) }

func (k *knownKeys) add(id valueID, keys []Key) {
	for i, key := range keys {
		var b [keyDigits / 2]byte
		label := slices.Index(labels, key.Hash)
		if n, err := hex.Decode(b[:], []byte(key.ID)); err != nil || n != len(b) || label < 0 {
			return
		}
		k.put(id.further(i), tagOf(id, len(keys), label), [2]uint64{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])})
	}
}

func (k *knownKeys) put(id valueID, tag keyTag, sum [2]uint64) {
	p := k.places.Load()
	if p.taken.Load() >= int64(len(p.at)/4*3) {
		p = k.grow(p)
	}
	p.put(id, tag, sum)
}

func (p *knownPlaces) put(id valueID, tag keyTag, sum [2]uint64) {
	for i := firstPlace(p.at, id.id); ; i = (i + 1) & (len(p.at) - 1) {
		known := &p.at[i]
		if known.id.Load() == 0 && known.id.CompareAndSwap(0, id.id) {
			p.taken.Add(1)
			known.sum[0].Store(sum[0])
			known.sum[1].Store(sum[1])
			known.tag.Store(uint64(tag))
			return
		}
		if known.id.Load() == id.id {
			if met := keyTag(known.tag.Load()); met == 0 || met.isOf(id) {
				return
			}
		}
	}
}

// grow gives twice the places, or begins them anew when there are enough. What another
// goroutine puts into the old ones meanwhile is forgotten.
func (k *knownKeys) grow(old *knownPlaces) *knownPlaces {
	k.growing.Lock()
	defer k.growing.Unlock()
	if p := k.places.Load(); p != old {
		return p
	}
	if len(old.at) == maxKnown {
		p := newKnownPlaces(maxKnown)
		p.former = old.at
		k.places.Store(p)
		return p
	}
	p := newKnownPlaces(2 * len(old.at))
	for i := range old.at {
		known := &old.at[i]
		if tag := keyTag(known.tag.Load()); tag != 0 {
			p.put(valueID{known.id.Load(), uint32(tag >> 32)}, tag, [2]uint64{known.sum[0].Load(), known.sum[1].Load()})
		}
	}
	k.places.Store(p)
	return p
}
