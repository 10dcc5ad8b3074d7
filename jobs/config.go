package jobs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"ghostlight/jobs/source"
	"ghostlight/jobs/warehouse"
)

// ConfigVersion is the version of the configuration files that this program
// reads.
const ConfigVersion = 1

// Files of a workspace.
const (
	workspaceFile = "ghostlight.yaml"
	eventsFile    = "events.yaml"
	studiesFolder = "studies"
	packsFolder   = "packs"
)

// Workspace is the whole configuration of a folder: ghostlight.yaml,
// events.yaml, studies/*.yaml and packs/*.yaml, valid and with every default written out.
type Workspace struct {
	Dir      string // as it was given to LoadWorkspace
	Engine   warehouse.Config
	Identity source.Identity
	Roots    []string // folders below which source files lie, relative to Dir
	Sources  source.Config
	// Connections to stores and databases that sources name.
	Connections source.Connections
	// Retention says how old rows may become.
	Retention Retention
	Events    map[string]Event // by name
	Studies   map[string]Study // by name
	Packs     source.Packs     // those of the workspace itself, by name
}

// workspaceConfig is ghostlight.yaml.
type workspaceConfig struct {
	Version  int              `yaml:"version" jsonschema:"required,enum=1,description=Version of this file's format."`
	Engine   warehouse.Config `yaml:"engine" jsonschema:"description=Limits of the engine."`
	Identity source.Identity  `yaml:"identity" jsonschema:"description=Where the key of all identifiers is kept."`
	Roots    []string         `yaml:"roots" jsonschema:"minItems=1,description=Folders below which source files lie. Relative to the workspace."`
	Sources  source.Config    `yaml:"sources" jsonschema:"required,description=Where rows come from."`
	// Connections to stores and databases, by the name that sources give.
	Connections source.Connections `yaml:"connections,omitempty"`

	Retention Retention `yaml:"retention,omitempty" jsonschema:"description=How old rows may become before they are deleted for good. What is left out is kept."`
}

// eventsConfig is events.yaml.
type eventsConfig struct {
	Version int              `yaml:"version" jsonschema:"required,enum=1,description=Version of this file's format."`
	Events  map[string]Event `yaml:"events" jsonschema:"required,description=Events by canonical name."`
}

// LoadWorkspace reads the configuration of a folder. When anything is wrong
// with it the error is a *ConfigError with every problem of every file; other
// errors are those of reading the folder.
//
// Files outside the folder, also behind links, are not read. A workspace
// needs at least one source, one event and one study.
func LoadWorkspace(dir string) (*Workspace, error) {
	l := &loader{docs: map[string]*document{}, studies: map[string]Study{}}
	root, err := os.OpenRoot(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		l.missing()
		return nil, l.err()
	case err != nil:
		return nil, fmt.Errorf("open workspace: %w", err)
	}
	defer root.Close() // opened for reading: nothing can be lost
	l.root = root
	if err := l.load(); err != nil {
		return nil, err
	}
	l.validate()
	if err := l.err(); err != nil {
		return nil, err
	}
	w := &Workspace{
		Dir: dir, Engine: l.main.Engine, Identity: l.main.Identity, Roots: l.main.Roots,
		Sources: l.main.Sources.Normalise(), Connections: l.main.Connections, Retention: l.main.Retention, Events: l.events.Events, Studies: l.studies, Packs: l.own,
	}
	for name, e := range w.Events {
		w.Events[name] = e.normalise()
	}
	for name, s := range w.Studies {
		w.Studies[name] = s.normalise()
	}
	return w, nil
}

// StudyNames are the names of the studies in order.
func (w *Workspace) StudyNames() []string { return slices.Sorted(maps.Keys(w.Studies)) }

// EventNames are the canonical names of the events in order.
func (w *Workspace) EventNames() []string { return slices.Sorted(maps.Keys(w.Events)) }

// UnknownStudyError says that a workspace has no study of that name.
type UnknownStudyError struct{ Name, Hint string }

func (e *UnknownStudyError) Error() string {
	return fmt.Sprintf("unknown study %s, %s", quoted(e.Name), e.Hint)
}

// Study finds a study; the error is an *UnknownStudyError.
func (w *Workspace) Study(name string) (Study, error) {
	if s, ok := w.Studies[name]; ok {
		return s, nil
	}
	return Study{}, &UnknownStudyError{Name: name, Hint: didYouMean(name, w.StudyNames())}
}

