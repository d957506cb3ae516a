package credential

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/strongroom-fapi/strongroom/fapi/metadata"
)

// Registration is what a client asks for.
type Registration struct {
	// Endpoint is the registration_endpoint of the issuer's metadata.
	Endpoint string
	Issuer   string
	// InitialAccessToken lets its bearer register.
	InitialAccessToken string
	Metadata           metadata.Client
}

// Ensure answers the credential in a file, or registers a client with a key of
// its own and writes the file.
func Ensure(ctx context.Context, client *http.Client, path string, registration Registration) (f *File, registered bool, err error) {
	f, err = Load(path)
	if err == nil || !errors.Is(err, os.ErrNotExist) {
		return f, false, err
	}
	f, err = Register(ctx, client, registration)
	if err != nil {
		return nil, false, err
	}
	return f, true, f.Save(path)
}

// Register registers a client with a fresh ES256 key (RFC 7591 §3).
func Register(ctx context.Context, client *http.Client, registration Registration) (*File, error) {
	key, err := NewPrivateKey()
	if err != nil {
		return nil, err
	}
	set := PrivateSet{Keys: []PrivateKey{key}}
	public, err := set.Public()
	if err != nil {
		return nil, err
	}
	registration.Metadata.JWKS = metadata.Document(public)
	information, err := post(ctx, client, registration)
	if err != nil {
		return nil, err
	}
	f := &File{
		Issuer:                  registration.Issuer,
		ClientID:                information.ClientID,
		TokenEndpointAuthMethod: information.TokenEndpointAuthMethod,
		Resource:                information.Resource,
		JWKS:                    set,
		RegistrationAccessToken: information.RegistrationAccessToken,
		RegistrationClientURI:   information.RegistrationClientURI,
	}
	if len(information.RedirectURIs) > 0 {
		f.RedirectURI = information.RedirectURIs[0]
	}
	return f, nil
}

func post(ctx context.Context, client *http.Client, registration Registration) (*metadata.Information, error) {
	body, err := json.Marshal(registration.Metadata)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, registration.Endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+registration.InitialAccessToken)
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusCreated {
		return nil, fmt.Errorf("registration: %s: %s", resp.Status, answer)
	}
	var information metadata.Information
	return &information, json.Unmarshal(answer, &information)
}
