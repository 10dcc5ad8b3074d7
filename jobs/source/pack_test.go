package source

import "testing"

func TestPacks(t *testing.T) {
	packs, err := BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"meta_capi", "shopify_orders"} {
		if packs[name] == nil {
			t.Errorf("no pack %s", name)
		}
	}
}
