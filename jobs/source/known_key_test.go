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
	if n := len(k.forks[0].known.places); n < 8*minKnown {
		t.Errorf("%d places: the table did not grow", n)
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
