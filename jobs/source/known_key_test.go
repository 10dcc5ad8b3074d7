package source

import (
	"fmt"
	"sync"
	"testing"
)

// What is remembered is what would be made anew: by any rule, for many more values than
// there is room for at first, from several goroutines at once.
func TestKnownKeys(t *testing.T) {
	k := testKeyer(t)
	var all sync.WaitGroup
	for i := range 3 {
		fork, err := k.fork(i)
		if err != nil {
			t.Fatal(err)
		}
		fresh := testKeyer(t)
		all.Go(func() {
			for i := range 6 * minKnown {
				raw := fmt.Sprintf("person%d@example.org", i%(4*minKnown))
				for _, rule := range []struct {
					id   IDRule
					hash HashRule
				}{{Email, Plain}, {Email, Gmail}, {Opaque, ""}} {
					got, broken := fork.Keys(rule.id, rule.hash, raw)
					want, _ := fresh.make(rule.id, rule.hash, raw)
					if broken != "" || fmt.Sprint(got) != fmt.Sprint(want) {
						t.Errorf("%s %s %s: got %v %s, want %v", raw, rule.id, rule.hash, got, broken, want)
						return
					}
				}
			}
		})
	}
	all.Wait()
	if n := len(k.forks[0].known.places.Load().at); n < 8*minKnown {
		t.Errorf("%d places: the table did not grow", n)
	}
}

// Where there is no room for all, what is met again and again is kept.
func TestKnownKeysAreKeptWhenMetAgain(t *testing.T) {
	k := newKnownKeys()
	keyer := testKeyer(t)
	often := k.identify(1, "often")
	k.add(often, []Key{{"", keyer.digest("often")}})
	forgotten := 0
	for i := range 3 * maxKnown {
		k.add(k.identify(1, fmt.Sprint(i)), []Key{{Plain, keyer.digest("any")}})
		if i%1000 == 0 {
			if keys, ok := k.find(often, nil, keyer.digits); !ok || keys[0].ID != keyer.digest("often") {
				t.Fatalf("after %d others: %v %v", i, keys, ok)
			}
		}
	}
	for i := range 3 * maxKnown {
		if _, ok := k.find(k.identify(1, fmt.Sprint(i)), nil, keyer.digits); !ok {
			forgotten++
		}
	}
	if len(k.places.Load().at) != maxKnown || forgotten < maxKnown {
		t.Errorf("%d places, %d of %d forgotten", len(k.places.Load().at), forgotten, 3*maxKnown)
	}
}

func testKeyer(t *testing.T) *Keyer {
	t.Helper()
	k, err := NewKeyer(testSecret)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