// loader is a workspace while it is read.
type loader struct {
	root    *os.Root
	docs    map[string]*document // by file
	main    workspaceConfig
	packs   source.Packs // built-in and own
	own     source.Packs
	faulty  []string // names of own packs that cannot be used
	events  eventsConfig
	studies map[string]Study // by file name without .yaml
}

func (l *loader) document(file string) *document {
	if l.docs[file] == nil {
		l.docs[file] = newDocument(file)
	}
	return l.docs[file]
}

func (l *loader) err() error {
	var problems []Problem
	for _, d := range l.docs {
		problems = append(problems, d.problems...)
	}
	return configError(problems)
}

func (l *loader) missing() {
	l.document(workspaceFile).fail(position{1, 1}, "the file is missing", "ghostlight init makes a workspace")
}

func (l *loader) load() error {
	l.main = defaultWorkspaceConfig()
	l.read(workspaceFile, &l.main, &l.main.Version)
	l.readQueries()
	if err := l.loadPacks(); err != nil {
		return err
	}
	l.main.Sources = l.main.Sources.With(l.packs)
	l.events = defaultEventsConfig()
	l.read(eventsFile, &l.events, &l.events.Version)
	for name, file := range l.folder(studiesFolder) {
		study := defaultStudy()
		l.read(file, &study, &study.Version)
		l.studies[name] = study
	}
	if len(l.studies) == 0 {
		l.document(studiesFolder).fail(position{1, 1}, "there is no study", "write studies/<name>.yaml")
	}
	return nil
}

// folder gives the YAML files of a folder that may be missing, each with its name
// without .yaml, in order.
func (l *loader) folder(dir string) iter.Seq2[string, string] {
	return func(yield func(name, file string) bool) {
		entries, err := fs.ReadDir(l.root.FS(), dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			l.document(dir).fail(position{1, 1}, "the folder cannot be read: "+cause(err), "")
			return
		}
		for _, entry := range entries {
			file := path.Join(dir, entry.Name())
			name, isYAML := strings.CutSuffix(entry.Name(), ".yaml")
			if strings.HasSuffix(file, ".yml") {
				l.document(file).fail(position{1, 1}, "the file would not be read", "name it .yaml")
			}
			if isYAML && !strings.HasPrefix(name, ".") && !yield(name, file) {
				return
			}
		}
	}
}

// read decodes one file. What is wrong with the file becomes a problem of its
// document.
func (l *loader) read(file string, target any, version *int) {
	d := l.document(file)
	data, err := l.bytes(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && file == workspaceFile:
		l.missing()
	case errors.Is(err, fs.ErrNotExist):
		d.fail(position{1, 1}, "the file is missing", "ghostlight init shows one")
	case err != nil:
		d.fail(position{1, 1}, "the file cannot be read: "+cause(err), "")
	default:
		d.decode(data, target)
		d.checkVersion(*version)
	}
}

// cause is an error without the path, which the problem names already.
func cause(err error) string {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err.Error()
	}
	return err.Error()
}

var errNotRegular = errors.New("not a regular file")

func (l *loader) bytes(file string) ([]byte, error) {
	info, err := l.root.Stat(file) // before Open: to open a pipe would wait for its writer
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	f, err := l.root.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close() // opened for reading: nothing can be lost
	return io.ReadAll(io.LimitReader(f, maxFileBytes+1))
}

// checkVersion also withdraws the other problems of a file that is newer
// than the program: it may be right.
func (d *document) checkVersion(version int) {
	switch {
	case d.broken || d.lost["version"]:
	case !d.has("version"):
		d.add("version", "version is missing", fmt.Sprintf("write version: %d", ConfigVersion))
	case version > ConfigVersion:
		d.problems = nil
		d.fail(d.position("version"), fmt.Sprintf("version %d is newer than this program reads (%d)", version, ConfigVersion), "use a newer ghostlight")
	case version < ConfigVersion:
		d.add("version", fmt.Sprintf("version %d is not known", version), fmt.Sprintf("write version: %d", ConfigVersion))
	}
}

// studyDocument reads where the keys of a study stand in its file.
func (w *Workspace) studyDocument(name string) (*document, error) {
	root, err := os.OpenRoot(w.Dir)
	if err != nil {
		return nil, fmt.Errorf("open workspace: %w", err)
	}
	defer root.Close() // opened for reading: nothing can be lost
	l := &loader{root: root, docs: map[string]*document{}}
	study, file := defaultStudy(), path.Join(studiesFolder, name+".yaml")
	l.read(file, &study, &study.Version)
	return l.document(file), l.err()
}
