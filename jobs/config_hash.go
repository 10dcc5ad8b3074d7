package jobs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"ghostlight/jobs/source"
)

// Hash is the SHA-256, in hex, of the configuration that can change the
// report of a study: its sources with the workspace's own packs that they use, the
// retention, the event dictionary and the study, with every default written out. The layout of the files, the engine's limits,
// the roots, the key, the schedule and other studies are left out. An unknown
// study has the empty hash.
func (w *Workspace) Hash(study string) string {
	s, ok := w.Studies[study]
	if !ok {
		return ""
	}
	s.Schedule = Schedule{}
	return jsonHash(struct {
		Version   int
		Sources   source.Config
		Events    map[string]Event
		Study     Study
		Retention Retention    `json:",omitzero"`
		Packs     source.Packs `json:",omitempty"`
	}{ConfigVersion, w.Sources, w.Events, s, w.Retention, w.ownPacks()})
}

// DictionaryHash is the SHA-256, in hex, of the event dictionary: equal for files that
// say the same in another order, or with the defaults written out.
func (w *Workspace) DictionaryHash() string { return dictionaryHash(w.Events) }

// dictionaryHash assumes normalised events.
func dictionaryHash(events map[string]Event) string {
	return jsonHash(struct {
		Version int
		Events  map[string]Event
	}{ConfigVersion, events})
}

// jsonHash is the SHA-256, in hex, of what JSON makes of a valid configuration.
func jsonHash(config any) string {
	data, err := json.Marshal(config)
	if err != nil { // what is valid holds finite numbers and text only
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
