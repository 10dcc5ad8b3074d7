package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// maxSecretBytes bounds a secret file: the longest is a service account's JSON.
const maxSecretBytes = 64 << 10

// Secret is a text that must not be shown. It prints, logs and marshals as
// [redacted]; string(s) is the text itself.
type Secret string

const redacted = "[redacted]"

// String is not the secret.
func (Secret) String() string { return redacted }

// Format is not the secret under any verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText is not the secret.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue is not the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// Secrets reads what references point to: environment variables by Env, files
// relative to Dir.
type Secrets struct {
	Dir string
	Env func(string) (string, bool)
}

// SecretError says why a secret cannot be read. It never holds the secret.
type SecretError struct {
	Path          string // where the reference stands in ghostlight.yaml, such as connections.shop.dsn
	Problem, Hint string
	Err           error // cause, may be nil
}

func (e *SecretError) Error() string {
	return e.Path + ": " + e.Problem + " (hint: " + e.Hint + ")"
}

// Unwrap returns the cause.
func (e *SecretError) Unwrap() error { return e.Err }

// Read reads the secret that stands behind the reference at path, without the
// white space around it. A file must be a regular one that its owner alone can
// read. The error is a *SecretError.
func (s Secrets) Read(path string, ref KeyRef) (Secret, error) {
	fail := func(err error, problem, hint string) (Secret, error) {
		return "", &SecretError{Path: path, Problem: problem, Hint: hint, Err: err}
	}
	if ref.Env != "" {
		value, ok := s.Env(ref.Env)
		if value = strings.TrimSpace(value); !ok || value == "" {
			return fail(nil, "environment variable "+ref.Env+" is not set", "export it, or name another one")
		}
		return Secret(value), nil
	}
	name := filepath.FromSlash(ref.File)
	if !filepath.IsAbs(name) {
		name = filepath.Join(s.Dir, name)
	}
	file, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return fail(err, "there is no file "+ref.File, "write the secret into it and chmod 600 it")
	}
	if err != nil {
		return fail(err, "file "+ref.File+" cannot be opened: "+reason(err), "this user must be able to read it")
	}
	defer file.Close() // opened for reading: nothing can be lost
	info, err := file.Stat()
	switch {
	case err != nil:
		return fail(err, "file "+ref.File+" cannot be examined: "+reason(err), "this user must be able to read it")
	case !info.Mode().IsRegular():
		return fail(nil, ref.File+" is not a regular file", "write the secret into a file")
	case info.Mode().Perm()&0o077 != 0:
		return fail(nil, fmt.Sprintf("others can read file %s (mode %04o)", ref.File, info.Mode().Perm()), "chmod 600 "+ref.File)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxSecretBytes+1))
	value := strings.TrimSpace(string(text))
	switch {
	case err != nil:
		return fail(err, "file "+ref.File+" cannot be read: "+reason(err), "this user must be able to read it")
	case len(text) > maxSecretBytes:
		return fail(nil, "file "+ref.File+" is larger than 64 KiB", "a secret is shorter: name its file")
	case value == "":
		return fail(nil, "file "+ref.File+" is empty", "write the secret into it")
	}
	return Secret(value), nil
}
