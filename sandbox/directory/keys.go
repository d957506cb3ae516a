package directory

import (
	"errors"
	"io/fs"
	"net/http"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
)

// put keeps a JWK set as it is. It must hold public keys only, and none that is
// weak or broken (BAD-18); kinds that the suite does not serve may be among them.
func (d *Directory) put(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if !validName(name) {
		fail(w, http.StatusBadRequest, "a name has 1 to 64 of the characters A-Z a-z 0-9 . _ -")
		return
	}
	set, ok := read(w, r, jose.MaxKeySet)
	if !ok {
		return
	}
	if _, err := jose.ParseKeySet(set); err != nil {
		fail(w, http.StatusBadRequest, "the JWK set is refused: "+err.Error())
		return
	}
	switch created, err := d.keys.put(name, set); {
	case errors.Is(err, errFull):
		fail(w, http.StatusInsufficientStorage, "the directory is full")
	case err != nil:
		d.log.ErrorContext(r.Context(), "key set not kept", "cause", err)
		fail(w, http.StatusInternalServerError, "the JWK set could not be kept")
	case created:
		w.WriteHeader(http.StatusCreated)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// get serves a JWK set. It is not to be cached: the next request may be after a
// key was withdrawn.
func (d *Directory) get(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if !validName(name) {
		fail(w, http.StatusNotFound, "there is no such key set")
		return
	}
	set, err := d.keys.get(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		fail(w, http.StatusNotFound, "there is no such key set")
	case err != nil:
		d.log.ErrorContext(r.Context(), "key set not read", "cause", err)
		fail(w, http.StatusInternalServerError, "the JWK set could not be read")
	default:
		w.Header().Set("Content-Type", "application/jwk-set+json")
		_, _ = w.Write(set) //nolint:gosec // a JWK set that was parsed before it was kept, sent as JSON with nosniff
	}
}

func validName(name string) bool {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
	return name != "" && len(name) <= 64 && strings.Trim(name, allowed) == ""
}
