//go:build unix

package warehouse

import "syscall"

// privateFiles makes files created from now on readable by this user only, until
// the returned function is called. The mask belongs to the process, so it is held
// for the short time in which the engine creates its files.
func privateFiles() (restore func()) {
	old := syscall.Umask(0o077)
	return func() { syscall.Umask(old) }
}
