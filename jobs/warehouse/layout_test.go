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
	const of6 = "5c6504c16eb9187c"
	if got := fmt.Sprintf("%.8x", print.Sum(nil)); layout != 6 || got != of6 {
		t.Errorf("layout %d has columns of print %s, noted is %s for layout 6", layout, got, of6)
	}
}
