package directory

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// enrolment is what who would take part says of itself.
type enrolment struct {
	OrgName            string   `json:"org_name"`
	ClientName         string   `json:"client_name"`
	RedirectURIs       []string `json:"redirect_uris"`
	Roles              []string `json:"roles"`
	JWKSURI            string   `json:"jwks_uri"`
	CertificateRequest string   `json:"certificate_request"`
}

// maxURIs bounds the redirect URIs of a software; its statement has to fit into a
// request.
const maxURIs = 50

var errEnrolment = errors.New("org_name, client_name, redirect_uris (1 to 50), roles and certificate_request (PEM) are required")

// enrol makes a participant of whoever asks: a real directory would look at papers
// first. Its certificate names what the directory gave it, and no wish of its own.
func (d *Directory) enrol(w http.ResponseWriter, r *http.Request) {
	body, ok := read(w, r, maxRequest)
	if !ok {
		return
	}
	var asked enrolment
	if err := json.Unmarshal(body, &asked); err != nil || asked.OrgName == "" || asked.ClientName == "" ||
		len(asked.RedirectURIs) == 0 || len(asked.RedirectURIs) > maxURIs || len(asked.Roles) == 0 {
		fail(w, http.StatusBadRequest, errEnrolment.Error())
		return
	}
	block, _ := pem.Decode([]byte(asked.CertificateRequest))
	if block == nil {
		fail(w, http.StatusBadRequest, errEnrolment.Error())
		return
	}
	request, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		fail(w, http.StatusBadRequest, "the certificate request cannot be read")
		return
	}
	p := Participant{
		OrgID: "org-" + oauth.NewID(), OrgName: asked.OrgName, Status: active, SoftwareID: "software-" + oauth.NewID(),
		ClientName: asked.ClientName, RedirectURIs: asked.RedirectURIs, Roles: asked.Roles, JWKSURI: asked.JWKSURI,
		Key: keyHash(request.RawSubjectPublicKeyInfo),
	}
	chain, err := d.ca.SignParticipant(request, p.subject())
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	if err := d.participants.put(p); err != nil {
		d.notKept(w, r, err)
		return
	}
	writeJSON(w, http.StatusCreated, map[string]string{"org_id": p.OrgID, "software_id": p.SoftwareID, "certificate": string(chain)})
}

// userID is the attribute UID, RFC 4519 §2.39.
var userID = asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}

// subject is how a certificate tells whose it is: OU the organisation, UID the
// software.
func (p Participant) subject() pkix.Name {
	return pkix.Name{
		Organization: []string{p.OrgName}, OrganizationalUnit: []string{p.OrgID}, CommonName: p.ClientName,
		ExtraNames: []pkix.AttributeTypeAndValue{{Type: userID, Value: p.SoftwareID}},
	}
}

func keyHash(publicKey []byte) string {
	sum := sha256.Sum256(publicKey)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (d *Directory) notKept(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errFull) {
		fail(w, http.StatusInsufficientStorage, "the directory is full")
		return
	}
	d.log.ErrorContext(r.Context(), "not kept", "cause", err)
	fail(w, http.StatusInternalServerError, "it could not be kept")
}

// listing is the participants document: who takes part, and how they stand. The
// directory itself is the first, so that the list is never empty.
func (d *Directory) listing(w http.ResponseWriter, _ *http.Request) {
	type entry struct {
		OrgID   string `json:"org_id"`
		OrgName string `json:"org_name"`
		Status  string `json:"status"`
	}
	list := []entry{{"directory", "Sandbox directory", active}}
	for _, p := range d.participants.all() {
		list = append(list, entry{p.OrgID, p.OrgName, p.Status})
	}
	writeJSON(w, http.StatusOK, map[string][]entry{"participants": list})
}

// setStatus suspends a participant, or lets it in again, for the operator of the
// directory.
func (d *Directory) setStatus(w http.ResponseWriter, r *http.Request) {
	if operator := d.cfg.OperatorToken.Reveal(); operator == "" || !oauth.Equal(bearer(r), operator) {
		refuse(w, http.StatusUnauthorized, oauth.CodeInvalidToken, "the operator's token is required")
		return
	}
	body, ok := read(w, r, maxRequest)
	if !ok {
		return
	}
	var asked struct {
		Status string `json:"status"`
	}
	if json.Unmarshal(body, &asked) != nil || asked.Status != active && asked.Status != suspended {
		fail(w, http.StatusBadRequest, "status must be active or suspended")
		return
	}
	p, ok := d.participants.byOrg(r.PathValue("org_id"))
	if !ok {
		fail(w, http.StatusNotFound, "there is no such participant")
		return
	}
	p.Status = asked.Status
	if err := d.participants.put(p); err != nil {
		d.notKept(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
