//go:build !linux

package jobs

import (
	"fmt"
	"runtime"
)

func diskFree(string) (free uint64, network string, err error) {
	return 0, "", fmt.Errorf("not read on %s", runtime.GOOS)
}

func memoryTotal() (uint64, error) { return 0, fmt.Errorf("not read on %s", runtime.GOOS) }
