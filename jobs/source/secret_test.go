package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestSecretIsNotShown: a secret prints, logs and marshals as something else.
func TestSecretIsNotShown(t *testing.T) {
	s := Secret("hunter2")
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("a", "secret", s, "in", []Secret{s})
	slog.New(slog.NewTextHandler(&log, nil)).Info("a", "secret", s, "in", struct{ S Secret }{s})
	marshalled, err := json.Marshal(map[string]any{"a": s, "b": struct{ S Secret }{s}})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q %x %d", s, s, s, s, s, s, s), fmt.Sprintf("%v %+v", struct{ S Secret }{s}, &struct{ S Secret }{s}),
		fmt.Errorf("a: %v", s).Error(), log.String(), string(marshalled),
	} {
		if strings.Contains(text, "hunter2") || strings.Contains(text, "68756e74657232") || !strings.Contains(text, redacted) {
			t.Errorf("shown: %s", text)
		}
	}
	if string(s) != "hunter2" {
		t.Error("lost")
	}
}

func TestReadSecret(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"good": 0o600, "owner_reads": 0o400, "group": 0o640, "world": 0o604, "usual": 0o644} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(" hunter2\n"), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	err := errors.Join(os.WriteFile(filepath.Join(dir, "empty"), []byte("\n"), 0o600), os.WriteFile(filepath.Join(dir, "long"), make([]byte, maxSecretBytes+1), 0o600),
		os.Mkdir(filepath.Join(dir, "folder"), 0o700), syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	secrets := Secrets{Dir: dir, Env: func(name string) (string, bool) {
		return map[string]string{"SET": "hunter2", "BLANK": " "}[name], name != "UNSET"
	}}
	for _, c := range []struct {
		ref  KeyRef
		want string // "" is the secret
	}{
		{KeyRef{Env: "SET"}, ""},
		{KeyRef{Env: "UNSET"}, "environment variable UNSET is not set"},
		{KeyRef{Env: "BLANK"}, "environment variable BLANK is not set"},
		{KeyRef{File: "good"}, ""},
		{KeyRef{File: filepath.Join(dir, "good")}, ""},
		{KeyRef{File: "owner_reads"}, ""},
		{KeyRef{File: "group"}, "others can read file group (mode 0640) (hint: chmod 600 group)"},
		{KeyRef{File: "world"}, "others can read file world (mode 0604)"},
		{KeyRef{File: "usual"}, "others can read file usual (mode 0644)"},
		{KeyRef{File: "none"}, "there is no file none"},
		{KeyRef{File: "empty"}, "file empty is empty"},
		{KeyRef{File: "long"}, "file long is larger than 64 KiB"},
		{KeyRef{File: "folder"}, "folder is not a regular file"},
		{KeyRef{File: "pipe"}, "pipe is not a regular file"},
	} {
		got, err := secrets.Read("connections.shop.dsn", c.ref)
		if c.want == "" {
			if err != nil || string(got) != "hunter2" {
				t.Errorf("%v: %v", c.ref, err)
			}
			continue
		}
		var refused *SecretError
		if !errors.As(err, &refused) || !strings.HasPrefix(err.Error(), "connections.shop.dsn: "+c.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v: %v", c.ref, err)
		}
	}
}
