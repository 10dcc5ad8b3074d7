//go:build !linux

package warehouse

import (
	"os/exec"
	"testing"
)

// serverUser starts the server's programs as the user of the test.
func serverUser(_ *testing.T, dir string) func(name string, args ...string) *exec.Cmd {
	return func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(name, args...)
		cmd.Dir = dir
		return cmd
	}
}
