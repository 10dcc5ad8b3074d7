//go:build !unix

package warehouse

// privateFiles does nothing where the system has no file mode mask; the folder's
// own rights protect the file there.
func privateFiles() (restore func()) { return func() {} }
