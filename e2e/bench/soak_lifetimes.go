package main

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"go.yaml.in/yaml/v3"
)

// The soak's own lifetimes: what is kept for months in production must come and
// go several times while it runs.
const (
	soakRequest = 30 * time.Second
	soakSession = time.Minute
	soakCode    = 30 * time.Second
	soakToken   = time.Minute
	soakRefresh = 2 * time.Minute
	soakSweep   = 15 * time.Second
	// soakLife is that of a grant and of its authorization: code and refresh token.
	soakLife = soakCode + soakRefresh
)

// kept is how long a row stays in its table: its life, what docs/stores.md adds, and
// until the next sweep finds it.
var kept = map[string]time.Duration{
	"authorize.user_grant":      soakLife + soakRequest + soakSession + 2*soakSweep,
	"token.token_authorization": soakLife + 2*soakSweep,
}

// shorten writes the soak's lifetimes and its interval of sweeps into what
// `sandbox init` wrote.
func shorten(dir string) error {
	life := map[string]any{
		"request_uri": soakRequest.String(), "session": soakSession.String(), "code": soakCode.String(),
		"access_token": soakToken.String(), "refresh_token": soakRefresh.String(), "id_token": soakToken.String(),
	}
	issuers, err := filepath.Glob(filepath.Join(dir, "issuers", "*.yaml"))
	faults := []error{err}
	for _, file := range issuers {
		faults = append(faults, change(file, func(c map[string]any) { c["lifetimes"] = life }))
	}
	for _, name := range []string{"authorize", "token"} {
		faults = append(faults, change(filepath.Join(dir, "config", name+".yaml"), func(c map[string]any) {
			c["sql"].(map[string]any)["sweep"] = soakSweep.String()
		}))
	}
	return errors.Join(faults...)
}

// change changes a YAML file.
func change(file string, how func(map[string]any)) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	members := map[string]any{}
	if err := yaml.Unmarshal(text, &members); err != nil {
		return err
	}
	how(members)
	if text, err = yaml.Marshal(members); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}
