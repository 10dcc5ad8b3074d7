//go:build !linux

package main

import (
	"fmt"
	"os"
	"os/exec"
)

// unprivileged runs a command as it is: away from Linux tests do not run as root.
func unprivileged() {
	cmd := exec.Command(os.Args[1], os.Args[2:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(cmd.ProcessState.ExitCode())
	}
}
