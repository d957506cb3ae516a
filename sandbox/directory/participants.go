package directory

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Participant is an organisation of the trust framework and its one software.
type Participant struct {
	OrgID        string   `json:"org_id"`
	OrgName      string   `json:"org_name"`
	Status       string   `json:"status"`
	SoftwareID   string   `json:"software_id"`
	ClientName   string   `json:"client_name"`
	RedirectURIs []string `json:"redirect_uris"`
	Roles        []string `json:"roles"`
	JWKSURI      string   `json:"jwks_uri,omitempty"`
	// Key is the SHA-256 of the public key in its certificate, base64url.
	Key string `json:"key"`
}

// How a participant stands.
const (
	active    = "active"
	suspended = "suspended"
)

// register keeps the participants, all of them in one file.
type register struct {
	file  string
	limit int

	mu   sync.Mutex
	byID map[string]Participant // by org_id
}

// openRegister reads what an earlier start left.
func openRegister(folder string, limit int) (*register, error) {
	r := &register{file: filepath.Join(folder, "participants.json"), limit: limit, byID: map[string]Participant{}}
	text, err := os.ReadFile(r.file)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	return r, json.Unmarshal(text, &r.byID)
}

// put keeps a participant, new or changed.
func (r *register) put(p Participant) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.byID[p.OrgID]; !known && len(r.byID) >= r.limit {
		return errFull
	}
	changed := maps.Clone(r.byID)
	changed[p.OrgID] = p
	text, err := json.Marshal(changed)
	if err != nil {
		return err
	}
	if err := os.WriteFile(r.file+written, text, 0o600); err != nil {
		return err
	}
	if err := os.Rename(r.file+written, r.file); err != nil {
		return err
	}
	r.byID = changed
	return nil
}

func (r *register) byOrg(orgID string) (Participant, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, ok := r.byID[orgID]
	return p, ok
}

func (r *register) bySoftware(softwareID string) (Participant, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.byID {
		if p.SoftwareID == softwareID {
			return p, true
		}
	}
	return Participant{}, false
}

// all are the participants, ordered by org_id.
func (r *register) all() []Participant {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]Participant, 0, len(r.byID))
	for _, id := range slices.Sorted(maps.Keys(r.byID)) {
		list = append(list, r.byID[id])
	}
	return list
}
