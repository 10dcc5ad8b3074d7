package warehouse

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLayoutIsRaised fails when columns of tables that outlive a run change under the
// same layout: raise layout then, and note what it prints.
func TestLayoutIsRaised(t *testing.T) {
	golden, err := os.ReadFile(filepath.Join("testdata", "catalog.golden"))
	if err != nil {
		t.Fatal(err)
	}
	print := sha256.New()
	for line := range strings.Lines(string(golden)) {
		if !strings.HasPrefix(line, "model.") {
			fmt.Fprint(print, line)
		}
	}
	const of4 = "e15da0198c45dc60"
	if got := fmt.Sprintf("%.8x", print.Sum(nil)); layout != 4 || got != of4 {
		t.Errorf("layout %d has columns of print %s, noted is %s for layout 4", layout, got, of4)
	}
}
